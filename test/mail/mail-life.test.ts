import { describe, expect, test } from 'vitest';
import { days, hours, type Instant, minutes, seconds } from '../../src/base/clock.ts';
import type { Mail, MailMessage } from '../../src/core/mail/mail.ts';
import { sendMail } from '../../src/jobs/handlers.ts';
import { livingMail } from '../../src/mail/mail-life.ts';
import type { RenderedMail } from '../../src/mail/mailer.ts';
import { testClock } from '../kit/clock.ts';

const asked = Date.parse('2026-08-01T12:00:00Z') as Instant;
const after = (ms: number) => (asked + ms) as Instant;
const aMail = (message: MailMessage): Mail => ({
  to: 'ada@example.com',
  projectName: 'Acme',
  asked: { ip: null, userAgent: null, at: asked },
  message,
});
const code = (lifeSeconds: number) => aMail({ kind: 'sign_in_code', code: '123456', lifeSeconds });
const lifeAfter = (lifeSeconds: number, waited: number) => {
  const living = livingMail(code(lifeSeconds), after(waited));
  return living && 'lifeSeconds' in living.message ? living.message.lifeSeconds : null;
};

describe('A mail that waited', () => {
  test('for seconds says what it was to say', () => expect(lifeAfter(300, seconds(59))).toBe(300));

  test.each([
    ['of five minutes, after two', 300, minutes(2), 180],
    ['of five minutes, after three and a half', 300, seconds(210), 90],
    ['of an hour, after ten and a half minutes', 3600, seconds(630), 2940],
    ['of two days, after an hour', 172_800, hours(1), hours(47) / 1000],
    ['of thirty days, after two and a bit', 2_592_000, days(2) + hours(3), days(27) / 1000],
  ])('with a life %s: what is left, and never more', (_, life, waited, left) => {
    expect(lifeAfter(life, waited)).toBe(left);
    expect(left * 1000).toBeLessThanOrEqual(life * 1000 - waited);
  });

  test('for longer than its code lives is not sent, and said to be late by its kind alone', async () => {
    const sent: RenderedMail[] = [];
    const late: string[] = [];
    const clock = testClock();
    const send = sendMail({
      mailer: { deliver: async (mail) => void sent.push(mail) },
      sender: (name) => ({ name, address: 'a@example.com' }),
      clock,
      onTooLate: (kind) => void late.push(kind),
    });
    const mail = { ...code(300), asked: { ip: null, userAgent: null, at: clock.now() } };
    clock.advance(seconds(299));
    await send({ kind: 'send_mail', mail }, { id: 'job', attempt: 1 });
    expect(sent).toHaveLength(1);
    expect(sent[0]!.text).toContain('It works once, for 1 second.');
    clock.advance(seconds(1));
    await send({ kind: 'send_mail', mail }, { id: 'job', attempt: 2 });
    expect(sent).toHaveLength(1);
    expect(late).toEqual(['sign_in_code']);
  });

  test('and brings news, not a code, is sent whenever it can be', () => {
    const news = aMail({ kind: 'notice', notice: 'password_changed' });
    expect(livingMail(news, after(days(3)))).toBe(news);
  });
});
