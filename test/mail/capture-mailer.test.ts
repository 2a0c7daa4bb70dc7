import { describe, expect, test } from 'vitest';
import { uuidV7 } from '../../src/base/ids.ts';
import type { CapturedMail } from '../../src/core/jobs/job.ts';
import type { Tx } from '../../src/core/store.ts';
import { captureMailer, linksIn } from '../../src/mail/capture-mailer.ts';
import { testClock } from '../kit/clock.ts';
import { seededRandom } from '../kit/random.ts';

describe('Mail without a mail server', () => {
  test('is kept, with its links picked out', async () => {
    const kept: CapturedMail[] = [];
    const clock = testClock();
    const tx = { mail: { insert: async (mail: CapturedMail) => void kept.push(mail) } } as unknown as Tx;
    const mailer = captureMailer({
      store: { transaction: (work) => work(tx) },
      clock,
      ids: uuidV7(clock, seededRandom('mail')),
    });
    const mail = { to: 'a@example.com', subject: 's', text: 'Go:\nhttps://x.example/?t=1&u=2\n', html: '<p>' };
    await mailer.deliver({ id: 'job', from: { name: 'Shop, and more', address: 'no-reply@localhost' }, ...mail });
    expect(kept).toMatchObject([
      {
        ...mail,
        from: '"Shop, and more" <no-reply@localhost>',
        links: ['https://x.example/?t=1&u=2'],
        createdAt: clock.now(),
      },
    ]);
  });

  test('each link counts once', () => {
    expect(linksIn('https://a.example/1 and http://b.example\nhttps://a.example/1')).toEqual([
      'https://a.example/1',
      'http://b.example',
    ]);
    expect(linksIn('none')).toEqual([]);
  });
});
