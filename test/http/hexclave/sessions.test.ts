import { decodeJwt } from 'jose';
import { expect, it } from 'vitest';
import {
  type HexclaveProject,
  hexclaveOnEveryEngine,
  hexclaveOnOneEngine,
  password,
  type SignedIn,
} from '../../kit/hexclave.ts';

const refresh = (project: HexclaveProject, { refresh_token: refreshToken }: Pick<SignedIn, 'refresh_token'>) =>
  project.request('POST /auth/sessions/current/refresh', { refreshToken });

hexclaveOnEveryEngine('auth/sessions (spec §2.6, §4.1, §6)', {}, (stage) => {
  const open = (project: HexclaveProject, body: object, access: 'client' | 'server' = 'server') =>
    project.request('POST /auth/sessions', { access, body });

  it('are listed newest first to their owner, and ended by them', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const second = await project.request('POST /auth/password/sign-in', { body: { email: user.email, password } });
    const list = () => project.request('GET /auth/sessions?user_id=me', { token: user.access_token });
    const [newer, own] = (await list()).body.items;
    expect(own).toEqual({
      id: decodeJwt(user.access_token).refresh_token_id,
      user_id: user.user_id,
      created_at: expect.any(Number),
      is_impersonation: false,
      last_used_at: expect.any(Number),
      is_current_session: true,
      last_used_at_end_user_ip_info: { ip: expect.stringMatching(/^203\./) },
    });
    expect(newer.is_current_session).toBe(false);
    const end = (id: string, user_id = 'me') =>
      project.request(`DELETE /auth/sessions/${id}?user_id=${user_id}`, { token: user.access_token });
    expect((await end(own.id)).body.code).toBe('CANNOT_DELETE_CURRENT_SESSION');
    expect((await end(newer.id)).body).toEqual({ success: true });
    expect((await refresh(project, second.body)).status).toBe(401);
    const gone = await end(newer.id);
    expect([gone.status, gone.text]).toEqual([404, 'Session not found.']);
  });

  it('of others are neither shown nor ended', async () => {
    const project = await stage.project();
    const [user, stranger] = [await project.signUp(), await project.signUp()];
    const token = user.access_token;
    const foreign = await project.request(`GET /auth/sessions?user_id=${stranger.user_id}`, { token });
    expect([foreign.status, foreign.text]).toEqual([403, 'Client can only list sessions for their own user.']);
    const theirs = decodeJwt(stranger.access_token).refresh_token_id;
    expect((await project.request(`DELETE /auth/sessions/${theirs}?user_id=me`, { token })).status).toBe(404);
    expect((await refresh(project, stranger)).status).toBe(200);
    const unnamed = await project.request('GET /auth/sessions', { token });
    expect(unnamed.body.error).toContain('query.user_id must be defined');
    const signedOut = await project.request('GET /auth/sessions?user_id=me');
    expect(signedOut.body.code).toBe('CANNOT_GET_OWN_USER_WITHOUT_USER');
  });

  it('are opened by the server alone, for as long as it says', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    expect((await open(project, { user_id: user.user_id }, 'client')).body.code).toBe('INSUFFICIENT_ACCESS_TYPE');
    const made = await open(project, { user_id: user.user_id, expires_in_millis: 5000 });
    expect(Object.keys(made.body).sort()).toEqual(['access_token', 'refresh_token']);
    expect((await refresh(project, made.body)).status).toBe(200);
    stage.world.clock.advance(5000);
    expect((await refresh(project, made.body)).body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
    const nobody = crypto.randomUUID();
    expect((await open(project, { user_id: nobody })).body).toMatchObject({
      code: 'USER_ID_DOES_NOT_EXIST',
      details: { user_id: nobody },
    });
    const tooLong = await open(project, { user_id: user.user_id, expires_in_millis: 31_708_800_001 });
    expect(tooLong.body.error).toContain('body.expires_in_millis must be less than or equal to 31708800000');
  });

  it('that act for somebody are shown to administrators alone', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    await open(project, { user_id: user.user_id, is_impersonation: true });
    const count = async (access: 'client' | 'server' | 'admin') =>
      (await project.request(`GET /auth/sessions?user_id=${user.user_id}`, { access, token: user.access_token })).body
        .items.length;
    expect([await count('client'), await count('server'), await count('admin')]).toEqual([1, 1, 2]);
  });

  it('refreshed and ended at once answer one thing or the other, never a fault', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const replies = await Promise.all([
      ...Array.from({ length: 10 }, () => refresh(project, user)),
      project.request('DELETE /auth/sessions/current', { token: user.access_token }),
      ...Array.from({ length: 10 }, () => refresh(project, user)),
    ]);
    for (const { status, body } of replies) {
      expect([200, 401]).toContain(status);
      if (status === 401) expect(body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
    }
    expect((await refresh(project, user)).status).toBe(401);
  });

  it('of a refresh token alone authenticate nobody', async () => {
    const project = await stage.project();
    const { refresh_token: refreshToken } = await project.signUp();
    const me = await project.request('GET /users/me', { refreshToken });
    expect(me.body.code).toBe('CANNOT_GET_OWN_USER_WITHOUT_USER');
    const missing = await project.request('POST /auth/sessions/current/refresh');
    expect(missing.body.error).toContain('headers.x-stack-refresh-token must be defined');
  });
});

