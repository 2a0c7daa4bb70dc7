import { describe, expect, test } from 'vitest';
import { hours } from '../../../src/base/clock.ts';
import { onOneEngine, password } from '../../kit/stage.ts';

onOneEngine('e-mail addresses', {}, (stage) => {
  /** Below the origin that asked. */
  const location = (reply: { headers: Headers }) => reply.headers.get('location')?.replace(stage.world.url, '');
  const linkFor = async (email: string, body: Record<string, unknown> = {}) => {
    await stage.browser().post('/send-verification-email', { email, ...body });
    return (await stage.world.mail(email)).links[0]!;
  };
  const bare = (link: string) => link.replace(/&callbackURL=.*/, '');

  describe('GET /verify-email', () => {
    test('without callbackURL it answers {status:true,user:null}, again and again while verified', async () => {
      const { email, browser } = await stage.member();
      const link = bare((await stage.world.mail(email)).links[0]!);
      for (const _time of [1, 2]) {
        const reply = await stage.browser().get(link);
        expect([reply.status, reply.text, reply.setCookies]).toEqual([200, '{"status":true,"user":null}', []]);
      }
      expect((await browser.get('/get-session')).body.user.emailVerified).toBe(true);
    });

    test('with callbackURL it redirects there; encoded characters and its query stay', async () => {
      const { email } = await stage.member();
      const reply = await stage.browser().get(await linkFor(email, { callbackURL: '/done?name=a%20b&x=%26' }));
      expect([reply.status, location(reply), reply.text]).toEqual([302, '/done?name=a%20b&x=%26', '']);
    });

    test('every stored session of the user sees it', async () => {
      const member = await stage.member();
      const other = await stage.signIn(member);
      await other.get('/get-session');
      await stage.browser().get((await stage.world.mail(member.email)).links[0]!);
      for (const browser of [member.browser, other]) {
        expect((await browser.get('/get-session')).body.user.emailVerified).toBe(true);
      }
    });

    test('expired: TOKEN_EXPIRED, by redirect or 401', async () => {
      const { email } = await stage.member();
      const link = await linkFor(email, { callbackURL: '/done?a=1' });
      stage.world.clock.advance(hours(1));
      expect(location(await stage.browser().get(link))).toBe('/done?a=1&error=TOKEN_EXPIRED');
      const reply = await stage.browser().get(bare(link));
      expect([reply.status, reply.body]).toEqual([401, { message: 'Token expired', code: 'TOKEN_EXPIRED' }]);
    });

    test('unknown: INVALID_TOKEN, by redirect or 401', async () => {
      const path = `/verify-email?token=${'0'.repeat(45)}`;
      expect(location(await stage.browser().get(`${path}&callbackURL=/done`))).toBe('/done?error=INVALID_TOKEN');
      const reply = await stage.browser().get(path);
      expect([reply.status, reply.body]).toEqual([401, { message: 'Invalid token', code: 'INVALID_TOKEN' }]);
    });

    test('an untrusted callbackURL is refused and the token kept', async () => {
      const { email } = await stage.member();
      const link = bare((await stage.world.mail(email)).links[0]!);
      const reply = await stage.browser().get(`${link}&callbackURL=${encodeURIComponent('https://evil.example/')}`);
      expect([reply.status, reply.body.code]).toEqual([403, 'INVALID_CALLBACK_URL']);
      expect((await stage.browser().get(link)).status).toBe(200);
    });

    test('no token is a validation error', async () => {
      const reply = await stage.browser().get('/verify-email');
      expect([reply.status, reply.body.code]).toEqual([400, 'VALIDATION_ERROR']);
    });
  });

  describe('POST /send-verification-email', () => {
    test('a stranger learns nothing: missing, unverified and verified addresses answer alike, one gets mail', async () => {
      const unverified = await stage.member();
      const verified = await stage.member({ verified: true });
      const missing = stage.address();
      for (const email of [unverified.email, verified.email, missing]) {
        const reply = await stage.browser().post('/send-verification-email', { email });
        expect([reply.status, reply.text]).toEqual([200, '{"status":true}']);
      }
      expect(await stage.world.mails(unverified.email)).toHaveLength(2);
      expect(await stage.world.mails(verified.email)).toHaveLength(1);
      expect(await stage.world.mails(missing)).toEqual([]);
    });

    test('a callbackURL of null is none', async () => {
      const { email } = await stage.member();
      const reply = await stage.browser().post('/send-verification-email', { email, callbackURL: null });
      expect(reply.status).toBe(200);
      expect((await stage.world.mail(email)).links[0]).toContain('/verify-email?');
    });

    test('signed in: only the own address, in any letter case, and only while unverified', async () => {
      const { browser, email } = await stage.member();
      expect((await browser.post('/send-verification-email', { email: email.toUpperCase() })).status).toBe(200);
      const other = await browser.post('/send-verification-email', { email: stage.address() });
      expect([other.status, other.body]).toEqual([400, { message: 'Email mismatch', code: 'EMAIL_MISMATCH' }]);
      await stage.browser().get((await stage.world.mail(email)).links[0]!);
      const again = await browser.post('/send-verification-email', { email });
      expect([again.status, again.body]).toEqual([
        400,
        { message: 'Email is already verified', code: 'EMAIL_ALREADY_VERIFIED' },
      ]);
    });
  });

  describe('POST /change-email', () => {
    test('verified: old address confirms, new one is proven, and only then it changes (spec §3.3)', async () => {
      const member = await stage.member({ verified: true });
      const newEmail = stage.address();
      const asked = await member.browser.post('/change-email', { newEmail, callbackURL: '/done?a=1&b=2' });
      expect([asked.status, asked.text]).toEqual([200, '{"status":true}']);
      const current = async () => (await member.browser.get('/get-session')).body?.user.email;
      expect(await stage.world.mails(newEmail)).toEqual([]);
      const first = await stage.world.mail(member.email);
      expect(first.links[0]).toContain(`&callbackURL=${encodeURIComponent(`${stage.world.url}/done?a=1&b=2`)}`);
      expect((await stage.browser().get(bare(first.links[0]!))).text).toBe('{"status":true}');
      expect(await current()).toBe(member.email);
      const second = await stage.world.mail(newEmail);
      expect(second.links[0]).toContain(`&callbackURL=${encodeURIComponent(`${stage.world.url}/done?a=1&b=2`)}`);
      const done = await member.browser.get(bare(second.links[0]!));
      expect(done.body).toMatchObject({ status: true, user: { email: newEmail, emailVerified: true } });
      expect(await current()).toBe(newEmail);
      expect((await stage.browser().post('/sign-in/email', { email: newEmail, password })).status).toBe(200);
      expect((await stage.browser().post('/sign-in/email', { email: member.email, password })).status).toBe(401);
      expect((await member.browser.get('/list-accounts')).body).toHaveLength(1);
    });

    test('unverified: the new address is asked at once, nothing changes before it answers', async () => {
      const { browser, email } = await stage.member();
      const newEmail = stage.address();
      await browser.post('/change-email', { newEmail });
      expect((await browser.get('/get-session')).body.user.email).toBe(email);
      expect(location(await browser.get((await stage.world.mail(newEmail)).links[0]!))).toBe('/');
      expect((await browser.get('/get-session')).body.user).toMatchObject({ email: newEmail, emailVerified: true });
    });

    test('a taken address answers as ever; nothing is mailed, nothing changes', async () => {
      const member = await stage.member({ verified: true });
      const other = await stage.member();
      await stage.world.mails();
      const reply = await member.browser.post('/change-email', { newEmail: other.email });
      expect([reply.status, reply.text]).toEqual([200, '{"status":true}']);
      expect(await stage.world.mails(member.email)).toHaveLength(1);
      expect(await stage.world.mails(other.email)).toHaveLength(1);
    });

    test('the same address, no address, no session', async () => {
      const { browser, email } = await stage.member();
      const same = await browser.post('/change-email', { newEmail: email.toUpperCase() });
      expect([same.status, same.body.message]).toEqual([400, 'Email is the same']);
      expect((await browser.post('/change-email', { newEmail: 'nobody' })).body.code).toBe('VALIDATION_ERROR');
      expect((await stage.browser().post('/change-email', { newEmail: email })).status).toBe(401);
    });

    test("somebody else's session is INVALID_USER and the link stays good", async () => {
      const member = await stage.member();
      const stranger = await stage.member();
      const newEmail = stage.address();
      await member.browser.post('/change-email', { newEmail, callbackURL: '/done' });
      const link = (await stage.world.mail(newEmail)).links[0]!;
      expect(location(await stranger.browser.get(link))).toBe('/done?error=INVALID_USER');
      const reply = await stranger.browser.get(bare(link));
      expect([reply.status, reply.body.code]).toEqual([401, 'INVALID_USER']);
      expect(location(await member.browser.get(link))).toBe('/done');
    });

    test('a newer request voids the older links', async () => {
      const { browser } = await stage.member();
      const [one, two] = [stage.address(), stage.address()];
      await browser.post('/change-email', { newEmail: one });
      await browser.post('/change-email', { newEmail: two });
      expect((await browser.get(bare((await stage.world.mail(one)).links[0]!))).body.code).toBe('INVALID_TOKEN');
      expect((await browser.get(bare((await stage.world.mail(two)).links[0]!))).status).toBe(200);
    });
  });
});

