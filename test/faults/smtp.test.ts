import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seconds } from '../../src/base/clock.ts';
import { smtpMailer } from '../../src/mail/smtp-mailer.ts';
import { type SmtpServer, smtpServer } from '../kit/smtp-server.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';
import { createWorld, type World } from '../kit/world.ts';

describe('A mail server behind a cable that breaks', () => {
  let smtp: SmtpServer;
  let cable: TcpProxy;
  let world: World;

  beforeAll(async () => {
    smtp = await smtpServer();
    cable = await tcpProxy({ host: '127.0.0.1', port: Number(new URL(smtp.url).port) });
    await cable.refuse();
    world = await createWorld({ smtpUrl: `smtp://127.0.0.1:${cable.port}` });
    const person = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };
    expect((await world.browser().post('/sign-up/email', person)).status).toBe(200);
    await world.app.drainJobs();
  });
  afterAll(async () => {
    await world?.close();
    await cable?.close();
    await smtp?.close();
  });

  const askForMail = async () => {
    const { status } = await world.browser().post('/request-password-reset', { email: 'ada@example.com' });
    expect(status).toBe(200);
  };
  /** A try, and another one after the pause that a first failure brings. */
  const tryTwice = async () => {
    await world.app.drainJobs();
    world.clock.advance(seconds(10));
    await world.app.drainJobs();
  };
  const ready = async () => (await fetch(`${world.url}/readyz`)).status;

  test('absent at the start: the server serves, and the mail is sent once there is one', async () => {
    await askForMail();
    await world.app.drainJobs();
    expect([smtp.received.length, await ready()]).toEqual([0, 200]);
    await cable.restore();
    world.clock.advance(seconds(10));
    await world.app.drainJobs();
    expect(smtp.received).toHaveLength(2); // of the sign-up and of the reset
  });

  test.each(['cut', 'refuse'] as const)('%s while it is idle: each mail is sent once', async (what) => {
    const before = smtp.received.length;
    await cable[what]();
    await askForMail();
    await world.app.drainJobs();
    expect(await ready()).toBe(200);
    await cable.restore();
    await tryTwice();
    expect(smtp.received).toHaveLength(before + 1);
  });

  test('cut while mails are under way: none is lost', async () => {
    const before = smtp.received.length;
    cable.hang();
    await askForMail();
    const working = world.app.drainJobs();
    await new Promise((resolve) => setImmediate(resolve));
    await cable.restore(); // which breaks what hung
    await working;
    await tryTwice();
    expect(smtp.received).toHaveLength(before + 1);
  });

  test('hanging: a delivery gives up within its bound', async () => {
    cable.hang();
    const waits = { connectionTimeout: 100, greetingTimeout: 100, socketTimeout: 100 };
    const mailer = smtpMailer({ url: `smtp://127.0.0.1:${cable.port}`, waits });
    const from = { name: '', address: 'a@example.com' };
    const mail = { id: 'one', from, to: 'ada@example.com', subject: 's', text: 't', html: 'h' };
    await expect(mailer.deliver(mail)).rejects.toThrow(/^mail was not delivered: ETIMEDOUT at /);
    await mailer.close();
    await cable.restore();
  });
});
