import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PermanentFailure } from '../../src/base/permanent-failure.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import { deliveryFailure, smtpMailer, smtpOptions } from '../../src/mail/smtp-mailer.ts';
import { type SmtpServer, smtpServer } from '../kit/smtp-server.ts';

let server: SmtpServer;
let mailer: Mailer;
beforeEach(async () => {
  server = await smtpServer();
  mailer = smtpMailer({ url: server.url });
});
afterEach(async () => {
  await mailer.close();
  await server.close();
});

const from = { name: 'Latchkey', address: 'auth@example.com' };
const mail = {
  id: 'job-1',
  from,
  to: 'alice@example.org',
  subject: 'Hello',
  text: 'The text',
  html: '<p>The page</p>',
};

describe('Delivery over SMTP', () => {
  test('hands over text and HTML, with an id that is the same at every try', async () => {
    await mailer.deliver(mail);
    await mailer.deliver(mail);
    expect(server.received.map((one) => one.to)).toEqual(['alice@example.org', 'alice@example.org']);
    for (const { data } of server.received) {
      expect(data).toContain('From: Latchkey <auth@example.com>');
      expect(data).toContain('Subject: Hello');
      expect(data).toContain('Message-ID: <job-1@example.com>');
      expect(data).toContain('Auto-Submitted: auto-generated');
      expect(data).toContain('The text');
      expect(data).toContain('<p>The page</p>');
    }
  });

  test('an address is one recipient, whatever is in it', async () => {
    await mailer.deliver({ ...mail, to: 'a,b@example.org' }).catch(() => {});
    expect(server.received.map((one) => one.to).filter((to) => to === 'b@example.org')).toEqual([]);
  });

  test('a mailbox that does not exist is a permanent failure', async () => {
    server.answer('RCPT', '550 5.1.1 no such mailbox');
    await expect(mailer.deliver(mail)).rejects.toBeInstanceOf(PermanentFailure);
  });

  test('a message that is refused is a permanent failure, which does not quote the server', async () => {
    server.answer('END', '554 5.7.1 blocked: https://id.example.com/?token=canary');
    const failure = await mailer.deliver(mail).catch((fault) => fault);
    expect(failure).toBeInstanceOf(PermanentFailure);
    expect(String(failure)).toBe('PermanentFailure: mail was not delivered: 554 at DATA');
    expect(failure.cause).toBeUndefined();
  });

  test.each([
    ['RCPT', '450 4.2.0 greylisted'],
    ['END', '451 4.3.0 later'],
    ['MAIL', '530 5.7.0 authentication required'],
  ])('%s answered by "%s" is worth another try', async (command, reply) => {
    server.answer(command, reply);
    const failure = await mailer.deliver(mail).catch((fault) => fault);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(PermanentFailure);
  });

  test('so is a server that is away, and one that does not take our password', () => {
    const away = Object.assign(new Error(), { code: 'ECONNREFUSED', command: 'CONN' });
    const password = Object.assign(new Error(), { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 });
    for (const fault of [away, password]) expect(deliveryFailure(fault)).not.toBeInstanceOf(PermanentFailure);
  });
});

describe('TLS', () => {
  test('smtps: from the start', () => {
    expect(smtpOptions('smtps://mail.example.com')).toMatchObject({ secure: true, port: 465, requireTLS: false });
  });

  test('smtp: is insisted on where a password would go in clear', () => {
    expect(smtpOptions('smtp://us%40er:p%2Fw@mail.example.com')).toMatchObject({
      secure: false,
      port: 587,
      requireTLS: true,
      auth: { user: 'us@er', pass: 'p/w' },
    });
    expect(smtpOptions('smtp://relay:25')).toMatchObject({ port: 25, requireTLS: false });
    expect(smtpOptions('smtp://relay:25?requireTLS=true')).toMatchObject({ requireTLS: true });
  });
});
