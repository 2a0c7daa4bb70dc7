import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { days, minutes, seconds } from '../../../src/base/clock.ts';
import { Authenticator } from '../../kit/authenticator.ts';
import type { Browser } from '../../kit/browser.ts';
import { engines } from '../../kit/engines.ts';
import { appCode } from '../../kit/totp.ts';
import { createWorld, type World } from '../../kit/world.ts';

const password = 'correct horse';

for (const engine of engines) {
  describe(`Passkeys on ${engine.name}`, () => {
    let world: World;
    let count = 0;
    beforeAll(async () => {
      world = await createWorld({ engine, policy: { 'passkeys.rpId': 'example.com', 'redirects.origins': [origin] } });
    });
    afterAll(() => world.close());
    const origin = 'https://app.example.com';

    async function aMember(): Promise<{ browser: Browser; email: string; id: string }> {
      const browser = world.browser();
      const email = `key${++count}@example.com`;
      const { body } = await browser.post('/sign-up/email', { email, password, name: 'Ada' });
      return { browser, email, id: body.user.id };
    }

    async function register(browser: Browser, authenticator: Authenticator, name?: string, from = origin) {
      const { body: options } = await browser.get('/passkey/generate-register-options');
      const response = authenticator.create(options, from);
      return {
        options,
        reply: await browser.post('/passkey/verify-registration', { response, ...(name !== undefined && { name }) }),
      };
    }

    async function signIn(browser: Browser, authenticator: Authenticator, from = origin) {
      const { body: options } = await browser.get('/passkey/generate-authenticate-options');
      const response = authenticator.get(options, from);
      return { options, response, reply: await browser.post('/passkey/verify-authentication', { response }) };
    }

    async function aMemberWithPasskey(authenticator = new Authenticator()) {
      const member = await aMember();
      const { reply } = await register(member.browser, authenticator, 'Phone');
      return { ...member, authenticator, passkey: reply.body };
    }

    describe('options', () => {
      test('for registration name the relying party, the person and what is known already', async () => {
        const { browser, email, id, passkey } = await aMemberWithPasskey();
        const { status, body, setCookies } = await browser.get(
          '/passkey/generate-register-options?authenticatorAttachment=platform',
        );
        expect(status).toBe(200);
        expect(body).toMatchObject({
          rp: { name: 'Test App', id: 'example.com' },
          user: { name: email, displayName: email, id: Buffer.from(id).toString('base64url') },
          attestation: 'none',
          timeout: 60_000,
          authenticatorSelection: {
            authenticatorAttachment: 'platform',
            residentKey: 'preferred',
            userVerification: 'preferred',
          },
          excludeCredentials: [{ id: passkey.credentialID, type: 'public-key', transports: ['internal'] }],
        });
        expect(body.pubKeyCredParams.map(({ alg }: { alg: number }) => alg)).toEqual([-8, -7, -257]);
        expect(Buffer.from(body.challenge, 'base64url')).toHaveLength(32);
        expect(setCookies[0]).toMatch(
          /^better-auth\.better-auth-passkey-[\w-]{12}=.+; Max-Age=300; Path=\/; HttpOnly; SameSite=Lax$/,
        );
      });

      test('for registration need a session, and a fresh one', async () => {
        expect((await world.browser().get('/passkey/generate-register-options')).status).toBe(401);
        const { browser } = await aMember();
        world.clock.advance(days(1));
        const stale = await browser.get('/passkey/generate-register-options');
        expect([stale.status, stale.body.code]).toEqual([403, 'SESSION_NOT_FRESH']);
      });

      test('for signing in tell a stranger of nobody’s passkeys, on both methods (spec §1.14)', async () => {
        const stranger = world.browser();
        const read = await stranger.get('/passkey/generate-authenticate-options');
        expect(Object.keys(read.body).sort()).toEqual(['challenge', 'rpId', 'timeout', 'userVerification']);
        const posted = await stranger.post('/passkey/generate-authenticate-options', { email: 'anybody@example.com' });
        expect(Object.keys(posted.body).sort()).toEqual(['challenge', 'rpId', 'timeout', 'userVerification']);
      });

      test('for signing in name the own passkeys of somebody signed in', async () => {
        const { browser, passkey } = await aMemberWithPasskey();
        const { body } = await browser.get('/passkey/generate-authenticate-options');
        expect(body.allowCredentials).toEqual([
          { id: passkey.credentialID, type: 'public-key', transports: ['internal'] },
        ]);
      });
    });

    describe('registration', () => {
      test('keeps the passkey under its trimmed name', async () => {
        const { browser, id } = await aMember();
        const { reply } = await register(browser, new Authenticator(), '  My phone ');
        expect(reply.status).toBe(200);
        expect(reply.body).toMatchObject({
          name: 'My phone',
          userId: id,
          counter: 0,
          transports: 'internal',
          deviceType: 'singleDevice',
          backedUp: false,
        });
        expect((await browser.get('/passkey/list-user-passkeys')).body).toEqual([reply.body]);
        expect(await world.eventTypes(id)).toContain('passkey.added');
      });

      test('a blank name is none', async () => {
        const { browser } = await aMember();
        expect((await register(browser, new Authenticator(), '   ')).reply.body.name).toBeNull();
      });

      test('a challenge is good once', async () => {
        const { browser } = await aMember();
        const { body: options } = await browser.get('/passkey/generate-register-options');
        const twin = await browser.copy();
        const answers = await Promise.all([
          browser.post('/passkey/verify-registration', { response: new Authenticator().create(options, origin) }),
          twin.post('/passkey/verify-registration', { response: new Authenticator().create(options, origin) }),
        ]);
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
        expect(answers.find(({ status }) => status === 400)!.body.code).toBe('CHALLENGE_NOT_FOUND');
      });

      test('a challenge dies after five minutes', async () => {
        const { browser } = await aMember();
        const { body: options } = await browser.get('/passkey/generate-register-options');
        world.clock.advance(minutes(5));
        const late = await browser.post('/passkey/verify-registration', {
          response: new Authenticator().create(options, origin),
        });
        expect([late.status, late.body.code]).toEqual([400, 'CHALLENGE_NOT_FOUND']);
      });

      test('a challenge of somebody else is refused', async () => {
        const one = await aMember();
        const two = await aMember();
        const { body: options, setCookies } = await one.browser.get('/passkey/generate-register-options');
        const stolen = setCookies[0]!.split(';')[0];
        const session = (await two.browser.cookie('better-auth.session_token'))!;
        const reply = await world
          .browser()
          .post(
            '/passkey/verify-registration',
            { response: new Authenticator().create(options, origin) },
            { cookie: `better-auth.session_token=${session}; ${stolen}` },
          );
        expect([reply.status, reply.body.code]).toEqual([401, 'YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY']);
      });

      test.each(['https://evil.example.net', 'https://app.example.com.evil.net'])(
        'a ceremony on %s is refused',
        async (from) => {
          const { browser } = await aMember();
          const { reply } = await register(browser, new Authenticator(), 'Phone', from);
          expect([reply.status, reply.body.code]).toEqual([400, 'FAILED_TO_VERIFY_REGISTRATION']);
        },
      );

      test.each([{}, { id: 1 }, { response: { clientDataJSON: '%%%' } }, { id: 'x', response: null }])(
        '%j is no ceremony',
        async (response) => {
          const { browser } = await aMember();
          await browser.get('/passkey/generate-register-options');
          const reply = await browser.post('/passkey/verify-registration', { response });
          expect([reply.status, reply.body.code]).toEqual([400, 'FAILED_TO_VERIFY_REGISTRATION']);
        },
      );

      test('one credential belongs to one person', async () => {
        const authenticator = new Authenticator();
        const one = await aMember();
        const { body: options } = await one.browser.get('/passkey/generate-register-options');
        const response = authenticator.create(options, origin);
        await one.browser.post('/passkey/verify-registration', { response });
        const two = await aMember();
        const { body: theirs } = await two.browser.get('/passkey/generate-register-options');
        const clientDataJSON = Buffer.from(
          JSON.stringify({ type: 'webauthn.create', challenge: theirs.challenge, origin }),
        ).toString('base64url');
        const again = await two.browser.post('/passkey/verify-registration', {
          response: { ...response, response: { ...response.response, clientDataJSON } },
        });
        expect([again.status, again.body.code]).toEqual([400, 'FAILED_TO_VERIFY_REGISTRATION']);
      });
    });

    describe('signing in', () => {
      test('opens a session for the owner', async () => {
        const { authenticator, email, id } = await aMemberWithPasskey();
        const browser = world.browser();
        const { reply } = await signIn(browser, authenticator);
        expect(reply.status).toBe(200);
        expect(reply.body).toMatchObject({ user: { email }, session: { userId: id } });
        expect((await browser.get('/get-session')).body.user.id).toBe(id);
      });

      test('moves the counter; a signature from before is a clone’s', async () => {
        const { authenticator, browser } = await aMemberWithPasskey();
        await signIn(world.browser(), authenticator);
        await signIn(world.browser(), authenticator);
        expect((await browser.get('/passkey/list-user-passkeys')).body[0].counter).toBe(2);
        authenticator.rewind();
        const { reply } = await signIn(world.browser(), authenticator);
        expect([reply.status, reply.body.code]).toEqual([400, 'AUTHENTICATION_FAILED']);
      });

      test('asked for twice, by a field that fills itself in and by a button, either answer signs in', async () => {
        const { authenticator } = await aMemberWithPasskey();
        const browser = world.browser();
        const [first, second] = await Promise.all(
          ['field', 'button'].map(() => browser.get('/passkey/generate-authenticate-options')),
        );
        for (const { body: options } of [first!, second!]) {
          const response = authenticator.get(options, origin);
          expect((await browser.post('/passkey/verify-authentication', { response })).status).toBe(200);
        }
      });

      test('a response is good once', async () => {
        const { authenticator } = await aMemberWithPasskey();
        const browser = world.browser();
        const { body: options } = await browser.get('/passkey/generate-authenticate-options');
        const response = authenticator.get(options, origin);
        const twins = await Promise.all([browser.copy(), browser.copy(), browser.copy()]);
        const replies = await Promise.all(
          twins.map((twin) => twin.post('/passkey/verify-authentication', { response })),
        );
        expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      });

      test('a challenge for registering is none for signing in, and the other way round', async () => {
        const { authenticator, browser } = await aMemberWithPasskey();
        const { body: registration } = await browser.get('/passkey/generate-register-options');
        const crossed = await browser.post('/passkey/verify-authentication', {
          response: authenticator.get({ rpId: registration.rp.id, challenge: registration.challenge }, origin),
        });
        expect([crossed.status, crossed.body.code]).toEqual([400, 'CHALLENGE_NOT_FOUND']);
        await browser.get('/passkey/generate-authenticate-options');
        const back = await browser.post('/passkey/verify-registration', { response: {} });
        expect([back.status, back.body.code]).toEqual([400, 'CHALLENGE_NOT_FOUND']);
      });

      test('an unknown credential is 401', async () => {
        const stranger = new Authenticator();
        stranger.create({ rp: { id: 'example.com' }, user: { id: 'x' }, challenge: 'x' }, origin);
        const { reply } = await signIn(world.browser(), stranger);
        expect([reply.status, reply.body.code]).toEqual([401, 'PASSKEY_NOT_FOUND']);
      });

      test('a ceremony on another site is refused', async () => {
        const { authenticator } = await aMemberWithPasskey();
        const { reply } = await signIn(world.browser(), authenticator, 'https://evil.example.net');
        expect([reply.status, reply.body.code]).toEqual([400, 'AUTHENTICATION_FAILED']);
      });
    });

    describe('beside a second factor (core map F1)', () => {
      async function withTotp(authenticator: Authenticator) {
        const member = await aMemberWithPasskey(authenticator);
        const { body } = await member.browser.post('/two-factor/enable', { password });
        await member.browser.post('/two-factor/verify-totp', { code: appCode(world.clock, body.totpURI) });
        world.clock.advance(seconds(30));
        return { ...member, uri: body.totpURI };
      }

      test('a verified user has shown two factors', async () => {
        const { authenticator } = await withTotp(new Authenticator({ verifiesUsers: true }));
        expect((await signIn(world.browser(), authenticator)).reply.body.session).toBeDefined();
      });

      test('mere presence has shown one', async () => {
        const { authenticator, uri, email } = await withTotp(new Authenticator({ verifiesUsers: false }));
        const browser = world.browser();
        const { reply } = await signIn(browser, authenticator);
        expect(reply.body).toEqual({ twoFactorRedirect: true, twoFactorMethods: ['totp'] });
        const done = await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, uri) });
        expect(done.body.user.email).toBe(email);
      });
    });

    describe('list, rename, delete', () => {
      test('the owner renames and deletes', async () => {
        const { browser, passkey } = await aMemberWithPasskey();
        const renamed = await browser.post('/passkey/update-passkey', { id: passkey.id, name: ' Laptop ' });
        expect(renamed.body.passkey).toEqual({ ...passkey, name: 'Laptop' });
        expect((await browser.post('/passkey/delete-passkey', { id: passkey.id })).body).toEqual({ status: true });
        expect((await browser.get('/passkey/list-user-passkeys')).body).toEqual([]);
      });

      test('a blank name is refused', async () => {
        const { browser, passkey } = await aMemberWithPasskey();
        expect((await browser.post('/passkey/update-passkey', { id: passkey.id, name: '  ' })).status).toBe(400);
      });

      test('what is not there is 404', async () => {
        const { browser } = await aMember();
        for (const path of ['/passkey/delete-passkey', '/passkey/update-passkey']) {
          const reply = await browser.post(path, { id: 'nothing', name: 'x' });
          expect([reply.status, reply.body.code]).toEqual([404, 'PASSKEY_NOT_FOUND']);
        }
      });

      test('somebody else’s is refused and untouched', async () => {
        const { browser, passkey } = await aMemberWithPasskey();
        const other = await aMember();
        for (const path of ['/passkey/delete-passkey', '/passkey/update-passkey']) {
          expect((await other.browser.post(path, { id: passkey.id, name: 'mine' })).status).toBe(401);
        }
        expect((await browser.get('/passkey/list-user-passkeys')).body).toEqual([passkey]);
      });
    });
  });
}
