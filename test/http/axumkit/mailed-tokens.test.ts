import { expect, test } from 'vitest';
import { hours, minutes } from '../../../src/base/clock.ts';
import { axumKitOnOneEngine, expectError, expectStatus, otherPassword, password } from '../../kit/axumkit.ts';

const madeUp = '0'.repeat(45);

axumKitOnOneEngine('verify-email and resend-verification-email (spec §2.2)', {}, (kit) => {
  test('a mailed token verifies the address, without a cookie; followed again it still says so', async () => {
    const { browser, email } = await kit.resident();
    const token = await kit.mailedToken(email);
    const stranger = kit.browser();
    const reply = await stranger.post('/v0/auth/verify-email', { token });
    expectStatus(reply, 204);
    expect(reply.setCookies.some((line) => line.startsWith('session_id='))).toBe(false);
    expect((await browser.get('/v0/user/me')).body.is_verified).toBe(true);
    // Mail scanners follow links before people do (core map §2).
    expectStatus(await stranger.post('/v0/auth/verify-email', { token }), 204);
  });

  test('unknown, malformed, expired and another purpose’s tokens are token:invalid_verification', async () => {
    const { email } = await kit.resident();
    const token = await kit.mailedToken(email);
    await kit.browser().post('/v0/auth/forgot-password', { email });
    const reset = await kit.mailedToken(email);
    kit.world.clock.advance(hours(1));
    for (const given of [madeUp, 'x', token, reset]) {
      expectError(
        await kit.browser().post('/v0/auth/verify-email', { token: given }),
        400,
        'token:invalid_verification',
      );
    }
    expectError(await kit.browser().post('/v0/auth/verify-email', { token: '' }), 400, 'general:validation_error');
    expectError(await kit.browser().post('/v0/auth/verify-email', { token: 5 }), 400, 'general:bad_request');
    expectError(await kit.browser().post('/v0/auth/verify-email', {}), 400, 'general:bad_request');
  });

  test('a token made for an address that was replaced since is token:email_mismatch', async () => {
    const { browser, email } = await kit.resident();
    const token = await kit.mailedToken(email);
    const next = kit.address();
    expectStatus(await browser.post('/v0/auth/change-email', { password, new_email: next }), 204);
    expectStatus(await browser.post('/v0/auth/confirm-email-change', { token: await kit.mailedToken(next) }), 204);
    expectError(await browser.post('/v0/auth/verify-email', { token }), 400, 'token:email_mismatch');
  });

  test('resending needs a session, leaves older tokens valid and ends at a verified address', async () => {
    expectError(await kit.browser().post('/v0/auth/resend-verification-email'), 401, 'user:unauthorized');
    const { browser, email } = await kit.resident();
    const first = await kit.mailedToken(email);
    expectStatus(await browser.send('POST', '/v0/auth/resend-verification-email'), 204);
    const second = await kit.mailedToken(email);
    expect(second).not.toBe(first);
    expectStatus(await browser.post('/v0/auth/verify-email', { token: first }), 204);
    expectError(await browser.post('/v0/auth/resend-verification-email'), 400, 'email:already_verified');
  });
});

axumKitOnOneEngine('forgot-password and reset-password (spec §2.2)', {}, (kit) => {
  test('known and unknown addresses are answered alike; only the known one gets mail', async () => {
    const { email } = await kit.resident();
    const unknown = kit.address();
    const answers = [];
    for (const given of [email, unknown])
      answers.push(await kit.browser().post('/v0/auth/forgot-password', { email: given }));
    for (const answer of answers) expectStatus(answer, 204);
    expect((await kit.world.mail(email)).links[0]).toMatch(new RegExp(`^${kit.world.url}/-/reset-password\\?token=`));
    expect(await kit.world.mails(unknown)).toEqual([]);
    expectError(
      await kit.browser().post('/v0/auth/forgot-password', { email: 'ada' }),
      400,
      'general:validation_error',
    );
  });

  test('a reset ends every session and the old password (e2e password_reset_invalidates…)', async () => {
    const { browser, email } = await kit.resident({ verified: true });
    await kit.browser().post('/v0/auth/forgot-password', { email });
    const token = await kit.mailedToken(email);
    const reset = await kit.browser().post('/v0/auth/reset-password', { token, new_password: otherPassword });
    expectStatus(reset, 204);
    expect(reset.setCookies.some((line) => line.startsWith('session_id='))).toBe(false);
    expectError(await browser.get('/v0/user/me'), 401, 'user:unauthorized');
    expectError(await kit.browser().post('/v0/auth/login', { email, password }), 401, 'auth:invalid_credentials');
    await kit.signIn(email, { password: otherPassword });
    const again = await kit.browser().post('/v0/auth/reset-password', { token, new_password: password });
    expectError(again, 400, 'token:invalid_reset');
  });

  test('a bad new password does not spend the token', async () => {
    const { email } = await kit.resident();
    await kit.browser().post('/v0/auth/forgot-password', { email });
    const token = await kit.mailedToken(email);
    for (const bad of ['12345', 'x'.repeat(21), '']) {
      const reply = await kit.browser().post('/v0/auth/reset-password', { token, new_password: bad });
      expectError(reply, 400, 'general:validation_error');
    }
    expectStatus(await kit.browser().post('/v0/auth/reset-password', { token, new_password: otherPassword }), 204);
  });

  test('unknown and expired tokens are token:invalid_reset: it lives a quarter of an hour', async () => {
    const { email } = await kit.resident();
    await kit.browser().post('/v0/auth/forgot-password', { email });
    const token = await kit.mailedToken(email);
    kit.world.clock.advance(minutes(15));
    for (const given of [madeUp, 'x', token]) {
      const reply = await kit.browser().post('/v0/auth/reset-password', { token: given, new_password: otherPassword });
      expectError(reply, 400, 'token:invalid_reset');
    }
  });

  test('the second factor is asked for after a reset (rule 12)', async () => {
    const resident = await kit.resident({ verified: true });
    await kit.withTotp(resident);
    await kit.browser().post('/v0/auth/forgot-password', { email: resident.email });
    const token = await kit.mailedToken(resident.email);
    expectStatus(await kit.browser().post('/v0/auth/reset-password', { token, new_password: otherPassword }), 204);
    const login = await kit.browser().post('/v0/auth/login', { email: resident.email, password: otherPassword });
    expectStatus(login, 202);
  });
});