onOneEngine('verification that signs in', { policy: { 'emails.signInAfterVerification': true } }, (stage) => {
  test('the first visit sets a session, a second does not: the link is no login link for an hour', async () => {
    const { email } = await stage.member();
    const link = (await stage.world.mail(email)).links[0]!;
    const browser = stage.browser();
    const first = await browser.get(link);
    expect([first.status, first.setCookies.length]).toEqual([302, 1]);
    expect((await browser.get('/get-session')).body.user).toMatchObject({ email, emailVerified: true });
    expect((await stage.browser().get(link)).setCookies).toEqual([]);
  });

  test('a session of the same user is kept', async () => {
    const { email, browser, token } = await stage.member();
    expect((await browser.get((await stage.world.mail(email)).links[0]!)).setCookies).toEqual([]);
    expect((await browser.get('/get-session')).body.session.token).toBe(token);
  });
});

onOneEngine('e-mail change switched off', { policy: { 'emails.changeEnabled': false } }, (stage) => {
  test('answers CHANGE_EMAIL_DISABLED', async () => {
    const { browser } = await stage.member();
    const reply = await browser.post('/change-email', { newEmail: stage.address() });
    expect([reply.status, reply.body]).toEqual([
      400,
      { message: 'Change email is disabled', code: 'CHANGE_EMAIL_DISABLED' },
    ]);
  });
});
