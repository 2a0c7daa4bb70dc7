import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnEveryEngine, password } from '../../kit/hexclave.ts';

hexclaveOnEveryEngine('auth/cli (spec §2.5, §3.9, §6)', {}, (stage) => {
  const start = (project: HexclaveProject, body?: object) =>
    project.request('POST /auth/cli', { ...(body !== undefined && { body }) });
  const poll = (project: HexclaveProject, polling_code: string) =>
    project.request('POST /auth/cli/poll', { body: { polling_code } });
  const complete = (project: HexclaveProject, body: object) => project.request('POST /auth/cli/complete', { body });
  const guest = async (project: HexclaveProject) => (await project.request('POST /auth/anonymous/sign-up')).body;

  it('hands the browser’s session to the program, once', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const started = await start(project);
    expect(started.body).toEqual({
      polling_code: expect.stringMatching(/^[0-9a-z]{45}$/),
      login_code: expect.stringMatching(/^[0-9a-z]{45}$/),
      expires_at: new Date(stage.world.clock.now() + 120_000).toISOString(),
    });
    const { polling_code, login_code } = started.body;
    const waiting = await poll(project, polling_code);
    expect([waiting.status, waiting.body]).toEqual([200, { status: 'waiting' }]);
    expect((await complete(project, { login_code, mode: 'check' })).body).toEqual({ cli_session_state: 'none' });

    const finish = { login_code, refresh_token: user.refresh_token };
    expect((await complete(project, finish)).body).toEqual({ success: true });
    const twice = await complete(project, finish);
    expect([twice.status, twice.text]).toEqual([400, 'Invalid login code or the code has expired']);

    const polls = await Promise.all(Array.from({ length: 10 }, () => poll(project, polling_code)));
    const done = polls.filter(({ status }) => status === 201);
    expect(done.map(({ body }) => body)).toEqual([{ status: 'success', refresh_token: user.refresh_token }]);
    expect((await poll(project, polling_code)).body).toEqual({ status: 'used' });
    // Nothing that opens a session stays behind.
    const rows = await stage.world.database!.rows('SELECT session_token_enc FROM cli_login WHERE project_id = ?', [
      project.id,
    ]);
    expect(rows).toEqual([{ session_token_enc: null }]);
  });

  it('lets the browser take over what the program had, and keeps the person when they sign up there', async () => {
    const project = await stage.project();
    const anonymous = await guest(project);
    const { login_code, polling_code } = (await start(project, { anon_refresh_token: anonymous.refresh_token })).body;
    expect((await complete(project, { login_code, mode: 'check' })).body).toEqual({ cli_session_state: 'anonymous' });
    const claim = () => complete(project, { login_code, mode: 'claim-anon-session' });
    const { body: claimed } = await claim();
    expect(claimed.refresh_token).toBe(anonymous.refresh_token);
    expect((await claim()).text).toBe('No anonymous session associated with this code');
    const signedUp = await project.request('POST /auth/password/sign-up', {
      token: claimed.access_token,
      body: { email: stage.address(), password },
    });
    expect(signedUp.body.user_id).toBe(anonymous.user_id);
    await complete(project, { login_code, refresh_token: signedUp.body.refresh_token });
    expect((await poll(project, polling_code)).body.refresh_token).toBe(signedUp.body.refresh_token);
  });

  it('says what is wrong', async () => {
    const project = await stage.project();
    const elsewhere = await stage.project();
    const user = await project.signUp();
    const refusedStart = async (anon_refresh_token: string) => {
      const reply = await start(project, { anon_refresh_token });
      return [reply.status, reply.text];
    };
    expect(await refusedStart('nothing')).toEqual([400, 'Invalid anon refresh token']);
    expect(await refusedStart((await guest(elsewhere)).refresh_token)).toEqual([400, 'Invalid anon refresh token']);
    expect(await refusedStart(user.refresh_token)).toEqual([
      400,
      'The provided refresh token does not belong to an anonymous user',
    ]);
    const { login_code, polling_code } = (await start(project, { expires_in_millis: 60_000 })).body;
    const refused = async (body: object) => (await complete(project, { login_code, ...body })).text;
    expect(await refused({})).toBe("refresh_token is required when mode is 'complete'");
    expect(await refused({ refresh_token: 'x' })).toBe('Invalid refresh token');
    expect(await refused({ mode: 'claim-anon-session' })).toBe('No anonymous session associated with this code');
    expect((await poll(project, login_code)).body.code).toBe('INVALID_POLLING_CODE');
    expect((await poll(elsewhere, polling_code)).body.code).toBe('INVALID_POLLING_CODE');
    expect((await start(project, { expires_in_millis: 900_001 })).body.code).toBe('SCHEMA_ERROR');
    stage.world.clock.advance(60_000);
    expect((await poll(project, polling_code)).body).toEqual({ status: 'expired' });
    expect(await refused({ refresh_token: user.refresh_token })).toBe('Invalid login code or the code has expired');
  });
});
