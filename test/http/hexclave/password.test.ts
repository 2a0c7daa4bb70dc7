import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnOneEngine, password } from '../../kit/hexclave.ts';
import { tokenIn } from '../../kit/stage.ts';

const callback_url = 'http://localhost:3000/reset';
const other = 'battery staple';

const signIn = (project: HexclaveProject, email: string, secret = password) =>
  project.request('POST /auth/password/sign-in', { body: { email, password: secret } });

hexclaveOnOneEngine('auth/password/sign-up (spec §2.3, §6)', {}, (stage) => {
  it('answers tokens, and mails a verification only where a page for it is named', async () => {
    const project = await stage.project();
    const [quiet, told] = [stage.address(), stage.address()];
    const plain = await project.request('POST /auth/password/sign-up', { body: { email: quiet, password } });
    expect(Object.keys(plain.body).sort()).toEqual(['access_token', 'refresh_token', 'user_id']);
    await project.request('POST /auth/password/sign-up', {
      body: { email: told, password, verification_callback_url: 'http://localhost/verify?x=1' },
    });
    expect(await project.mails(quiet)).toEqual([]);
    const [mail] = await project.mails(told);
    expect(mail!.links[0]).toMatch(/^http:\/\/localhost\/verify\?x=1&code=[0-9a-z]{45}$/);
  });

  it('refuses in the order of the table', async () => {
    const project = await stage.project();
    const codeOf = async (body: object) => {
      const reply = await project.request('POST /auth/password/sign-up', { body: { email: stage.address(), ...body } });
      return [reply.status, reply.body.code];
    };
    const untrusted = { verification_callback_url: 'https://evil.example/' };
    expect(await codeOf({ password: 'x', ...untrusted })).toEqual([400, 'REDIRECT_URL_NOT_WHITELISTED']);
    expect(await codeOf({ password: '' })).toEqual([400, 'PASSWORD_TOO_SHORT']);
    expect(await codeOf({ password: 'x'.repeat(71) })).toEqual([400, 'SCHEMA_ERROR']);
    await project.configure({ 'auth.allowSignUp': false });
    expect(await codeOf({ password })).toEqual([400, 'SIGN_UP_NOT_ENABLED']);
    await project.configure({ 'auth.password.allowSignIn': false });
    expect(await codeOf({ password })).toEqual([400, 'PASSWORD_AUTHENTICATION_NOT_ENABLED']);
  });

  it('tells that an address is taken, in its normal form', async () => {
    const project = await stage.project();
    const { email } = await project.signUp();
    const again = await project.request('POST /auth/password/sign-up', {
      body: { email: email.toUpperCase(), password },
    });
    expect([again.status, again.body]).toEqual([
      409,
      {
        code: 'USER_EMAIL_ALREADY_EXISTS',
        details: { email, would_work_if_email_was_verified: false },
        error: `A user with email "${email}" already exists.`,
      },
    ]);
  });
});

hexclaveOnOneEngine(
  'auth/password/sign-up where none opens a session',
  { policy: { 'signUp.concealTaken': 'always' } },
  (stage) => {
    it('answers a free address like one that is taken', async () => {
      const project = await stage.existing(stage.world.app.mainProject.project.id);
      const body = { email: stage.address(), password };
      const [free, taken] = [
        await project.request('POST /auth/password/sign-up', { body }),
        await project.request('POST /auth/password/sign-up', { body }),
      ];
      expect([free.status, free.body.code]).toEqual([400, 'EMAIL_NOT_VERIFIED']);
      expect(taken.text).toBe(free.text);
    });
  },
);

hexclaveOnOneEngine('auth/password/sign-in, mfa (spec §2.3, §2.4, §6)', {}, (stage) => {
  it('knows any spelling of the address, and one answer for everything that is wrong', async () => {
    const project = await stage.project();
    const { email, user_id } = await project.signUp();
    expect((await signIn(project, email.toUpperCase())).body.user_id).toBe(user_id);
    const wrong = await signIn(project, email, other);
    const unknown = await signIn(project, stage.address());
    expect([wrong.status, wrong.body]).toEqual([unknown.status, unknown.body]);
    expect(wrong.body.code).toBe('EMAIL_PASSWORD_MISMATCH');
    await project.configure({ 'auth.password.allowSignIn': false });
    expect((await signIn(project, email)).body.code).toBe('PASSWORD_AUTHENTICATION_NOT_ENABLED');
  });

  it('asks for the second factor, whose wrong codes leave the attempt open', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const secret = Buffer.alloc(20, 7);
    await project.request('PATCH /users/me', {
      token: user.access_token,
      body: { totp_secret_base64: secret.toString('base64') },
    });
    const held = await signIn(project, user.email);
    expect([held.status, held.body.code]).toEqual([400, 'MULTI_FACTOR_AUTHENTICATION_REQUIRED']);
    const { attempt_code: code } = held.body.details;
    expect(code).toMatch(/^[0-9a-z]{45}$/);
    const finish = (totp: string, attempt = code) =>
      project.request('POST /auth/mfa/sign-in', { body: { type: 'totp', totp, code: attempt } });
    expect((await finish('000000')).body.code).toBe('INVALID_TOTP_CODE');
    expect((await finish('000000', 'nothing')).body.code).toBe('VERIFICATION_CODE_NOT_FOUND');
    const { totpCode, totpStep } = await import('../../../src/core/factors/totp.ts');
    const right = totpCode(secret, totpStep(stage.world.clock.now()));
    const done = await finish(right);
    expect(done.body).toMatchObject({ user_id: user.user_id, is_new_user: false });
    expect((await finish(right)).body.code).toBe('VERIFICATION_CODE_NOT_FOUND');
  });
});

