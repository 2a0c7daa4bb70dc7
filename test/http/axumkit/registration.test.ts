import { describe, expect, test } from 'vitest';
import { axumKitOnOneEngine, expectError, expectStatus, password } from '../../kit/axumkit.ts';

axumKitOnOneEngine('POST /v0/users (spec §2.5)', {}, (kit) => {
  const body = (change: object = {}) => ({
    email: kit.address(),
    handle: kit.handle(),
    display_name: 'Ada',
    password,
    ...change,
  });

  test('makes a person, opens no session and mails a verification token', async () => {
    const browser = kit.browser();
    const sent = body();
    const reply = await browser.post('/v0/users', sent);
    expectStatus(reply, 201);
    expect(reply.body).toEqual({
      message: 'User created successfully. Please check your email to verify your account.',
    });
    expect(reply.setCookies.filter((line) => line.startsWith('session_id='))).toEqual([]);
    const mail = await kit.world.mail(sent.email);
    expect(mail.links[0]).toMatch(new RegExp(`^${kit.world.url}/-/verify-email\\?token=[0-9a-z]{45}$`));
    expectError(await browser.get('/v0/user/me'), 401, 'user:unauthorized');
  });

  test('the account as upstream’s own suite makes it: sign-up, sign-in, a session cookie (spec §4.1)', async () => {
    const handle = 'test0a1b2c3d';
    const email = `${handle}@test.local`;
    const browser = kit.browser();
    expectStatus(
      await browser.post('/v0/users', { email, handle, display_name: handle, password: 'testpass123' }),
      201,
    );
    const login = await browser.post('/v0/auth/login', { email, password: 'testpass123' });
    expectStatus(login, 204);
    expect(login.setCookies.some((line) => line.startsWith('session_id='))).toBe(true);
    expect((await browser.get('/v0/user/me')).body).toMatchObject({ email, handle, is_verified: false });
  });

  test('a taken address and a taken handle are told apart', async () => {
    const taken = body();
    expectStatus(await kit.browser().post('/v0/users', taken), 201);
    expectError(
      await kit.browser().post('/v0/users', body({ email: taken.email.toUpperCase() })),
      409,
      'user:email_already_exists',
    );
    expectError(
      await kit.browser().post('/v0/users', body({ handle: taken.handle.toUpperCase() })),
      409,
      'user:handle_already_exists',
    );
    expectError(await kit.browser().post('/v0/users', body({ handle: 'admin' })), 409, 'user:handle_already_exists');
  });

  describe('refuses what breaks a rule as general:validation_error', () => {
    const rows: readonly [string, object][] = [
      ['an address without @', { email: 'ada' }],
      ['an address with spaces inside', { email: 'a da@example.com' }],
      ['a handle of two letters', { handle: 'ab' }],
      ['a handle of 21 letters', { handle: 'a'.repeat(21) }],
      ['a blank handle', { handle: '    ' }],
      ['a handle with a space', { handle: 'ada lovelace' }],
      ['an emoji in the handle', { handle: 'ada🎉🎉' }],
      ['an empty name', { display_name: '' }],
      ['a blank name', { display_name: '   ' }],
      ['a name of 51 characters', { display_name: 'n'.repeat(51) }],
      ['a name with a control character', { display_name: 'Ada\u0007' }],
      ['a password of 5', { password: '12345' }],
      ['a password below the policy', { password: '1234567' }],
      ['a password of 21', { password: 'p'.repeat(21) }],
      ['an empty password', { password: '' }],
    ];
    for (const [what, change] of rows) {
      test(what, async () => {
        const reply = await kit.browser().post('/v0/users', body(change));
        expectError(reply, 400, 'general:validation_error');
      });
    }

    test('lengths are counted in scalar values: a name of fifty emoji fits', async () => {
      expectStatus(await kit.browser().post('/v0/users', body({ display_name: '🎉'.repeat(50) })), 201);
    });
  });

  describe('refuses what it cannot read as general:bad_request', () => {
    const rows: readonly [string, object][] = [
      ['a missing handle', { handle: undefined }],
      ['a null password', { password: null }],
      ['a number for a name', { display_name: 5 }],
      ['a list for an address', { email: ['a@example.com'] }],
    ];
    for (const [what, change] of rows) {
      test(what, async () => {
        expectError(await kit.browser().post('/v0/users', body(change)), 400, 'general:bad_request');
      });
    }

    test('both at once are unreadable: parsing comes first (§1.6)', async () => {
      expectError(await kit.browser().post('/v0/users', body({ handle: 'x', email: 1 })), 400, 'general:bad_request');
    });
  });

  test('unknown keys are ignored: nobody makes themselves verified or an administrator', async () => {
    const sent = body({ is_verified: true, roles: ['admin'], verified_at: '2020-01-01T00:00:00Z', id: 'x' });
    const browser = kit.browser();
    expectStatus(await browser.post('/v0/users', sent), 201);
    expectStatus(await browser.post('/v0/auth/login', { email: sent.email, password }), 204);
    expect((await browser.get('/v0/user/me')).body.is_verified).toBe(false);
    expect((await kit.world.app.mainProject.store.read.users.findByUsername(sent.handle))?.roles).toEqual([]);
  });
});

axumKitOnOneEngine(
  'POST /v0/users with required verification (core map P4)',
  { policy: { emailVerification: 'required' } },
  (kit) => {
    test('a taken address is answered like a free one, and its owner is told', async () => {
      const { email } = { email: kit.address() };
      const sent = { email, handle: kit.handle(), display_name: 'Ada', password };
      const first = await kit.browser().post('/v0/users', sent);
      const second = await kit.browser().post('/v0/users', { ...sent, handle: kit.handle() });
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body).toEqual(first.body);
      expect((await kit.world.mail(email)).subject).toMatch(/already/i);
    });

    test('signing in needs the verified address: user:not_verified', async () => {
      const email = kit.address();
      await kit.browser().post('/v0/users', { email, handle: kit.handle(), display_name: 'Ada', password });
      const token = await kit.mailedToken(email);
      expectError(await kit.browser().post('/v0/auth/login', { email, password }), 401, 'user:not_verified');
      expectStatus(await kit.browser().post('/v0/auth/verify-email', { token }), 204);
      await kit.signIn(email);
    });
  },
);

axumKitOnOneEngine('POST /v0/users while sign-up is closed', { policy: { 'signUp.enabled': false } }, (kit) => {
  test('is not permitted', async () => {
    const sent = { email: kit.address(), handle: kit.handle(), display_name: 'Ada', password };
    expectError(await kit.browser().post('/v0/users', sent), 403, 'user:permission_insufficient');
  });
});
