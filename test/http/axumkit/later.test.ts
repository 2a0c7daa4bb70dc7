import { expect, test } from 'vitest';
import { axumKitOnOneEngine, expectError, expectStatus, password } from '../../kit/axumkit.ts';

axumKitOnOneEngine('operations of later versions (spec §5.2, §5.3)', {}, (kit) => {
  test('signup registers, mails a token and opens no session', async () => {
    const browser = kit.browser();
    const sent = { email: kit.address(), handle: kit.handle(), display_name: 'E2E Test User', password };
    const reply = await browser.post('/v0/auth/signup', sent);
    expectStatus(reply, 202);
    expect(reply.body.message).toBe('Verification email sent. Complete signup from the link in your inbox.');
    expectStatus(await browser.post('/v0/auth/verify-email', { token: await kit.mailedToken(sent.email) }), 204);
    await kit.signIn(sent.email);
    // e2e duplicate_handle_is_rejected
    const again = await kit.browser().post('/v0/auth/signup', { ...sent, email: kit.address() });
    expectError(again, 409, 'user:handle_already_exists');
  });

  test('sessions are listed and ended per user (e2e session_listing_and_revocation_are_per_user)', async () => {
    const { browser, email } = await kit.resident();
    const other = await kit.signIn(email);
    const stranger = await kit.resident();
    const { sessions } = (await browser.get('/v0/auth/sessions')).body;
    expect(sessions).toHaveLength(2);
    expect(sessions.filter((session: { is_current: boolean }) => session.is_current)).toHaveLength(1);
    const { management_id } = sessions.find((session: { is_current: boolean }) => !session.is_current);
    expectError(await stranger.browser.send('DELETE', `/v0/auth/sessions/${management_id}`), 404, 'session:not_found');
    expectStatus(await other.get('/v0/user/me'), 200);
    expectStatus(await browser.send('DELETE', `/v0/auth/sessions/${management_id}`), 204);
    expectError(await other.get('/v0/user/me'), 401, 'user:unauthorized');
    expectStatus(await browser.get('/v0/user/me'), 200);
    expectError(await browser.send('DELETE', '/v0/auth/sessions/x'), 404, 'session:not_found');
    expect(JSON.stringify(sessions)).not.toContain(await browser.cookie('session_id'));
    expectError(await kit.browser().get('/v0/auth/sessions'), 401, 'user:unauthorized');
  });

  test('a native application gets its token in the body, which nothing may keep', async () => {
    const resident = await kit.resident();
    const reply = await kit.browser().post('/v0/app/auth/login', { email: resident.email, password });
    expectStatus(reply, 200);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.setCookies.some((line) => line.startsWith('session_id='))).toBe(false);
    const app = kit.browser({ authorization: `Bearer ${reply.body.token}` });
    expect((await app.get('/v0/user/me')).body.email).toBe(resident.email);
    const { uri } = await kit.withTotp(resident);
    const held = await kit.browser().post('/v0/app/auth/login', { email: resident.email, password });
    expectStatus(held, 202);
    const body = { temp_token: held.body.temp_token, code: kit.code(uri) };
    const done = await kit.browser().post('/v0/app/auth/totp/verify', body);
    expectStatus(done, 200);
    expectStatus(await kit.browser({ authorization: `Bearer ${done.body.token}` }).get('/v0/user/me'), 200);
    const wrong = await kit.browser().post('/v0/app/auth/login', { email: resident.email, password: 'wrong one' });
    expectError(wrong, 401, 'auth:invalid_credentials');
  });
});