hexclaveOnOneEngine('auth/anonymous (spec §1.9, §3.4, §6)', {}, (stage) => {
  const guest = async (project: HexclaveProject): Promise<SignedIn> =>
    (await project.request('POST /auth/anonymous/sign-up')).body;

  it('somebody without identifiers becomes who they sign up as, and gets new tokens', async () => {
    const project = await stage.project();
    const { access_token: token, user_id, refresh_token } = await guest(project);
    await project.request('PATCH /users/me', { token, body: { client_metadata: { cart: [1] } } });
    stage.world.clock.advance(1000);
    const email = stage.address();
    const upgraded = await project.request('POST /auth/password/sign-up', { token, body: { email, password } });
    expect(upgraded.body.user_id).toBe(user_id);
    expect((await project.request('GET /users/me', { token })).body.code).toBe('ACCESS_TOKEN_EXPIRED');
    expect((await refresh(project, { refresh_token })).status).toBe(401);
    const me = await project.request('GET /users/me', { token: upgraded.body.access_token });
    expect(me.body).toMatchObject({
      is_anonymous: false,
      primary_email: email,
      client_metadata: { cart: [1] },
      signed_up_at_millis: stage.world.clock.now(),
    });
    const renewed = await refresh(project, { refresh_token: upgraded.body.refresh_token });
    expect(decodeJwt(renewed.body.access_token).aud).toBe(project.id);
  });

  it('whoever signs in to an account that was there leaves the other as it was', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { access_token: token, user_id } = await guest(project);
    const reply = await project.request('POST /auth/password/sign-in', {
      token,
      body: { email: user.email, password },
    });
    expect(reply.body.user_id).toBe(user.user_id);
    expect((await project.request('GET /users/me', { token })).body).toMatchObject({ id: user_id, is_anonymous: true });
  });

  it('needs the sign-up to be open and the address to be free; a full person who signs up is another one', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { access_token: token } = await guest(project);
    const signUp = (as: string, email: string) =>
      project.request('POST /auth/password/sign-up', { token: as, body: { email, password } });
    expect((await signUp(token, user.email)).body.code).toBe('USER_EMAIL_ALREADY_EXISTS');
    expect((await signUp(user.access_token, stage.address())).body.user_id).not.toBe(user.user_id);
    await project.configure({ 'auth.allowSignUp': false });
    expect((await signUp(token, stage.address())).body.code).toBe('SIGN_UP_NOT_ENABLED');
    expect((await project.request('POST /auth/anonymous/sign-up')).status).toBe(200);
  });
});
