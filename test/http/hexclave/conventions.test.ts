import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, it } from 'vitest';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';

hexclaveOnOneEngine('access types and keys (spec §1.5)', {}, (stage) => {
  it('welcomes whoever asks and says whom it takes them for', async () => {
    const project = await stage.project();
    const nobody = await project.request('GET /', { access: null });
    expect(nobody.status).toBe(200);
    expect(nobody.text).toMatch(/^Welcome to the Hexclave API endpoint!.*\n\nAuthentication: None$/);
    const server = await project.request('GET /', { access: 'server' });
    expect(server.text).toContain(`Authentication: Server\n  Project: ${project.id}\n  User: None`);
    const unknown = await project.request('GET /?a=1&b=2');
    expect(unknown.body).toEqual({
      code: 'SCHEMA_ERROR',
      details: { message: expect.any(String) },
      error: 'Request validation failed on GET /api/v1/:\n  - query contains unknown properties: a, b',
    });
  });

  it('refuses each way of being wrong with its own known error', async () => {
    const project = await stage.project();
    const other = await stage.project();
    const codeOf = async (headers: Record<string, string>, access: 'client' | 'server' | 'admin' | null = null) => {
      const reply = await project.request('GET /projects/current', { access, headers });
      expect(reply.headers.get('x-stack-known-error')).toBe(reply.body.code);
      expect(reply.headers.get('x-hexclave-known-error')).toBe(reply.body.code);
      return [reply.status, reply.body.code];
    };
    const id = project.id;
    expect(await codeOf({})).toEqual([400, 'ACCESS_TYPE_REQUIRED']);
    expect(await codeOf({ 'x-stack-secret-server-key': 'x' })).toEqual([400, 'PROJECT_KEY_WITHOUT_ACCESS_TYPE']);
    expect(await codeOf({ 'x-stack-access-type': 'root' })).toEqual([400, 'INVALID_ACCESS_TYPE']);
    expect(await codeOf({ 'x-stack-access-type': 'client' })).toEqual([400, 'ACCESS_TYPE_WITHOUT_PROJECT_ID']);
    expect(await codeOf({ 'x-stack-project-id': crypto.randomUUID() }, 'client')).toEqual([
      400,
      'CURRENT_PROJECT_NOT_FOUND',
    ]);
    expect(await codeOf({ 'x-stack-branch-id': 'beta' }, 'client')).toEqual([400, 'BRANCH_DOES_NOT_EXIST']);
    const wrong = { 'x-stack-publishable-client-key': other.keys.publishable };
    expect(await codeOf(wrong, 'client')).toEqual([401, 'INVALID_PUBLISHABLE_CLIENT_KEY']);
    const server = { 'x-stack-access-type': 'server', 'x-stack-project-id': id };
    expect(await codeOf(server)).toEqual([401, 'SERVER_AUTHENTICATION_REQUIRED']);
    const admin = { ...server, 'x-stack-access-type': 'admin', 'x-stack-secret-server-key': project.keys.server };
    expect(await codeOf(admin)).toEqual([401, 'ADMIN_AUTHENTICATION_REQUIRED']);
    expect(await codeOf({ 'x-stack-secret-server-key': other.keys.server }, 'server')).toEqual([
      401,
      'INVALID_SECRET_SERVER_KEY',
    ]);
    expect(await codeOf({ 'x-stack-super-secret-admin-key': project.keys.server }, 'admin')).toEqual([
      401,
      'INVALID_SUPER_SECRET_ADMIN_KEY',
    ]);
  });

  it('needs a publishable key only where the project says so, and takes the word for none as none', async () => {
    const project = await stage.project();
    const keyless = {
      'x-stack-access-type': 'client',
      'x-hexclave-project-id': project.id,
      'x-stack-publishable-client-key': '__stack_public_client__',
    };
    expect((await project.request('GET /projects/current', { access: null, headers: keyless })).status).toBe(200);
    await project.configure({ 'project.requirePublishableClientKey': true });
    const refused = await project.request('GET /projects/current', { access: null, headers: keyless });
    expect(refused.body.code).toBe('PUBLISHABLE_CLIENT_KEY_REQUIRED_FOR_PROJECT');
  });

  it('answers 200 with the real status beside it when asked to', async () => {
    const project = await stage.project();
    const reply = await project.request('GET /users/me', {
      headers: { 'x-hexclave-override-error-status': 'true' },
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-stack-actual-status')).toBe('400');
    expect(reply.headers.get('x-hexclave-actual-status')).toBe('400');
    expect(reply.body.code).toBe('CANNOT_GET_OWN_USER_WITHOUT_USER');
  });

  it('takes whomever a client without a user names for oneself', async () => {
    const project = await stage.project();
    const { user_id: id } = await project.signUp();
    const channel = crypto.randomUUID();
    for (const route of [
      `GET /contact-channels?user_id=${id}`,
      `GET /contact-channels/${id}/${channel}`,
      `DELETE /contact-channels/${id}/${channel}`,
      `GET /auth/sessions?user_id=${id}`,
      `GET /oauth-providers?user_id=${id}`,
      `GET /connected-accounts/${id}`,
      `GET /emails/notification-preference/${id}`,
      `GET /team-permissions?user_id=${id}`,
    ] as const) {
      const reply = await project.request(route);
      expect([route, reply.status, reply.body.code]).toEqual([route, 400, 'CANNOT_GET_OWN_USER_WITHOUT_USER']);
    }
    const keys = await stage.project({ 'apiKeys.enabled.user': true });
    const reply = await keys.request(`GET /user-api-keys?user_id=${id}`);
    expect([reply.status, reply.body.code]).toEqual([401, 'USER_AUTHENTICATION_REQUIRED']);
  });

  it('has ids of projects that clients know for such', () => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(stage.world.app.mainProject.project.id).toMatch(form);
  });

  it('lets any origin call, and answers unknown paths and methods in words', async () => {
    const project = await stage.project();
    const preflight = await fetch(`${stage.url}/users/me`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
    });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('x-hexclave-access-token');
    const missing = await project.request('GET /nowhere');
    expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, '*']);
    expect(missing.text).toContain('URL: ');
    expect((await project.request('PUT /users/me')).status).toBe(405);
    const bare = await fetch(`${stage.url.replace('/v1', '/latest')}`);
    expect(bare.status).toBe(200);
  });

  it('says what is wrong with a body', async () => {
    const project = await stage.project();
    const broken = await project.request('POST /auth/password/sign-in', { body: '{' });
    expect(broken.body).toEqual({ code: 'BODY_PARSING_ERROR', error: 'Invalid JSON in request body' });
    const odd = await project.request('POST /auth/password/sign-in', {
      body: 'a',
      headers: { 'content-type': 'text/csv; charset=utf-8' },
    });
    expect(odd.body).toEqual({
      code: 'BODY_PARSING_ERROR',
      error: 'Unknown content type in request body: text/csv',
    });
    const wrong = await project.request('POST /auth/password/sign-in', { body: { email: '', extra: 1 } });
    expect(wrong.body.error).toBe(
      'Request validation failed on POST /api/v1/auth/password/sign-in:\n' +
        '  - body.email must not be empty\n  - body.password must be defined\n  - body contains unknown properties: extra',
    );
  });
});

