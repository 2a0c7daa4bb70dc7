import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/base/clock.ts';
import type { Browser, Reply } from '../../kit/browser.ts';
import { engines } from '../../kit/engines.ts';
import { appCode } from '../../kit/totp.ts';
import { createWorld, type World } from '../../kit/world.ts';

const password = 'correct horse';

for (const engine of engines) {
  describe(`Two-factor on ${engine.name}`, () => {
    let world: World;
    let count = 0;
    beforeAll(async () => {
      world = await createWorld({ engine, betterAuth: {} });
    });
    afterAll(() => world.close());

    interface Member {
      readonly browser: Browser;
      readonly email: string;
      readonly id: string;
    }

    async function aMember(): Promise<Member> {
      const browser = world.browser();
      const email = `two${++count}@example.com`;
      const { body } = await browser.post('/sign-up/email', { email, password, name: 'Ada' });
      return { browser, email, id: body.user.id };
    }

    interface Enrolled extends Member {
      readonly uri: string;
      readonly backupCodes: string[];
    }

    /** With an authenticator app; the clock has moved on, so that the next code is a new one. */
    async function anEnrolledMember(): Promise<Enrolled> {
      const member = await aMember();
      const { body } = await member.browser.post('/two-factor/enable', { password });
      await member.browser.post('/two-factor/verify-totp', { code: appCode(world.clock, body.totpURI) });
      world.clock.advance(seconds(30));
      return { ...member, uri: body.totpURI, backupCodes: body.backupCodes };
    }

    async function challenged({ email }: Member, rest: object = {}): Promise<{ browser: Browser; reply: Reply }> {
      const browser = world.browser();
      return { browser, reply: await browser.post('/sign-in/email', { email, password, ...rest }) };
    }

    const isSignedIn = async (browser: Browser) => (await browser.get('/get-session')).body !== null;

    describe('enrolment', () => {
      test('enable hands out an address and ten backup codes, and asks for nothing yet', async () => {
        const { browser, email } = await aMember();
        const { status, body } = await browser.post('/two-factor/enable', { password });
        expect(status).toBe(200);
        expect(body.method).toBe('totp');
        expect(body.backupCodes).toHaveLength(10);
        expect(new Set(body.backupCodes).size).toBe(10);
        expect(body.totpURI).toMatch(
          new RegExp(
            `^otpauth://totp/Test%20App:${encodeURIComponent(email)}\\?secret=[A-Z2-7]{32}&issuer=Test\\+App&digits=6&period=30$`,
          ),
        );
        expect((await browser.get('/get-session')).body.user.twoFactorEnabled).toBe(false);
      });

      test('a wrong password hands out nothing', async () => {
        const { browser } = await aMember();
        const { status, body } = await browser.post('/two-factor/enable', { password: 'battery staple' });
        expect([status, body.code]).toEqual([400, 'INVALID_PASSWORD']);
      });

      test('an issuer of the application is shown in the address', async () => {
        const { browser } = await aMember();
        const { body } = await browser.post('/two-factor/enable', { password, issuer: 'My App' });
        expect(body.totpURI).toContain('otpauth://totp/My%20App:');
        expect(body.totpURI).toContain('issuer=My+App');
      });

      test('the first right code switches it on and gives the session a new token, which the answer carries', async () => {
        const { browser, id } = await aMember();
        const before = await browser.cookie('better-auth.session_token');
        const copy = await browser.copy();
        const { body } = await browser.post('/two-factor/enable', { password });
        const verified = await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, body.totpURI) });
        expect(verified.status).toBe(200);
        expect(verified.body.user.twoFactorEnabled).toBe(true);
        expect(await browser.cookie('better-auth.session_token')).not.toBe(before);
        const bearer = await world.browser().get('/get-session', { authorization: `Bearer ${verified.body.token}` });
        expect(bearer.body.user.id).toBe(id);
        expect(await isSignedIn(copy)).toBe(false);
        expect(await world.eventTypes(id)).toContain('mfa.enabled');
      });

      test('a wrong first code leaves it off', async () => {
        const { browser } = await aMember();
        await browser.post('/two-factor/enable', { password });
        const { status, body } = await browser.post('/two-factor/verify-totp', { code: '000000' });
        expect([status, body.code]).toEqual([401, 'INVALID_CODE']);
        expect((await browser.get('/get-session')).body.user.twoFactorEnabled).toBe(false);
      });

      test('asking again before the first code replaces the secret; afterwards it is refused', async () => {
        const { browser } = await aMember();
        const first = await browser.post('/two-factor/enable', { password });
        const second = await browser.post('/two-factor/enable', { password });
        const old = await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, first.body.totpURI) });
        expect(old.status).toBe(401);
        await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, second.body.totpURI) });
        const third = await browser.post('/two-factor/enable', { password });
        expect([third.status, third.body.code]).toEqual([400, 'TOTP_ALREADY_ENABLED']);
      });

      test('the address is shown again for the password only', async () => {
        const { browser, uri } = await anEnrolledMember();
        expect((await browser.post('/two-factor/get-totp-uri', { password })).body).toEqual({ totpURI: uri });
        const wrong = await browser.post('/two-factor/get-totp-uri', { password: 'battery staple' });
        expect([wrong.status, wrong.body.code]).toEqual([400, 'INVALID_PASSWORD']);
      });
    });

    describe('sign-in', () => {
      test('asks for the second factor and gives no session', async () => {
        const { reply, browser } = await challenged(await anEnrolledMember());
        expect(reply.body).toEqual({ twoFactorRedirect: true, twoFactorMethods: ['totp'] });
        expect(reply.setCookies.map((line) => line.split('=')[0])).toEqual([
          'better-auth.session_token',
          'better-auth.session_data',
          'better-auth.two_factor',
        ]);
        expect(reply.setCookies[2]).toContain('Max-Age=600');
        expect(reply.headers.get('set-auth-token')).toBeNull();
        expect(await isSignedIn(browser)).toBe(false);
      });

      test('a code of the app completes it once, and the challenge is spent', async () => {
        const member = await anEnrolledMember();
        const { browser } = await challenged(member);
        const again = await browser.copy();
        const done = await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, member.uri) });
        expect(done.status).toBe(200);
        expect(done.body.user.email).toBe(member.email);
        expect(await isSignedIn(browser)).toBe(true);
        expect(done.setCookies.some((line) => /^better-auth\.two_factor=;.*Max-Age=0/.test(line))).toBe(true);
        world.clock.advance(seconds(30));
        const replay = await again.post('/two-factor/verify-totp', { code: appCode(world.clock, member.uri) });
        expect([replay.status, replay.body.code]).toEqual([401, 'INVALID_TWO_FACTOR_COOKIE']);
      });

      test('one code signs in once, whatever challenge it is shown to (rule 14)', async () => {
        const member = await anEnrolledMember();
        const code = appCode(world.clock, member.uri);
        const first = await challenged(member);
        expect((await first.browser.post('/two-factor/verify-totp', { code })).status).toBe(200);
        const second = await challenged(member);
        const replay = await second.browser.post('/two-factor/verify-totp', { code });
        expect([replay.status, replay.body.code]).toEqual([401, 'INVALID_CODE']);
      });

      test('a code of the step before or after is taken: clocks drift (RFC 6238 §5.2)', async () => {
        const member = await anEnrolledMember();
        const early = await challenged(member);
        expect(
          (await early.browser.post('/two-factor/verify-totp', { code: appCode(world.clock, member.uri, 1) })).status,
        ).toBe(200);
        world.clock.advance(minutes(2));
        const far = await challenged(member);
        expect(
          (await far.browser.post('/two-factor/verify-totp', { code: appCode(world.clock, member.uri, 2) })).status,
        ).toBe(401);
      });

      test('without a challenge a code is worth nothing', async () => {
        const { uri } = await anEnrolledMember();
        const { status, body } = await world
          .browser()
          .post('/two-factor/verify-totp', { code: appCode(world.clock, uri) });
        expect([status, body.code]).toEqual([401, 'INVALID_TWO_FACTOR_COOKIE']);
      });

      test('an expired challenge is refused even with the right code', async () => {
        const member = await anEnrolledMember();
        const { browser } = await challenged(member);
        world.clock.advance(minutes(10));
        const { status, body } = await browser.post('/two-factor/verify-totp', {
          code: appCode(world.clock, member.uri),
        });
        expect([status, body.code]).toEqual([401, 'INVALID_TWO_FACTOR_COOKIE']);
      });

      test('do-not-remember outlives the challenge', async () => {
        const member = await anEnrolledMember();
        const { browser } = await challenged(member, { rememberMe: false });
        const done = await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, member.uri) });
        const session = done.setCookies.find((line) => line.startsWith('better-auth.session_token='))!;
        expect(session).not.toContain('Max-Age');
        const { body } = await browser.get('/get-session');
        expect(Date.parse(body.session.expiresAt) - world.clock.now()).toBe(86_400_000);
      });

      test('of twenty right codes at once one makes a session', async () => {
        const member = await anEnrolledMember();
        const { browser } = await challenged(member);
        const code = appCode(world.clock, member.uri);
        // Ten failures lock the account, and a try counts as one until it is known to be right.
        const replies = await Promise.all(
          Array.from({ length: 8 }, async () => (await browser.copy()).post('/two-factor/verify-totp', { code })),
        );
        expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      });
    });

    describe('limits', () => {
      test('the sixth wrong code ends the challenge', async () => {
        const member = await anEnrolledMember();
        const { browser } = await challenged(member);
        for (let tries = 0; tries < 5; tries += 1) {
          expect((await browser.post('/two-factor/verify-totp', { code: '000000' })).body.code).toBe('INVALID_CODE');
        }
        const sixth = await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, member.uri) });
        expect([sixth.status, sixth.body.code]).toEqual([400, 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE']);
        expect(await browser.cookie('better-auth.two_factor')).toBeUndefined();
      });

      test('ten failures over all challenges lock the account for a quarter of an hour', async () => {
        const member = await anEnrolledMember();
        for (let challenges = 0; challenges < 2; challenges += 1) {
          const { browser } = await challenged(member);
          for (let tries = 0; tries < 5; tries += 1) await browser.post('/two-factor/verify-totp', { code: '000000' });
        }
        const locked = await challenged(member);
        const refused = await locked.browser.post('/two-factor/verify-totp', {
          code: appCode(world.clock, member.uri),
        });
        expect([refused.status, refused.body.code]).toEqual([429, 'ACCOUNT_TEMPORARILY_LOCKED']);
        world.clock.advance(minutes(15));
        const later = await challenged(member);
        expect(
          (await later.browser.post('/two-factor/verify-totp', { code: appCode(world.clock, member.uri) })).status,
        ).toBe(200);
      });

      test('a success takes the failures back', async () => {
        const member = await anEnrolledMember();
        for (let rounds = 0; rounds < 3; rounds += 1) {
          const { browser } = await challenged(member);
          for (let tries = 0; tries < 4; tries += 1) await browser.post('/two-factor/verify-totp', { code: '000000' });
          world.clock.advance(seconds(60));
          expect(
            (await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, member.uri) })).status,
          ).toBe(200);
        }
      });
    });

    describe('backup codes', () => {
      test('`disableSession` is refused in the second step, and the code is not spent', async () => {
        const member = await anEnrolledMember();
        const browser = world.browser();
        await browser.post('/sign-in/email', { email: member.email, password });
        const show = (more: object) =>
          browser.post('/two-factor/verify-backup-code', { code: member.backupCodes[0], ...more });
        const refused = await show({ disableSession: true });
        expect([refused.status, refused.body.code]).toEqual([400, 'VALIDATION_ERROR']);
        expect((await show({ disableSession: false })).status).toBe(200);
      });

      test('one signs in once, with or without its hyphen', async () => {
        const member = await anEnrolledMember();
        const code = member.backupCodes[0]!;
        expect(code).toMatch(/^[A-Z2-9]{4}-[A-Z2-9]{4}$/);
        const first = await challenged(member);
        const used = await first.browser.post('/two-factor/verify-backup-code', {
          code: code.replace('-', '').toLowerCase(),
        });
        expect(used.status).toBe(200);
        expect(used.body.user.email).toBe(member.email);
        const second = await challenged(member);
        const replay = await second.browser.post('/two-factor/verify-backup-code', { code });
        expect([replay.status, replay.body.code]).toEqual([401, 'INVALID_BACKUP_CODE']);
      });

      test('of eight uses of one code at once one gets in', async () => {
        const member = await anEnrolledMember();
        const browsers = await Promise.all(Array.from({ length: 8 }, async () => (await challenged(member)).browser));
        const replies = await Promise.all(
          browsers.map((browser) => browser.post('/two-factor/verify-backup-code', { code: member.backupCodes[1] })),
        );
        expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      });

      test('a new set takes the place of the old', async () => {
        const member = await anEnrolledMember();
        const { body } = await member.browser.post('/two-factor/generate-backup-codes', { password });
        expect(body.status).toBe(true);
        expect(body.backupCodes).toHaveLength(10);
        const { browser } = await challenged(member);
        expect((await browser.post('/two-factor/verify-backup-code', { code: member.backupCodes[2] })).status).toBe(
          401,
        );
        expect((await browser.post('/two-factor/verify-backup-code', { code: body.backupCodes[0] })).status).toBe(200);
      });

      test('there are none without a second factor', async () => {
        const { browser } = await aMember();
        const { status, body } = await browser.post('/two-factor/generate-backup-codes', { password });
        expect([status, body.code]).toEqual([400, 'TWO_FACTOR_NOT_ENABLED']);
      });

      test('they are not shown over HTTP', async () => {
        const { browser } = await anEnrolledMember();
        expect((await browser.post('/two-factor/view-backup-codes', {})).status).toBe(404);
      });
    });

    describe('mailed codes', () => {
      async function mailedCode(email: string): Promise<string> {
        return /\b(\d{6})\b/.exec((await world.mail(email)).text)![1]!;
      }

      test('switched on with the password, they are asked for at the next sign-in', async () => {
        const member = await aMember();
        const enabled = await member.browser.post('/two-factor/enable', { password, method: 'otp' });
        expect(enabled.body).toEqual({ method: 'otp' });
        const { browser, reply } = await challenged(member);
        expect(reply.body).toEqual({ twoFactorRedirect: true, twoFactorMethods: ['otp'] });
        expect((await browser.post('/two-factor/send-otp')).body).toEqual({ status: true });
        const done = await browser.post('/two-factor/verify-otp', { code: await mailedCode(member.email) });
        expect(done.status).toBe(200);
        expect(await isSignedIn(browser)).toBe(true);
      });

      test('a code dies after three minutes', async () => {
        const member = await aMember();
        await member.browser.post('/two-factor/enable', { password, method: 'otp' });
        const { browser } = await challenged(member);
        await browser.post('/two-factor/send-otp');
        const code = await mailedCode(member.email);
        world.clock.advance(minutes(3));
        const late = await browser.post('/two-factor/verify-otp', { code });
        expect([late.status, late.body.code]).toEqual([400, 'OTP_HAS_EXPIRED']);
      });

      test('somebody with an authenticator app cannot get by with the mailbox alone', async () => {
        const { browser } = await challenged(await anEnrolledMember());
        const { status, body } = await browser.post('/two-factor/send-otp');
        expect([status, body.code]).toEqual([400, 'OTP_NOT_CONFIGURED']);
      });
    });

    describe('trusted devices', () => {
      async function aTrustedBrowser(member: Enrolled): Promise<Browser> {
        const { browser } = await challenged(member);
        const code = appCode(world.clock, member.uri);
        const done = await browser.post('/two-factor/verify-totp', { code, trustDevice: true });
        expect(done.setCookies.find((line) => line.startsWith('better-auth.trust_device='))).toContain(
          'Max-Age=2592000',
        );
        world.clock.advance(seconds(30));
        return browser;
      }

      test('are not asked again, also after signing out', async () => {
        const member = await anEnrolledMember();
        const browser = await aTrustedBrowser(member);
        await browser.post('/sign-out');
        const again = await browser.post('/sign-in/email', { email: member.email, password });
        expect(again.body.token).toBeTypeOf('string');
      });

      test('renew their trust with every sign-in; a copy from before is worth nothing', async () => {
        const member = await anEnrolledMember();
        const browser = await aTrustedBrowser(member);
        const copy = await browser.copy();
        await browser.post('/sign-in/email', { email: member.email, password });
        const copied = await copy.post('/sign-in/email', { email: member.email, password });
        expect(copied.body.twoFactorRedirect).toBe(true);
      });

      test('are not believed about somebody else', async () => {
        const browser = await aTrustedBrowser(await anEnrolledMember());
        const other = await anEnrolledMember();
        const reply = await browser.post('/sign-in/email', { email: other.email, password });
        expect(reply.body.twoFactorRedirect).toBe(true);
      });

      test('are asked again after a change of password', async () => {
        const member = await anEnrolledMember();
        const browser = await aTrustedBrowser(member);
        world.clock.advance(seconds(1));
        await browser.post('/change-password', { currentPassword: password, newPassword: 'battery staple' });
        const reply = await browser.post('/sign-in/email', { email: member.email, password: 'battery staple' });
        expect(reply.body.twoFactorRedirect).toBe(true);
      });
    });

    describe('switching off', () => {
      test('takes the password, gives a new token and stops asking', async () => {
        const member = await anEnrolledMember();
        const wrong = await member.browser.post('/two-factor/disable', { password: 'battery staple' });
        expect([wrong.status, wrong.body.code]).toEqual([400, 'INVALID_PASSWORD']);
        const before = await member.browser.cookie('better-auth.session_token');
        expect((await member.browser.post('/two-factor/disable', { password })).body).toEqual({ status: true });
        expect(await member.browser.cookie('better-auth.session_token')).not.toBe(before);
        const { reply } = await challenged(member);
        expect(reply.body.token).toBeTypeOf('string');
        expect(await world.eventTypes(member.id)).toContain('mfa.disabled');
      });
    });

    describe('the page that redirect flows stop at (core map F2)', () => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' };

      test('takes a code and goes on to where the flow was going', async () => {
        const member = await anEnrolledMember();
        const { browser } = await challenged(member, { callbackURL: '/dashboard?tab=1' });
        const shown = await browser.get('/second-factor');
        expect(shown.status).toBe(200);
        expect(shown.headers.get('content-type')).toContain('text/html');
        expect(shown.text).toContain('action="/better-auth/api/auth/second-factor"');
        const wrong = await browser.send('POST', '/second-factor', 'code=000000', form);
        expect([wrong.status, wrong.text.includes('role="alert"')]).toEqual([400, true]);
        const right = await browser.send(
          'POST',
          '/second-factor',
          `code=${appCode(world.clock, member.uri)}&trust=on`,
          form,
        );
        expect([right.status, right.headers.get('location')]).toEqual([302, `${world.url}/dashboard?tab=1`]);
        expect(await isSignedIn(browser)).toBe(true);
        expect(await browser.cookie('better-auth.trust_device')).toBeDefined();
      });

      test('takes a backup code as well', async () => {
        const member = await anEnrolledMember();
        const { browser } = await challenged(member);
        const done = await browser.send('POST', '/second-factor', `code=${member.backupCodes[3]}`, form);
        expect(done.status).toBe(302);
      });

      test('shows an error where no sign-in waits', async () => {
        expect((await world.browser().get('/second-factor')).status).toBe(400);
        expect((await world.browser().send('POST', '/second-factor', 'code=123456', form)).status).toBe(400);
      });

      test('takes no form from another site (rule 23)', async () => {
        const member = await anEnrolledMember();
        const { browser } = await challenged(member);
        const code = appCode(world.clock, member.uri);
        const forged = await browser.send('POST', '/second-factor', `code=${code}`, {
          ...form,
          origin: 'https://evil.example',
        });
        expect(forged.status).toBe(403);
        expect(await isSignedIn(browser)).toBe(false);
      });
    });

    test('a password reset does not skip the second factor (rule 12)', async () => {
      const member = await anEnrolledMember();
      const browser = world.browser();
      await browser.get((await verificationLink(member.email))!);
      await browser.post('/request-password-reset', { email: member.email, redirectTo: '/r' });
      const [link] = (await world.mail(member.email)).links;
      const token = /reset-password\/([^?]+)/.exec(link!)![1];
      expect((await browser.post('/reset-password', { newPassword: 'battery staple', token })).status).toBe(200);
      const reply = await browser.post('/sign-in/email', { email: member.email, password: 'battery staple' });
      expect(reply.body.twoFactorRedirect).toBe(true);

      async function verificationLink(email: string) {
        return (await world.mails(email))
          .flatMap(({ links }) => links)
          .find((address) => address.includes('verify-email'));
      }
    });
  });
}
