import { afterAll, describe, expect, it } from 'vitest';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { challenge, cookieOf, oauthSite, ownProvider, sharedProvider, stateOf } from '../../kit/hexclave-oauth.ts';
import { aProject, defaultHexclave } from '../../kit/test-config.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

hexclaveOnOneEngine('oauth authorize (spec §2.7)', { providers: [fake.config()] }, (stage) => {
  const open = async (config = {}) => {
    const project = await stage.project({ ...sharedProvider('github'), ...config });
    return { project, site: oauthSite(project) };
  };

  it('sends the browser to the provider, and leaves a cookie of exactly this form', async () => {
    const { site } = await open();
    const reply = await site.authorize('github');
    expect(reply.status).toBe(307);
    const url = new URL(reply.headers.get('location')!);
    expect(url.origin + url.pathname).toBe(`${fake.origin}/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'latchkey',
      scope: 'read:user user:email',
      response_type: 'code',
      redirect_uri: `${stage.url}/auth/oauth/callback/github`,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.any(String),
      access_type: 'offline',
      prompt: 'consent',
    });
    // The provider's challenge is ours, not the site's: two halves of two flows.
    expect(url.searchParams.get('code_challenge')).not.toBe(challenge);
    const lines = reply.headers.getSetCookie();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^stack-oauth-inner-[^;=]+=true; Path=\/; Expires=[^;]+ GMT; Max-Age=600; HttpOnly$/);
    expect(lines[1]).toMatch(/^hexclave-oauth-inner-[^;=]+=true; Path=\/; Expires=[^;]+ GMT; Max-Age=600; HttpOnly$/);
    expect(cookieOf(reply)).toContain(`stack-oauth-inner-${stateOf(reply)}=true`);
  });

  it.each(['hexclave_response_mode', 'stack_response_mode'])('answers in JSON without a cookie by %s', async (name) => {
    const { site } = await open();
    const reply = await site.authorize('github', { [name]: 'json' });
    expect(reply.status).toBe(200);
    expect(Object.keys(reply.body)).toEqual(['location']);
    expect(reply.headers.getSetCookie()).toEqual([]);
  });

  it('takes the branch main in the client id, and no other client', async () => {
    const { project, site } = await open();
    expect((await site.authorize('github', { client_id: `${project.id}#main` })).status).toBe(307);
    for (const id of [`${project.id}#other`, crypto.randomUUID(), 'nobody', '']) {
      const reply = await site.authorize('github', { client_id: id });
      expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_OAUTH_CLIENT_ID_OR_SECRET']);
      expect(reply.body.details).toEqual({ client_id: id });
    }
  });

  it('asks for the key where one is shown or needed', async () => {
    const { project, site } = await open();
    const codeOf = async (client_secret: string) => {
      const reply = await site.authorize('github', { client_secret });
      return reply.body?.code ?? reply.status;
    };
    expect(await codeOf(project.keys.publishable)).toBe(307);
    expect(await codeOf('pck_wrong')).toBe('INVALID_PUBLISHABLE_CLIENT_KEY');
    expect(await codeOf(project.keys.server)).toBe('INVALID_PUBLISHABLE_CLIENT_KEY');
    await project.configure({ 'project.requirePublishableClientKey': true });
    expect(await codeOf('__stack_public_client__')).toBe('PUBLISHABLE_CLIENT_KEY_REQUIRED_FOR_PROJECT');
    expect(await codeOf(project.keys.publishable)).toBe(307);
  });

  it('knows enabled providers only', async () => {
    const { site } = await open({
      'auth.oauth.providers.google.type': 'google',
      'auth.oauth.providers.spotify.type': 'spotify',
      'auth.oauth.providers.spotify.isShared': false,
      'auth.oauth.providers.spotify.clientId': 'x',
    });
    // Not there, shared where the operator has none, its own but not for sign-in, and names of no provider.
    for (const name of ['gitlab', 'google', 'spotify', '__proto__', 'GitHub']) {
      expect((await site.authorize(name)).body.code).toBe('OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED');
    }
  });

  it('says what is missing or malformed, and lets unknown parameters pass', async () => {
    const { site } = await open();
    expect((await site.authorize('github', { utm_source: 'x' })).status).toBe(307);
    const lineOf = async (change: Record<string, string | null>) => {
      const { status, body } = await site.authorize('github', change);
      expect([status, body.code]).toEqual([400, 'SCHEMA_ERROR']);
      return body.error.split('\n').slice(1).join('');
    };
    expect(await lineOf({ redirect_uri: 'nowhere' })).toBe('  - query.redirect_uri is not a valid URL');
    expect(await lineOf({ redirect_uri: null })).toBe('  - query.redirect_uri must be defined');
    expect(await lineOf({ after_callback_redirect_url: 'x y' })).toContain(
      'query.after_callback_redirect_url contains',
    );
    expect(await lineOf({ code_challenge: null })).toBe('  - query.code_challenge must be defined');
    expect(await lineOf({ code_challenge_method: 'none' })).toContain('must be one of the following values: S256');
    expect(await lineOf({ response_type: 'token' })).toContain('query.response_type must be');
    expect(await lineOf({ state: null })).toBe('  - query.state must be defined');
    expect(await lineOf({ type: 'steal' })).toContain('must be one of the following values: authenticate, link');
  });

  it('checks the page after the callback now, and the callback page later', async () => {
    const { site } = await open();
    const untrusted = await site.authorize('github', { after_callback_redirect_url: 'https://evil.example/x' });
    expect([untrusted.status, untrusted.body.code]).toEqual([400, 'REDIRECT_URL_NOT_WHITELISTED']);
    expect((await site.authorize('github', { redirect_uri: 'https://evil.example/x' })).status).toBe(307);
    const scope = await site.authorize('github', { scope: 'everything' });
    expect(scope.body.code).toBe('INVALID_SCOPE');
  });

  describe('token', () => {
    it('is needed to link', async () => {
      const { project, site } = await open();
      const without = await site.authorize('github', { type: 'link' });
      expect([without.status, without.text]).toEqual([400, '?token= query parameter is required for link type']);
      const { access_token: token } = await project.signUp();
      expect((await site.authorize('github', { type: 'link', token })).status).toBe(307);
    });

    it('is read as everywhere else', async () => {
      const { site } = await open();
      const other = await (await stage.project()).signUp();
      const malformed = await site.authorize('github', { token: 'rubbish' });
      expect([malformed.status, malformed.body.code]).toEqual([401, 'UNPARSABLE_ACCESS_TOKEN']);
      const foreign = await site.authorize('github', { token: other.access_token });
      expect([foreign.status, foreign.text]).toEqual([403, 'The access token is not valid for this project']);
    });

    it('of a session that is over is expired', async () => {
      const { project, site } = await open();
      const { access_token: token } = await project.signUp();
      await project.request('DELETE /auth/sessions/current', { token });
      expect((await site.authorize('github', { token })).body.code).toBe('ACCESS_TOKEN_EXPIRED');
    });
  });

  it('asks for more scopes only with keys of the project itself', async () => {
    const { project, site } = await open();
    const { access_token: token } = await project.signUp();
    const changes: Record<string, string>[] = [{}, { type: 'link', token }];
    for (const change of changes) {
      const reply = await site.authorize('github', { provider_scope: 'repo', ...change });
      expect(reply.body.code).toBe('OAUTH_EXTRA_SCOPE_NOT_AVAILABLE_WITH_SHARED_OAUTH_KEYS');
    }
    await project.configure(ownProvider('github'));
    const reply = await site.authorize('github', { provider_scope: 'repo gist' });
    const url = new URL(reply.headers.get('location')!);
    expect(url.searchParams.get('scope')).toBe('user:email repo gist');
    expect(url.origin).toBe(fake.origin);
    const bad = await site.authorize('github', { provider_scope: 'a"b' });
    expect([bad.status, bad.body.code]).toEqual([400, 'INVALID_SCOPE']);
  });

  it('does not take a challenge that is unavailable together with one that was done', async () => {
    const { site } = await open();
    const reply = await site.authorize('github', { bot_challenge_unavailable: 'true', bot_challenge_token: 'x' });
    expect(reply.body.code).toBe('SCHEMA_ERROR');
    expect((await site.authorize('github', { bot_challenge_unavailable: 'true' })).status).toBe(307);
  });
});

const behindTls = {
  http: { publicUrl: 'https://id.example.com' },
  projects: [
    aProject({ providers: [fake.config()], hexclave: { ...defaultHexclave, generation: 'legacy' } }),
    aProject({ key: 'internal', id: 'internal', displayName: 'Stack Dashboard' }),
  ],
};

hexclaveOnOneEngine('oauth authorize of the older generation, over TLS', behindTls, (stage) => {
  it('writes the older cookie alone, for secure connections, and says where it is known', async () => {
    const project = await stage.project(sharedProvider('github'));
    const site = oauthSite(project);
    const reply = await site.authorize('github');
    expect(reply.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^stack-oauth-inner-[^;=]+=true; Path=\/; Expires=[^;]+; Max-Age=600; Secure; HttpOnly$/),
    ]);
    const url = new URL(reply.headers.get('location')!);
    expect(url.searchParams.get('redirect_uri')).toMatch(
      /^https:\/\/id\.example\.com\/.*api\/v1\/auth\/oauth\/callback\/github$/,
    );
    const scoped = await site.authorize('github', { provider_scope: 'repo' });
    expect(scoped.body.error).toContain('on the Stack dashboard');
  });
});