hexclaveOnOneEngine('access tokens (spec §1.7)', {}, (stage) => {
  it('carry exactly the claims, signed by a published key', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const claims = decodeJwt(user.access_token);
    const base = stage.url.replace('/api/v1', '');
    expect(claims).toEqual({
      sub: user.user_id,
      project_id: project.id,
      branch_id: 'main',
      refresh_token_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      role: 'authenticated',
      name: null,
      email: user.email,
      email_verified: false,
      selected_team_id: null,
      signed_up_at: expect.any(Number),
      is_anonymous: false,
      is_restricted: false,
      restricted_reason: null,
      requires_totp_mfa: false,
      iss: `${base}/api/v1/projects/${project.id}`,
      aud: project.id,
      iat: claims.iat,
      exp: claims.iat! + 600,
    });
    const { kid, alg } = decodeProtectedHeader(user.access_token);
    expect([alg, kid?.length]).toEqual(['ES256', 12]);
    const { body } = await project.request(`GET /projects/${project.id}/.well-known/jwks.json`, { access: null });
    expect(body.keys).toHaveLength(2);
    expect(body.keys.map((key: { kid: string }) => key.kid)).toContain(kid);
    const all = await project.request(`GET /projects/${project.id}/.well-known/jwks.json?include_anonymous=true`);
    expect(all.body.keys).toHaveLength(6);
  });

  it('are refused when they are over, of another project, or of a session that ended', async () => {
    const project = await stage.project();
    const other = await stage.project();
    const user = await project.signUp();
    const me = (token: string, of = project) => of.request('GET /users/me', { token });
    expect((await me(user.access_token)).body.primary_email).toBe(user.email);
    expect((await me('garbage')).body.code).toBe('UNPARSABLE_ACCESS_TOKEN');
    expect((await me(user.access_token, other)).body.code).toBe('INVALID_PROJECT_FOR_ACCESS_TOKEN');

    const second = await project.request('POST /auth/sessions/current/refresh', { refreshToken: user.refresh_token });
    expect((await me(second.body.access_token)).status).toBe(200);
    const out = await project.request('DELETE /auth/sessions/current', { token: user.access_token, body: {} });
    expect(out.body).toEqual({ success: true });
    expect((await me(second.body.access_token)).body.code).toBe('ACCESS_TOKEN_EXPIRED');
    const again = await project.request('DELETE /auth/sessions/current', { token: user.access_token });
    expect(again.body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
    const refresh = await project.request('POST /auth/sessions/current/refresh', { refreshToken: user.refresh_token });
    expect([refresh.status, refresh.body.code]).toEqual([401, 'REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED']);
  });

  it('of anonymous people need a header, and have keys of their own', async () => {
    const project = await stage.project();
    const { body } = await project.request('POST /auth/anonymous/sign-up');
    expect(decodeJwt(body.access_token).aud).toBe(`${project.id}:anon`);
    const shut = await project.request('GET /users/me', {
      token: body.access_token,
      headers: { 'x-stack-allow-anonymous-user': 'false' },
    });
    expect([shut.status, shut.body.code]).toEqual([401, 'ANONYMOUS_AUTHENTICATION_NOT_ALLOWED']);
    const open = await project.request('GET /users/me', { token: body.access_token });
    expect(open.body).toMatchObject({ is_anonymous: true, restricted_reason: { type: 'anonymous' } });
  });
});
