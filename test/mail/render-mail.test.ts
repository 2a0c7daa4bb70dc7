import { describe, expect, test } from 'vitest';
import type { Instant } from '../../src/base/clock.ts';
import type { Mail, MailMessage } from '../../src/core/mail/mail.ts';
import { renderMail } from '../../src/mail/render-mail.ts';
import { browserInWords, lifeInWords } from '../../src/mail/words.ts';

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
const link = 'https://id.example.com/verify?token=abc&callback=%2Fhome';

const aMail = (message: MailMessage, change: Partial<Mail> = {}): Mail => ({
  to: 'alice@example.com',
  projectName: 'Acme',
  asked: { ip: '192.0.2.7', userAgent: firefox, at: Date.parse('2026-08-01T12:00:59Z') as Instant },
  message,
  ...change,
});

const newEmail = 'new@example.com';
/** Total: a new kind does not compile without a sample. */
const samples: { readonly [K in MailMessage['kind']]: Extract<MailMessage, { kind: K }> } = {
  verify_email: { kind: 'verify_email', link, lifeSeconds: 3600 },
  reset_password: { kind: 'reset_password', link, lifeSeconds: 3600 },
  confirm_email_change: { kind: 'confirm_email_change', link, newEmail, lifeSeconds: 3600 },
  verify_new_email: { kind: 'verify_new_email', link, lifeSeconds: 3600 },
  email_changed: { kind: 'email_changed', newEmail },
  delete_account: { kind: 'delete_account', link, lifeSeconds: 86_400 },
  already_registered: { kind: 'already_registered', resetLink: link },
  invitation: { kind: 'invitation', organizationName: 'Orchard', inviterName: 'Bob', link, lifeSeconds: 172_800 },
  api_key_leaked: { kind: 'api_key_leaked', keyName: 'ci', last4: 'a1b2' },
  notice: { kind: 'notice', notice: 'password_changed' },
  sign_in_link: { kind: 'sign_in_link', link, lifeSeconds: 300 },
  sign_in_otp: { kind: 'sign_in_otp', otp: 'A1B2C3', link, lifeSeconds: 3600 },
  sign_in_code: { kind: 'sign_in_code', code: '123456', lifeSeconds: 300 },
  verification_code: { kind: 'verification_code', code: '123456', lifeSeconds: 300 },
  reset_code: { kind: 'reset_code', code: '123456', lifeSeconds: 300 },
  second_factor_code: { kind: 'second_factor_code', code: '123456', lifeSeconds: 180 },
};

describe.each(Object.values(samples).map((message) => [message.kind, message] as const))('%s', (_, message) => {
  const { subject, text, html, to, id } = renderMail(aMail(message), 'job-1');

  test('is addressed, named after the application, and says what it is', () => {
    expect({ to, id }).toEqual({ to: 'alice@example.com', id: 'job-1' });
    // Of an invitation the subject names who invites (hexclave spec §1.14).
    expect(message.kind === 'invitation' ? text : subject).toContain('Acme');
    expect(html).toContain(`<title>${subject}</title>`);
  });

  test('says who asked, in plain words, and when', () => {
    for (const part of [text, html])
      expect(part).toContain('from 192.0.2.7 with Firefox on Windows, 2026-08-01 12:00 UTC.');
  });

  test('says what to do if it was somebody else', () => {
    for (const part of [text, html]) expect(part).toContain('If it was not you');
  });

  test('shows its link as a link and as text, unchanged', () => {
    const expected = 'link' in message || 'resetLink' in message;
    expect(text.split('\n').includes(link)).toBe(expected);
    expect(html.includes(`>${link.replaceAll('&', '&amp;')}</a>`)).toBe(expected);
    expect(html.match(/href="/g)?.length ?? 0).toBe(expected ? 2 : 0);
  });

  test('loads nothing from anywhere', () => {
    expect(html).not.toMatch(/<(?:img|script|link|iframe|style)|src=|url\(|@import/i);
  });

  test('can be read on a dark ground: only the button has colours', () => {
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html.replace(/<a [^>]*background-color[^>]*>/, '')).not.toMatch(/[^-]color:#(?!888888)|background/);
  });
});

describe('What people wrote', () => {
  const hostile = '"><img src=x onerror=alert(1)>\r\nBcc: victim@example.com';

  test('is escaped in HTML', () => {
    const { html } = renderMail(
      aMail({ ...samples.confirm_email_change, newEmail: hostile }, { projectName: hostile }),
      'job',
    );
    expect(html).not.toContain('<img');
    expect(html).toContain('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;');
  });

  test('cannot add a header through the subject', () => {
    const { subject } = renderMail(aMail(samples.verify_email, { projectName: hostile }), 'job');
    expect(subject).not.toMatch(/[\r\n]/);
  });

  test('in a User-Agent header does not reach the mail', () => {
    const asked = { ip: null, userAgent: 'Call 555-0100 to keep your account', at: 0 as Instant };
    const { text, html } = renderMail(aMail(samples.reset_password, { asked }), 'job');
    expect(text + html).not.toContain('555-0100');
    expect(text).toContain('with an unknown browser');
  });
});

test('an existing account without a reset link is told to sign in', () => {
  const { text, html } = renderMail(aMail({ kind: 'already_registered', resetLink: null }), 'job');
  expect(text).toContain('sign in instead');
  expect(html).not.toContain('href');
});

test('a code is in the text and in the HTML, once, and not in the subject, which lock screens show', () => {
  const { subject, text, html } = renderMail(aMail(samples.second_factor_code), 'job');
  expect(text.match(/123456/g)).toHaveLength(1);
  expect(html.match(/123456/g)).toHaveLength(1);
  expect(subject).not.toContain('123456');
});

describe('Words', () => {
  test.each([
    [60, '1 minute'],
    [180, '3 minutes'],
    [3600, '1 hour'],
    [5400, '90 minutes'],
    [86_400, '1 day'],
    [604_800, '7 days'],
    [59, '59 seconds'],
  ])('%i seconds are %s', (seconds, words) => expect(lifeInWords(seconds)).toBe(words));

  test.each([
    [firefox, 'Firefox on Windows'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      'Safari on Mac',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1',
      'Chrome on iPhone',
    ],
    ['curl/8.0', 'an unknown browser'],
    [null, 'an unknown browser'],
  ])('%s is %s', (userAgent, words) => expect(browserInWords(userAgent)).toBe(words));
});
