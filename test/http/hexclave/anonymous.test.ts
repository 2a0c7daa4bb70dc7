import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnOneEngine, password, type SignedIn } from '../../kit/hexclave.ts';

const comeAnonymously = async (project: HexclaveProject): Promise<SignedIn> =>
  (await project.request('POST /auth/anonymous/sign-up')).body;

const signUpAs = (project: HexclaveProject, token: string, email: string) =>
  project.request('POST /auth/password/sign-up', { token, body: { email, password } });

const meOf = (project: HexclaveProject, token: string) => project.request('GET /users/me', { token });

hexclaveOnOneEngine('auth/anonymous (spec §2.2, §6)', {}, (stage) => {
  it('signs up also where nobody else may', async () => {
    const project = await stage.project();
    await project.configure({ 'auth.allowSignUp': false });
    const reply = await project.request('POST /auth/anonymous/sign-up');
    expect([reply.status, Object.keys(reply.body).sort()]).toEqual([200, ['access_token', 'refresh_token', 'user_id']]);
  });

  it('has tokens that the plain keys of the project do not verify', async () => {
    const project = await stage.project();
    const { access_token: token } = await comeAnonymously(project);
    const keys = async (query = '') =>
      (
        await project.request(`GET /projects/${project.id}/.well-known/jwks.json${query}`, { access: null })
      ).body.keys.map(({ kid }: { kid: string }) => kid);
    const [plain, restricted, all] = [
      await keys(),
      await keys('?include_restricted=true'),
      await keys('?include_anonymous=true'),
    ];
    expect([plain.length, restricted.length, all.length]).toEqual([2, 4, 6]);
    const { kid } = decodeProtectedHeader(token);
    expect(all).toContain(kid);
    expect(restricted).not.toContain(kid);
    expect(decodeJwt(token).role).toBe('authenticated');
  });

  it('is in lists of users only where they are asked for', async () => {
    const project = await stage.project();
    const guest = await comeAnonymously(project);
    const ids = async (query: string) =>
      (await project.request(`GET /users${query}`, { access: 'server' })).body.items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await ids('')).toEqual([]);
    expect(await ids('?include_anonymous=true')).toEqual([guest.user_id]);
    expect(await ids(`?query=${guest.user_id}`)).toEqual([]);
    expect(await ids(`?include_anonymous=true&query=${guest.user_id}`)).toEqual([guest.user_id]);
  });
});

hexclaveOnOneEngine('anonymous upgrade (spec §3.4, §6)', {}, (stage) => {
  it('keeps the id and what was stored; new tokens are those of a user, and the old ones are worth nothing', async () => {
    const project = await stage.project();
    const guest = await comeAnonymously(project);
    const token = guest.access_token;
    await project.request('PATCH /users/me', { token, body: { client_metadata: { cart: [1] } } });
    stage.world.clock.advance(60_000);
    const { body } = await signUpAs(project, token, stage.address());
    expect(body.user_id).toBe(guest.user_id);
    const known = await meOf(project, body.access_token);
    expect(known.body).toMatchObject({ id: guest.user_id, is_anonymous: false, client_metadata: { cart: [1] } });
    expect(known.body.signed_up_at_millis).toBe(stage.world.clock.now());
    const refresh = (refreshToken: string) => project.request('POST /auth/sessions/current/refresh', { refreshToken });
    expect((await meOf(project, token)).body.code).toBe('ACCESS_TOKEN_EXPIRED');
    expect((await refresh(guest.refresh_token)).body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
    expect(body.refresh_token).not.toBe(guest.refresh_token);
    const { body: next } = await refresh(body.refresh_token);
    expect(decodeJwt(next.access_token)).toMatchObject({ aud: project.id, sub: guest.user_id, is_anonymous: false });
  });

  it('is not made of somebody who is a user already', async () => {
    const project = await stage.project();
    const first = await project.signUp();
    const { body } = await signUpAs(project, first.access_token, stage.address());
    expect(body.user_id).not.toBe(first.user_id);
    expect((await meOf(project, first.access_token)).body.primary_email).toBe(first.email);
  });

  it('does not come of signing in to an account that is there', async () => {
    const project = await stage.project();
    const member = await project.signUp();
    const guest = await comeAnonymously(project);
    const { body } = await project.request('POST /auth/password/sign-in', {
      token: guest.access_token,
      body: { email: member.email, password },
    });
    expect(body.user_id).toBe(member.user_id);
    expect((await meOf(project, body.access_token)).body.client_metadata).toBeNull();
  });

  it('is refused with a taken address, and where nobody may sign up; the guest stays one', async () => {
    const project = await stage.project();
    const member = await project.signUp();
    const { access_token: token } = await comeAnonymously(project);
    const taken = await signUpAs(project, token, member.email);
    expect([taken.status, taken.body.code]).toEqual([409, 'USER_EMAIL_ALREADY_EXISTS']);
    await project.configure({ 'auth.allowSignUp': false });
    const shut = await signUpAs(project, token, stage.address());
    expect([shut.status, shut.body.code]).toEqual([400, 'SIGN_UP_NOT_ENABLED']);
    expect((await meOf(project, token)).body.is_anonymous).toBe(true);
  });
});