axumKitOnOneEngine('change-password (spec §2.2)', {}, (kit) => {
  const change = (current_password: string, new_password: string) => ({ current_password, new_password });

  test('needs the current one, ends the other sessions and keeps this one (e2e change_password…)', async () => {
    const { browser, email } = await kit.resident();
    const other = await kit.signIn(email);
    const path = '/v0/auth/change-password';
    expectError(await browser.post(path, change('not the password', otherPassword)), 401, 'user:invalid_password');
    const before = await browser.cookie('session_id');
    expectStatus(await browser.post(path, change(password, otherPassword)), 204);
    expect(await browser.cookie('session_id')).toBe(before);
    expectStatus(await browser.get('/v0/user/me'), 200);
    expectError(await other.get('/v0/user/me'), 401, 'user:unauthorized');
    await kit.signIn(email, { password: otherPassword });
  });

  test('the same again is general:bad_request, whatever its Unicode form', async () => {
    const accented = 'correct hors\u00e9';
    const browser = kit.browser();
    const sent = { email: kit.address(), handle: kit.handle(), display_name: 'Ada', password: accented };
    expectStatus(await browser.post('/v0/users', sent), 201);
    expectStatus(await browser.post('/v0/auth/login', sent), 204);
    const same = change(accented, 'correct horse\u0301');
    expectError(await browser.post('/v0/auth/change-password', same), 400, 'general:bad_request');
  });

  test('bounds are those of registration', async () => {
    const { browser } = await kit.resident();
    for (const bad of ['12345', '1234567', 'x'.repeat(21), '']) {
      const reply = await browser.post('/v0/auth/change-password', change(password, bad));
      expectError(reply, 400, 'general:validation_error');
    }
  });

  test('an account without a password is user:password_not_set, at both operations', async () => {
    const { browser, id } = await kit.resident();
    await kit.world.app.mainProject.store.transaction((tx) => tx.passwords.remove(id));
    expectError(
      await browser.post('/v0/auth/change-password', change(password, otherPassword)),
      401,
      'user:password_not_set',
    );
    const mail = { password, new_email: kit.address() };
    expectError(await browser.post('/v0/auth/change-email', mail), 401, 'user:password_not_set');
  });

  test('strangers are nobody', async () => {
    const reply = await kit.browser().post('/v0/auth/change-password', change(password, otherPassword));
    expectError(reply, 401, 'user:unauthorized');
  });
});

