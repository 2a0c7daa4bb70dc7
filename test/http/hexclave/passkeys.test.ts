import { expect, it } from 'vitest';
import { Authenticator } from '../../kit/authenticator.ts';
import { type HexclaveProject, hexclaveOnOneEngine } from '../../kit/hexclave.ts';

const origin = 'http://localhost:3000';
const on = { 'auth.passkey.allowSignIn': true };

hexclaveOnOneEngine('auth/passkey (spec §3.16, §6)', {}, (stage) => {
  const begin = async (project: HexclaveProject, what: 'registration' | 'authentication', token?: string) =>
    (
      await project.request(`POST /auth/passkey/initiate-passkey-${what}`, {
        body: {},
        ...(token !== undefined && { token }),
      })
    ).body;
  /** As the client does: its own host in place of the sentinel. */
  const create = (authenticator: Authenticator, options: { rp: object }, at = origin) =>
    authenticator.create({ ...options, rp: { ...options.rp, id: new URL(at).hostname } }, at);
  const get = (authenticator: Authenticator, options: object, at = origin) =>
    authenticator.get({ ...options, rpId: new URL(at).hostname }, at);
  const registered = async (project: HexclaveProject, token: string, authenticator: Authenticator) => {
    const { options_json, code } = await begin(project, 'registration', token);
    return project.request('POST /auth/passkey/register', {
      token,
      body: { credential: create(authenticator, options_json), code },
    });
  };
  const signIn = async (project: HexclaveProject, authenticator: Authenticator, at = origin) => {
    const { options_json, code } = await begin(project, 'authentication');
    const body = { authentication_response: get(authenticator, options_json, at), code };
    return { reply: await project.request('POST /auth/passkey/sign-in', { body }), body };
  };

  it('is made on the application’s own host and signs in there', async () => {
    const project = await stage.project(on);
    const user = await project.signUp();
    const authenticator = new Authenticator();
    const { options_json } = await begin(project, 'registration', user.access_token);
    expect(options_json).toMatchObject({
      rp: { name: 'New Project', id: 'THIS_VALUE_WILL_BE_REPLACED.example.com' },
      user: { id: Buffer.from(user.user_id).toString('base64url'), name: user.email, displayName: user.email },
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
      timeout: 60_000,
      attestation: 'none',
    });
    expect(options_json).not.toHaveProperty('hints');
    const made = await registered(project, user.access_token, authenticator);
    expect(made.body).toEqual({ user_handle: expect.any(String) });
    const me = await project.request('GET /users/me', { token: user.access_token });
    expect(me.body.passkey_auth_enabled).toBe(true);
    const { reply, body } = await signIn(project, authenticator);
    expect(reply.body).toMatchObject({ user_id: user.user_id, is_new_user: false });
    const again = await project.request('POST /auth/passkey/sign-in', { body });
    expect(again.body.code).toBe('VERIFICATION_CODE_ALREADY_USED');
  });

  it('another one takes the place of the first', async () => {
    const project = await stage.project(on);
    const user = await project.signUp();
    const [first, second] = [new Authenticator(), new Authenticator()];
    await registered(project, user.access_token, first);
    await registered(project, user.access_token, second);
    const old = await signIn(project, first);
    expect([old.reply.body.code, old.reply.body.error]).toEqual(['PASSKEY_AUTHENTICATION_FAILED', 'Passkey not found']);
    expect((await signIn(project, second)).reply.status).toBe(200);
  });

  it('is refused from sites that the project does not trust, late, or where it is off', async () => {
    const project = await stage.project(on);
    const user = await project.signUp();
    const authenticator = new Authenticator();
    const evil = 'https://evil.example';
    const { options_json, code } = await begin(project, 'registration', user.access_token);
    const refused = await project.request('POST /auth/passkey/register', {
      token: user.access_token,
      body: { credential: create(authenticator, options_json, evil), code },
    });
    expect([refused.body.code, refused.body.error]).toEqual([
      'PASSKEY_REGISTRATION_FAILED',
      'Passkey registration failed because the origin is not allowed',
    ]);
    const good = new Authenticator();
    await registered(project, user.access_token, good);
    const elsewhere = await signIn(project, good, evil);
    expect(elsewhere.reply.body.error).toBe('Passkey authentication failed because the origin is not allowed');
    expect((await signIn(project, good)).reply.status).toBe(200);
    good.rewind();
    expect((await signIn(project, good)).reply.body.error).toContain('could not be verified');

    const late = await begin(project, 'authentication');
    stage.world.clock.advance(65_000);
    const expired = await project.request('POST /auth/passkey/sign-in', {
      body: { authentication_response: get(good, late.options_json), code: late.code },
    });
    expect(expired.body.code).toBe('VERIFICATION_CODE_EXPIRED');
    await project.configure({ 'auth.passkey.allowSignIn': false });
    expect((await begin(project, 'authentication')).code).toBe('PASSKEY_AUTHENTICATION_NOT_ENABLED');
    expect((await begin(project, 'registration', user.access_token)).code).toBe('PASSKEY_AUTHENTICATION_NOT_ENABLED');
  });

  it('asks for the second factor where the authenticator verified nobody', async () => {
    const project = await stage.project(on);
    const user = await project.signUp();
    const [sure, unsure] = [new Authenticator(), new Authenticator({ verifiesUsers: false })];
    await project.request('PATCH /users/me', {
      token: user.access_token,
      body: { totp_secret_base64: Buffer.alloc(20, 9).toString('base64') },
    });
    await registered(project, user.access_token, sure);
    expect((await signIn(project, sure)).reply.status).toBe(200);
    await registered(project, user.access_token, unsure);
    expect((await signIn(project, unsure)).reply.body.code).toBe('MULTI_FACTOR_AUTHENTICATION_REQUIRED');
  });
});
