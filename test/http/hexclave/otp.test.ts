import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnEveryEngine, password } from '../../kit/hexclave.ts';
import { tokenIn } from '../../kit/stage.ts';

const callback_url = 'http://localhost:3000/handler/magic-link';
const on = { 'auth.otp.allowSignIn': true };

hexclaveOnEveryEngine('auth/otp (spec §2.4, §3.2, §6)', {}, (stage) => {
  const send = (project: HexclaveProject, email: string, more: object = {}) =>
    project.request('POST /auth/otp/send-sign-in-code', { body: { email, callback_url, ...more } });
  const signIn = (project: HexclaveProject, code: string, token?: string) =>
    project.request('POST /auth/otp/sign-in', { body: { code }, ...(token !== undefined && { token }) });
  /** What the mail says: the link's code and the characters to type. */
  const mailed = async (project: HexclaveProject, email: string) => {
    const [mail] = await project.mails(email);
    return { mail: mail!, code: tokenIn(mail!.links[0]!), otp: />([A-Z0-9]{6})<\/p>/.exec(mail!.html)![1]! };
  };

  it('mails a link and a code; the link makes the account once, and signs in afterwards', async () => {
    const project = await stage.project(on);
    const email = stage.address();
    const { body } = await send(project, email.toUpperCase());
    expect(body.nonce).toHaveLength(39);
    const { mail, code, otp } = await mailed(project, email);
    expect(mail.subject).toBe(`Sign in to New Project: Your code is ${otp}`);
    expect(mail.links[0]).toBe(`${callback_url}?code=${code}`);
    expect(code).toBe(otp.toLowerCase() + body.nonce);

    const check = await project.request('POST /auth/otp/sign-in/check-code', { body: { code } });
    expect(check.body).toEqual({ is_code_valid: true });
    const first = await signIn(project, code);
    expect(first.body).toMatchObject({ is_new_user: true, user_id: expect.any(String) });
    expect((await signIn(project, code)).body.code).toBe('VERIFICATION_CODE_ALREADY_USED');
    const me = await project.request('GET /users/me', { token: first.body.access_token });
    expect(me.body).toMatchObject({
      primary_email: email,
      primary_email_verified: true,
      otp_auth_enabled: true,
      has_password: false,
    });
    await send(project, email);
    const again = await signIn(project, (await mailed(project, email)).code);
    expect(again.body).toMatchObject({ is_new_user: false, user_id: first.body.user_id });
  });

  it('takes what was typed, in any case, with the nonce; two codes at a time both work', async () => {
    const project = await stage.project(on);
    const email = stage.address();
    const { nonce: one } = (await send(project, email)).body;
    const first = await mailed(project, email);
    const { nonce: two } = (await send(project, email)).body;
    const second = await mailed(project, email);
    expect((await signIn(project, second.otp + two)).status).toBe(200);
    expect((await signIn(project, first.otp + one)).status).toBe(200);
  });

  it('twenty wrong tries end a nonce, also for the right code', async () => {
    const project = await stage.project(on);
    const email = stage.address();
    const { nonce } = (await send(project, email)).body;
    const { otp } = await mailed(project, email);
    for (let at = 0; at < 20; at += 1) {
      expect((await signIn(project, `zzzz${String(at).padStart(2, '0')}${nonce}`)).body.code).toBe(
        'VERIFICATION_CODE_NOT_FOUND',
      );
    }
    expect((await signIn(project, otp + nonce)).body.code).toBe('VERIFICATION_CODE_MAX_ATTEMPTS_REACHED');
  });

  it('fifty at once: one of them signs in', async () => {
    const project = await stage.project(on);
    const email = stage.address();
    await send(project, email);
    const { code } = await mailed(project, email);
    const replies = await Promise.all(Array.from({ length: 18 }, () => signIn(project, code)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is refused where it is off, where nobody may sign up, and for addresses nobody proved', async () => {
    const project = await stage.project();
    const off = await send(project, stage.address());
    expect([off.status, off.text]).toEqual([403, 'OTP sign-in is not enabled for this project']);
    await project.configure(on);
    const { email } = await project.signUp();
    const unproven = await send(project, email);
    expect([unproven.status, unproven.body.code, unproven.body.details]).toEqual([
      409,
      'USER_EMAIL_ALREADY_EXISTS',
      { email, would_work_if_email_was_verified: true },
    ]);
    await project.configure({ 'auth.allowSignUp': false });
    expect((await send(project, stage.address())).body.code).toBe('SIGN_UP_NOT_ENABLED');
    const untrusted = await send(project, stage.address(), { callback_url: 'https://evil.example/' });
    expect(untrusted.body.code).toBe('REDIRECT_URL_NOT_WHITELISTED');
    expect((await send(project, '.ada@example.com')).body.error).toContain('body.email must be a valid email');
  });

  it('asks for the second factor, and upgrades whoever is anonymous', async () => {
    const project = await stage.project(on);
    const guest = (await project.request('POST /auth/anonymous/sign-up')).body;
    const email = stage.address();
    await send(project, email);
    const upgraded = await signIn(project, (await mailed(project, email)).code, guest.access_token);
    expect(upgraded.body).toMatchObject({ user_id: guest.user_id, is_new_user: true });
    await project.request('PATCH /users/me', {
      token: upgraded.body.access_token,
      body: { totp_secret_base64: Buffer.alloc(20, 3).toString('base64') },
    });
    await send(project, email);
    const held = await signIn(project, (await mailed(project, email)).code);
    expect(held.body.code).toBe('MULTI_FACTOR_AUTHENTICATION_REQUIRED');
  });

  it('knows nothing of codes for other purposes, or of other projects', async () => {
    const project = await stage.project(on);
    const other = await stage.project(on);
    const { email } = await project.signUp();
    await project.request('POST /auth/password/send-reset-code', { body: { email, callback_url } });
    const reset = tokenIn((await project.mails(email))[0]!.links[0]!);
    expect((await signIn(project, reset)).body.code).toBe('VERIFICATION_CODE_NOT_FOUND');
    const fresh = stage.address();
    await send(project, fresh);
    const { code } = await mailed(project, fresh);
    expect((await signIn(other, code)).body.code).toBe('VERIFICATION_CODE_NOT_FOUND');
    const asPassword = await project.request('POST /auth/password/reset', { body: { code, password } });
    expect(asPassword.body.code).toBe('VERIFICATION_CODE_NOT_FOUND');
  });
});
