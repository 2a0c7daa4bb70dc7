import { expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/base/clock.ts';
import { axumKitOnEveryEngine, axumKitOnOneEngine, expectError, expectStatus, password } from '../../kit/axumkit.ts';

axumKitOnEveryEngine('second factor (spec §2.4, §3.4, §3.5)', {}, (kit) => {
  const firstStep = async (email: string, change: object = {}) => {
    const browser = kit.browser();
    const reply = await browser.post('/v0/auth/login', { email, password, ...change });
    expectStatus(reply, 202);
    return { browser, temp_token: reply.body.temp_token as string, reply };
  };
  const verify = async (email: string, code: string) => {
    const { browser, temp_token } = await firstStep(email);
    return { browser, reply: await browser.post('/v0/auth/totp/verify', { temp_token, code }) };
  };

  test('setup gives an address and its QR code, and may be repeated', async () => {
    const { browser, email } = await kit.resident();
    const first = await browser.send('POST', '/v0/auth/totp/setup');
    const second = await browser.send('POST', '/v0/auth/totp/setup');
    const uri = new URL(second.body.qr_code_uri);
    expect(`${uri.protocol}//${uri.host}${uri.pathname}`).toBe(
      `otpauth://totp/Test%20App:${encodeURIComponent(email)}`,
    );
    expect(uri.searchParams.get('secret')).toMatch(/^[A-Z2-7]{32}$/);
    expect(uri.searchParams.get('issuer')).toBe('Test App');
    expect(second.body.qr_code_uri).not.toBe(first.body.qr_code_uri);
    const png = Buffer.from(second.body.qr_code_base64, 'base64');
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    // A secret that was replaced is worth nothing.
    const old = await browser.post('/v0/auth/totp/enable', { code: kit.code(first.body.qr_code_uri) });
    expectError(old, 400, 'totp:invalid_code');
    expectStatus(await browser.post('/v0/auth/totp/enable', { code: kit.code(second.body.qr_code_uri) }), 200);
  });

  test('a wrong code leaves the pending secret; the right one gives ten backup codes', async () => {
    const { browser } = await kit.resident();
    expectError(await browser.post('/v0/auth/totp/enable', { code: '123456' }), 400, 'totp:not_enabled');
    const { body } = await browser.post('/v0/auth/totp/setup');
    expect((await browser.get('/v0/auth/totp/status')).body).toEqual({ enabled: false });
    expectError(await browser.post('/v0/auth/totp/enable', { code: '000000' }), 400, 'totp:invalid_code');
    for (const bad of ['12345', '1234567', '']) {
      expectError(await browser.post('/v0/auth/totp/enable', { code: bad }), 400, 'general:validation_error');
    }
    const before = await browser.cookie('session_id');
    const enabled = await browser.post('/v0/auth/totp/enable', { code: kit.code(body.qr_code_uri) });
    expectStatus(enabled, 200);
    expect(enabled.body.backup_codes).toHaveLength(10);
    for (const code of enabled.body.backup_codes) expect(code).toMatch(/^[A-Z0-9]{8}$/);
    // A new token for the same session (rule 15).
    expect(await browser.cookie('session_id')).not.toBe(before);
    expect((await browser.get('/v0/auth/totp/status')).body).toEqual({
      enabled: true,
      enabled_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      backup_codes_remaining: 10,
    });
    expectError(await browser.post('/v0/auth/totp/setup'), 409, 'totp:already_enabled');
    expectError(await browser.post('/v0/auth/totp/enable', { code: '123456' }), 409, 'totp:already_enabled');
  });

  test('a sign-in stops at the second step (e2e login_with_totp_requires_second_factor)', async () => {
    const resident = await kit.resident();
    const { uri } = await kit.withTotp(resident);
    const { browser, temp_token, reply } = await firstStep(resident.email);
    expect(Object.keys(reply.body)).toEqual(['temp_token']);
    expect(reply.setCookies.some((line) => line.startsWith('session_id='))).toBe(false);
    expectError(await browser.post('/v0/auth/totp/verify', { temp_token, code: '000000' }), 400, 'totp:invalid_code');
    expectError(await browser.get('/v0/user/me'), 401, 'user:unauthorized');
    // One attempt: the token is spent by the wrong code.
    const late = await browser.post('/v0/auth/totp/verify', { temp_token, code: kit.code(uri) });
    expectError(late, 400, 'totp:temp_token_invalid');
  });

  test('the second step signs in, once, and remembers what the first step asked for', async () => {
    const resident = await kit.resident();
    const { uri } = await kit.withTotp(resident);
    const { browser, temp_token } = await firstStep(resident.email, { remember_me: true });
    const body = { temp_token, code: kit.code(uri) };
    const reply = await browser.post('/v0/auth/totp/verify', body);
    expectStatus(reply, 204);
    expect(reply.setCookies[0]).toMatch(/^session_id=\w+;.*Max-Age=2592000$/);
    expectStatus(await browser.get('/v0/user/me'), 200);
    expectError(await kit.browser().post('/v0/auth/totp/verify', body), 400, 'totp:temp_token_invalid');
    // The same code does not sign in a second time (rule 14).
    expectError((await verify(resident.email, kit.code(uri))).reply, 400, 'totp:invalid_code');
  });

  test('a bad form does not spend the temp token; seven characters do', async () => {
    const resident = await kit.resident();
    const { uri } = await kit.withTotp(resident);
    const { browser, temp_token } = await firstStep(resident.email);
    for (const code of ['12345', '123456789']) {
      expectError(await browser.post('/v0/auth/totp/verify', { temp_token, code }), 400, 'general:validation_error');
    }
    expectError(await browser.post('/v0/auth/totp/verify', { temp_token, code: 123456 }), 400, 'general:bad_request');
    expectStatus(await browser.post('/v0/auth/totp/verify', { temp_token, code: kit.code(uri) }), 204);
    expectError((await verify(resident.email, '1234567')).reply, 400, 'totp:invalid_code');
  });

  test('made-up and expired temp tokens: two minutes', async () => {
    const resident = await kit.resident();
    const { uri } = await kit.withTotp(resident);
    const { browser, temp_token } = await firstStep(resident.email);
    kit.world.clock.advance(seconds(120));
    for (const given of [temp_token, '', 'x', '0'.repeat(45), 'f'.repeat(64)]) {
      const reply = await browser.post('/v0/auth/totp/verify', { temp_token: given, code: kit.code(uri) });
      expectError(reply, 400, 'totp:temp_token_invalid');
    }
  });

  test('a backup code signs in once, with or without a separator, also in a race (e2e sec_002)', async () => {
    const resident = await kit.resident();
    const { backupCodes } = await kit.withTotp(resident);
    const [raced = '', other = ''] = backupCodes;
    const steps = await Promise.all([firstStep(resident.email), firstStep(resident.email)]);
    const raceAnswers = await Promise.all(
      steps.map(({ browser, temp_token }) => browser.post('/v0/auth/totp/verify', { temp_token, code: raced })),
    );
    expect(raceAnswers.map(({ status }) => status).sort()).toEqual([204, 400]);
    expectError((await verify(resident.email, raced)).reply, 400, 'totp:invalid_code');
    expectStatus((await verify(resident.email, `${other.slice(0, 4)}-${other.slice(4)}`)).reply, 204);
    expect((await resident.browser.get('/v0/auth/totp/status')).body.backup_codes_remaining).toBe(8);
  });

  test('no backup codes left is totp:backup_code_exhausted', async () => {
    const resident = await kit.resident();
    const { backupCodes } = await kit.withTotp(resident);
    for (const code of backupCodes) expectStatus((await verify(resident.email, code)).reply, 204);
    expectError((await verify(resident.email, backupCodes[0]!)).reply, 401, 'totp:backup_code_exhausted');
  });

  test('new backup codes replace the old; switching off takes a code (e2e status_backup_code_rotation…)', async () => {
    const resident = await kit.resident();
    const { browser, email } = resident;
    const { uri, backupCodes } = await kit.withTotp(resident);
    const code = kit.code(uri);
    expectError(
      await browser.post('/v0/auth/totp/backup-codes/regenerate', { code: backupCodes[0] }),
      400,
      'general:validation_error',
    );
    expectError(
      await browser.post('/v0/auth/totp/backup-codes/regenerate', { code: '000000' }),
      400,
      'totp:invalid_code',
    );
    // One live code serves enabling, regenerating and disabling (core map F5).
    const renewed = await browser.post('/v0/auth/totp/backup-codes/regenerate', { code });
    expectStatus(renewed, 200);
    expect(renewed.body.backup_codes).toHaveLength(10);
    expect(renewed.body.backup_codes).not.toContain(backupCodes[0]);
    expectError((await verify(email, backupCodes[0]!)).reply, 400, 'totp:invalid_code');
    expectError(await browser.post('/v0/auth/totp/disable', { code: '00000000' }), 400, 'totp:invalid_code');
    expectError(await browser.post('/v0/auth/totp/disable', { code: '0000000' }), 400, 'totp:invalid_code');
    expectStatus(await browser.post('/v0/auth/totp/disable', { code }), 204);
    expect((await browser.get('/v0/auth/totp/status')).body).toEqual({ enabled: false });
    await kit.signIn(email);
    expectError(await browser.post('/v0/auth/totp/disable', { code }), 400, 'totp:not_enabled');
    expectError(await browser.post('/v0/auth/totp/backup-codes/regenerate', { code }), 400, 'totp:not_enabled');
  });

  test('a backup code switches the factor off', async () => {
    const resident = await kit.resident();
    const { backupCodes } = await kit.withTotp(resident);
    expectStatus(await resident.browser.post('/v0/auth/totp/disable', { code: backupCodes[3] }), 204);
    await kit.signIn(resident.email);
  });

  test('ten wrong codes lock the factor of the account for a quarter of an hour (core map F4)', async () => {
    const resident = await kit.resident();
    const { uri } = await kit.withTotp(resident);
    for (let tried = 0; tried < 10; tried += 1) expectStatus((await verify(resident.email, '000000')).reply, 400);
    expectError((await verify(resident.email, kit.code(uri))).reply, 429, 'rate_limit:exceeded');
    kit.world.clock.advance(minutes(15));
    expectStatus((await verify(resident.email, kit.code(uri))).reply, 204);
  });

  test('who only has the mailed code gets it by mail at the first step (core map F3)', async () => {
    const resident = await kit.resident();
    const { clock, app } = kit.world;
    await app.mainProject.store.transaction((tx) => tx.factors.enableMailCode(resident.id, clock.now()));
    await app.mainProject.store.transaction((tx) => tx.users.update(resident.id, {}, clock.now()));
    const { browser, temp_token } = await firstStep(resident.email);
    const code = /\b\d{6}\b/.exec((await kit.world.mail(resident.email)).text)![0];
    expectStatus(await browser.post('/v0/auth/totp/verify', { temp_token, code }), 204);
    expect((await browser.get('/v0/auth/totp/status')).body).toEqual({ enabled: false });
  });

  test('all of it needs a session', async () => {
    const stranger = kit.browser();
    for (const path of ['setup', 'enable', 'disable', 'backup-codes/regenerate']) {
      expectError(await stranger.post(`/v0/auth/totp/${path}`, { code: '123456' }), 401, 'user:unauthorized');
    }
    expectError(await stranger.get('/v0/auth/totp/status'), 401, 'user:unauthorized');
  });
});

axumKitOnOneEngine('axumkit.totpIssuer', { axumkit: { totpIssuer: 'Sevenwiki' } }, (kit) => {
  test('names the application in authenticator apps', async () => {
    const { browser } = await kit.resident();
    const { body } = await browser.post('/v0/auth/totp/setup');
    expect(body.qr_code_uri).toMatch(/^otpauth:\/\/totp\/Sevenwiki:[^?]+\?secret=[A-Z2-7]{32}&issuer=Sevenwiki/);
  });
});