hexclaveOnOneEngine('auth/password/send-reset-code, reset (spec §2.3, §6)', {}, (stage) => {
  const mailedCode = async (project: HexclaveProject, email: string) => {
    const reply = await project.request('POST /auth/password/send-reset-code', { body: { email, callback_url } });
    expect(reply.body).toEqual({ success: 'maybe, only if user with e-mail exists' });
    const [mail] = await project.mails(email);
    return mail ? tokenIn(mail.links[0]!) : null;
  };

  it('sets a new password once, ends every session, and tells nobody who exists', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const code = (await mailedCode(project, user.email))!;
    const check = () => project.request('POST /auth/password/reset/check-code', { body: { code } });
    expect((await check()).body).toEqual({ is_code_valid: true });
    const reset = (secret: string) =>
      project.request('POST /auth/password/reset', { body: { code: code.toUpperCase(), password: secret } });
    // Looked at before the code is spent: a weak password costs nobody their mail.
    expect((await reset('short')).body.code).toBe('PASSWORD_TOO_SHORT');
    expect((await reset(other)).body).toEqual({ success: true });
    expect((await reset(other)).body.code).toBe('VERIFICATION_CODE_ALREADY_USED');
    expect((await check()).body.code).toBe('VERIFICATION_CODE_ALREADY_USED');
    expect((await signIn(project, user.email)).body.code).toBe('EMAIL_PASSWORD_MISMATCH');
    expect((await signIn(project, user.email, other)).status).toBe(200);
    const refresh = await project.request('POST /auth/sessions/current/refresh', { refreshToken: user.refresh_token });
    expect(refresh.body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
    expect(await mailedCode(project, stage.address())).toBeNull();
  });

  it('knows no code of another purpose, of another project, or past its time', async () => {
    const project = await stage.project();
    const elsewhere = await stage.project();
    const { email } = await project.signUp();
    const code = (await mailedCode(project, email))!;
    const check = (of: HexclaveProject, path: string) =>
      of.request(`POST ${path}` as 'POST /', { body: { code } }).then(({ body }) => body.code);
    expect(await check(elsewhere, '/auth/password/reset/check-code')).toBe('VERIFICATION_CODE_NOT_FOUND');
    expect(await check(project, '/contact-channels/verify/check-code')).toBe('VERIFICATION_CODE_NOT_FOUND');
    stage.world.clock.advance(7 * 86_400_000);
    expect(await check(project, '/auth/password/reset/check-code')).toBe('VERIFICATION_CODE_EXPIRED');
  });

  it('sends nobody to a page that the project does not trust, whoever the address belongs to', async () => {
    const project = await stage.project();
    const { email } = await project.signUp();
    for (const address of [email, stage.address()]) {
      const reply = await project.request('POST /auth/password/send-reset-code', {
        body: { email: address, callback_url: 'https://evil.example/' },
      });
      expect(reply.body.code).toBe('REDIRECT_URL_NOT_WHITELISTED');
    }
  });
});

hexclaveOnOneEngine('auth/password/set, update (spec §2.3, §6)', {}, (stage) => {
  const update = (project: HexclaveProject, token: string | undefined, body: object, refreshToken?: string) =>
    project.request('POST /auth/password/update', {
      body,
      ...(token !== undefined && { token }),
      ...(refreshToken !== undefined && { refreshToken }),
    });
  const alive = async (project: HexclaveProject, refreshToken: string) =>
    (await project.request('POST /auth/sessions/current/refresh', { refreshToken })).status === 200;

  it('changing it spares the one session whose refresh token is shown', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const second = (await signIn(project, user.email)).body;
    const body = { old_password: password, new_password: other };
    expect((await update(project, user.access_token, body, user.refresh_token)).body).toEqual({ success: true });
    expect(await alive(project, user.refresh_token)).toBe(true);
    expect(await alive(project, second.refresh_token)).toBe(false);
    const back = { old_password: other, new_password: password };
    expect((await update(project, user.access_token, back)).status).toBe(200);
    expect(await alive(project, user.refresh_token)).toBe(false);
  });

  it('says what is wrong', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const token = user.access_token;
    const wrong = await update(project, token, { old_password: other, new_password: password });
    expect(wrong.body.code).toBe('PASSWORD_CONFIRMATION_MISMATCH');
    const weak = await update(project, token, { old_password: password, new_password: 'x' });
    expect(weak.body).toMatchObject({ code: 'PASSWORD_TOO_SHORT', details: { min_length: 8 } });
    const missing = await update(project, token, { new_password: other });
    expect(missing.body.error).toContain('body.old_password must be defined');
    const signedOut = await update(project, undefined, { old_password: password, new_password: other });
    expect(signedOut.body.error).toContain('auth.user must be defined');
    const again = await project.request('POST /auth/password/set', { token, body: { password: other } });
    expect([again.status, again.text]).toEqual([400, 'User already has a password set.']);
  });

  it('a first one is set once, by whoever has none', async () => {
    const project = await stage.project();
    const { body: guest } = await project.request('POST /auth/anonymous/sign-up');
    const set = (secret: string) =>
      project.request('POST /auth/password/set', { token: guest.access_token, body: { password: secret } });
    const none = await update(project, guest.access_token, { old_password: password, new_password: other });
    expect(none.body.code).toBe('USER_DOES_NOT_HAVE_PASSWORD');
    expect((await set('short')).body.code).toBe('PASSWORD_TOO_SHORT');
    expect((await set(password)).body).toEqual({ success: true });
    expect((await set(password)).text).toBe('User already has a password set.');
    await project.configure({ 'auth.password.allowSignIn': false });
    expect((await set(password)).body.code).toBe('PASSWORD_AUTHENTICATION_NOT_ENABLED');
  });
});