axumKitOnOneEngine('change-email and confirm-email-change (spec §2.2)', {}, (kit) => {
  test('the new mailbox alone confirms it; then it signs in and the old one does not (e2e email_change…)', async () => {
    const { browser, email } = await kit.resident({ verified: true });
    const next = kit.address();
    const send = (given: string) => browser.post('/v0/auth/change-email', { password: given, new_email: next });
    expectError(await send('not the password'), 401, 'user:invalid_password');
    expectStatus(await send(password), 204);
    expect((await browser.get('/v0/user/me')).body.email).toBe(email);
    expect((await kit.world.mail(next)).links[0]).toMatch(
      new RegExp(`^${kit.world.url}/-/confirm-email-change\\?token=`),
    );
    const token = await kit.mailedToken(next);
    expectStatus(await kit.browser().post('/v0/auth/confirm-email-change', { token }), 204);
    const fresh = await kit.signIn(next);
    expect((await fresh.get('/v0/user/me')).body).toMatchObject({ email: next, is_verified: true });
    expectError(await kit.browser().post('/v0/auth/login', { email, password }), 401, 'auth:invalid_credentials');
    // The old mailbox is told.
    expect((await kit.world.mail(email)).text).toContain(next);
    expectError(
      await kit.browser().post('/v0/auth/confirm-email-change', { token }),
      400,
      'token:invalid_email_change',
    );
  });

  test('confirmed elsewhere every session ends; confirmed here this one stays (rule 12)', async () => {
    const { browser, email } = await kit.resident();
    const other = await kit.signIn(email);
    const next = kit.address();
    await browser.post('/v0/auth/change-email', { password, new_email: next });
    expectStatus(await browser.post('/v0/auth/confirm-email-change', { token: await kit.mailedToken(next) }), 204);
    expectStatus(await browser.get('/v0/user/me'), 200);
    expectError(await other.get('/v0/user/me'), 401, 'user:unauthorized');
    const third = kit.address();
    await browser.post('/v0/auth/change-email', { password, new_email: third });
    expectStatus(
      await kit.browser().post('/v0/auth/confirm-email-change', { token: await kit.mailedToken(third) }),
      204,
    );
    expectError(await browser.get('/v0/user/me'), 401, 'user:unauthorized');
  });

  test('the same address, a taken one and one taken meanwhile', async () => {
    const { browser, email } = await kit.resident();
    const other = await kit.resident();
    const path = '/v0/auth/change-email';
    expectError(await browser.post(path, { password, new_email: email }), 400, 'general:bad_request');
    expectError(await browser.post(path, { password, new_email: other.email }), 409, 'user:email_already_exists');
    // The password comes first: what is taken is not told to whoever found an open browser.
    expectError(
      await browser.post(path, { password: 'wrong one', new_email: other.email }),
      401,
      'user:invalid_password',
    );
    const next = kit.address();
    expectStatus(await browser.post(path, { password, new_email: next }), 204);
    const token = await kit.mailedToken(next);
    const sent = { email: next, handle: kit.handle(), display_name: 'Bob', password };
    expectStatus(await kit.browser().post('/v0/users', sent), 201);
    expectError(await browser.post('/v0/auth/confirm-email-change', { token }), 409, 'user:email_already_exists');
  });

  test('bad forms, made-up and expired tokens', async () => {
    const { browser } = await kit.resident();
    expectError(
      await browser.post('/v0/auth/change-email', { password, new_email: 'nothing' }),
      400,
      'general:validation_error',
    );
    const next = kit.address();
    await browser.post('/v0/auth/change-email', { password, new_email: next });
    const token = await kit.mailedToken(next);
    kit.world.clock.advance(minutes(15));
    for (const given of [madeUp, 'x', token]) {
      const reply = await kit.browser().post('/v0/auth/confirm-email-change', { token: given });
      expectError(reply, 400, 'token:invalid_email_change');
    }
  });
});

const frontendUrl = 'https://app.example.com';
axumKitOnOneEngine(
  'mailed links (spec §1.10)',
  { axumkit: { frontendUrl, verifyEmailPath: '/welcome', confirmEmailChangePath: '/moved' } },
  (kit) => {
    test('lead to the application’s pages where it has some', async () => {
      const { browser, email } = await kit.resident();
      expect((await kit.world.mail(email)).links[0]).toMatch(
        /^https:\/\/app\.example\.com\/welcome\?token=[0-9a-z]{45}$/,
      );
      await kit.browser().post('/v0/auth/forgot-password', { email }, { host: 'evil.example' });
      expect((await kit.world.mail(email)).links[0]).toMatch(/^https:\/\/app\.example\.com\/reset-password\?token=/);
      const next = kit.address();
      await browser.post('/v0/auth/change-email', { password, new_email: next });
      expect((await kit.world.mail(next)).links[0]).toMatch(/^https:\/\/app\.example\.com\/moved\?token=/);
    });
  },
);

axumKitOnOneEngine('emails.signInAfterVerification', { policy: { 'emails.signInAfterVerification': true } }, (kit) => {
  test('signs in with the verification, as later versions of AxumKit do (spec §5.2)', async () => {
    const email = kit.address();
    const browser = kit.browser();
    await browser.post('/v0/users', { email, handle: kit.handle(), display_name: 'Ada', password });
    expectStatus(await browser.post('/v0/auth/verify-email', { token: await kit.mailedToken(email) }), 204);
    expect((await browser.get('/v0/user/me')).body).toMatchObject({ email, is_verified: true });
  });
});
