import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { type HexclaveReply, hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { comesAs, cookieOf, oauthSite, ownProvider, page, sharedProvider, stateOf } from '../../kit/hexclave-oauth.ts';
import { startOidcIssuer } from '../../kit/oidc-issuer.ts';
import { providerConfig } from '../../kit/provider-config.ts';

const fake = await startFakeOAuth();
const issuer = await startOidcIssuer({ anyRedirect: true });
afterAll(() => Promise.all([fake.close(), issuer.close()]));
const google = providerConfig({ key: 'google', type: 'google', issuer: issuer.issuer });

const invalidGrant = 'Inner OAuth callback failed due to invalid grant. Please try again.';
const noCookie = /^Inner OAuth cookie not found\. This is likely because you refreshed the page/;

const options = { providers: [fake.config(), google], startIso: new Date().toISOString() };

hexclaveOnOneEngine('oauth callback (spec §3.5)', options, (stage) => {
  beforeEach(() => fake.reset());
  const open = async (config = {}) => {
    const project = await stage.project({ ...sharedProvider('github'), ...sharedProvider('google'), ...config });
    return { project, site: oauthSite(project) };
  };
  const deletesCookie = (reply: HexclaveReply) => {
    const [first = ''] = reply.headers.getSetCookie();
    expect(first).toMatch(
      /^stack-oauth-inner-[^=]+=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly$/,
    );
  };

  it('sends the site a code and its state, once', async () => {
    const { site } = await open();
    comesAs(fake, stage.address());
    const away = await site.authorize('github', { redirect_uri: `${page}?from=a%20b#top` });
    const query = { code: 'x', state: stateOf(away) };
    const reply = await site.callback('github', query, cookieOf(away));
    expect([reply.status, reply.body]).toEqual([303, {}]);
    const location = reply.headers.get('location')!;
    expect(location).toMatch(
      /^http:\/\/localhost:3000\/handler\/oauth-callback\?from=a%20b&code=[0-9a-z]{45}&state=state-of-the-site$/,
    );
    // Clients of the original refuse an issuer they do not expect.
    expect(new URL(location).searchParams.has('iss')).toBe(false);
    expect(reply.headers.getSetCookie()).toHaveLength(2);
    deletesCookie(reply);
    const again = await site.callback('github', query, cookieOf(away));
    expect([again.status, again.text]).toEqual([400, 'Invalid OAuth state. Please try signing in again.']);
    expect(again.headers.getSetCookie()).toEqual([]);
  });

  it('goes through an OpenID provider and gives its word about the address', async () => {
    const { project, site } = await open();
    const email = stage.address();
    issuer.signInAs({ sub: email, email, email_verified: true, name: 'Ada' });
    const away = await site.authorize('google');
    const back = await issuer.visit(away.headers.get('location')!);
    expect(back.origin + back.pathname).toBe(`${stage.url}/auth/oauth/callback/google`);
    const reply = await site.callback('google', Object.fromEntries(back.searchParams), cookieOf(away));
    const { body } = await site.exchange(new URL(reply.headers.get('location')!).searchParams.get('code')!);
    const me = await project.request('GET /users/me', { token: body.access_token });
    expect(me.body).toMatchObject({ primary_email: email, primary_email_verified: true, display_name: 'Ada' });
  });

  it.each(['<script>alert(1)</script>', 'x\r\nset-cookie: a=b', '\u2028\u202e', 'x'.repeat(4000)])(
    'what a provider says of its refusal reaches no header and no page: %#',
    async (words) => {
      const { site } = await open();
      for (const error of [words, 'access_denied']) {
        const away = await site.authorize('github');
        const query = { error, error_description: words, state: stateOf(away) };
        const reply = await site.callback('github', query, cookieOf(away));
        expect([reply.status, reply.text]).toEqual([307, '']);
        const told = new URL(reply.headers.get('location')!);
        expect(told.origin + told.pathname).toBe(page);
        expect(told.searchParams.get('errorCode')).toBe('OAUTH_PROVIDER_ACCESS_DENIED');
        expect(told.href).not.toContain(encodeURIComponent(words));
      }
    },
  );

  it('an answer without a code is none, and one of any length gets an answer that browsers can read', async () => {
    const { project, site } = await open();
    const away = await site.authorize('github');
    const reply = await site.callback('github', { state: stateOf(away) }, cookieOf(away));
    expect([reply.status, reply.text]).toEqual([400, invalidGrant]);
    for (const words of ['x'.repeat(4000), '\u{1f9a6}'.repeat(1000), 'x'.repeat(100_000)]) {
      const names = ['error', 'error_description', 'code', 'user', 'iss'];
      const posted = await project.request('POST /auth/oauth/callback/github', {
        access: null,
        body: new URLSearchParams(names.map((name) => [name, words])).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect([posted.status, posted.headers.get('location')]).toEqual([400, null]);
    }
  });

  it('refuses states of nobody, of a malformed kind, and of a project that is none', async () => {
    const { project, site } = await open();
    const { project: other } = await open();
    const state = stateOf(await site.authorize('github'));
    const [token] = state.split('.');
    const wrong = [
      ...['x', token!, `${token}.${crypto.randomUUID()}`, `${token}.${other.id}`, `${token}x.${project.id}`],
      ...[`.${project.id}`, `${token}.__proto__`, `${state}.x`, ''],
    ];
    for (const bad of wrong) {
      const reply = await site.callback('github', { code: 'x', state: bad });
      expect([bad, reply.status, reply.text]).toEqual([bad, 400, 'Invalid OAuth state. Please try signing in again.']);
      expect(reply.headers.getSetCookie()).toEqual([]);
    }
    expect((await site.callback('github', { code: 'x' })).status).toBe(400);
  });

  it('asks for the cookie of this very flow, by either name', async () => {
    const { site } = await open();
    const first = await site.authorize('github');
    const second = await site.authorize('github');
    const cookies = ['', 'a=b', cookieOf(second), cookieOf(first).replaceAll('=true', '=false')];
    for (const cookie of cookies) {
      const away = await site.authorize('github');
      const reply = await site.callback('github', { code: 'x', state: stateOf(away) }, cookie);
      expect([reply.status, reply.text]).toEqual([400, expect.stringMatching(noCookie)]);
      deletesCookie(reply);
    }
    comesAs(fake, stage.address());
    const [old, renamed] = [first, second].map(cookieOf);
    const byOld = old!.split('; ').find((pair) => pair.startsWith('stack-'))!;
    const byNew = renamed!.split('; ').find((pair) => pair.startsWith('hexclave-'))!;
    expect((await site.callback('github', { code: 'x', state: stateOf(first) }, byOld)).status).toBe(303);
    expect((await site.callback('github', { code: 'x', state: stateOf(second) }, byNew)).status).toBe(303);
  });

  it('shows, and never redirects, what the provider says no to in the exchange', async () => {
    const { site } = await open();
    const wrongProvider = await site.authorize('github');
    const other = await site.callback('google', { code: 'x', state: stateOf(wrongProvider) }, cookieOf(wrongProvider));
    expect([other.status, other.text]).toEqual([400, invalidGrant]);
    deletesCookie(other);
    fake.answers.token = { status: 400, body: { error: 'invalid_grant' } };
    const away = await site.authorize('github');
    const badCode = await site.callback('github', { code: 'bad', state: stateOf(away) }, cookieOf(away));
    expect([badCode.status, badCode.text]).toEqual([400, invalidGrant]);
    deletesCookie(badCode);
    const noCode = await site.authorize('github');
    expect((await site.callback('github', { state: stateOf(noCode) }, cookieOf(noCode))).text).toBe(invalidGrant);
  });

  describe('known errors go to the site with five parameters', () => {
    const end = async (config: Record<string, unknown>, query: Record<string, string>, change = {}) => {
      const { project, site } = await open(config);
      comesAs(fake, stage.address());
      const away = await site.authorize('github', change);
      const reply = await site.callback('github', { ...query, state: stateOf(away) }, cookieOf(away));
      deletesCookie(reply);
      return { project, reply, url: new URL(reply.headers.get('location') ?? 'none:') };
    };

    it('sign-up is off', async () => {
      const { project, reply, url } = await end({ 'auth.allowSignUp': false }, { code: 'x' });
      expect(reply.status).toBe(307);
      expect(url.origin + url.pathname).toBe(page);
      const message =
        'Creation of new accounts is not enabled for this project. Please ask the project owner to enable it.';
      expect(Object.fromEntries(url.searchParams)).toEqual({
        error: 'server_error',
        error_description: message,
        errorCode: 'SIGN_UP_NOT_ENABLED',
        message,
        details: '{}',
      });
      expect((await project.request('GET /users', { access: 'server' })).body.items).toEqual([]);
    });

    it('a sign-up rule says no', async () => {
      const rule = {
        'auth.signUpRules.none.enabled': true,
        'auth.signUpRules.none.condition': 'authMethod == "oauth" && oauthProvider == "github"',
        'auth.signUpRules.none.action.type': 'reject',
      };
      const { url } = await end(rule, { code: 'x' });
      expect(url.searchParams.get('errorCode')).toBe('SIGN_UP_REJECTED');
    });

    it('the person said no, or the provider is down', async () => {
      const denied = await end({}, { error: 'access_denied', error_description: 'not today' });
      expect(denied.url.searchParams.get('errorCode')).toBe('OAUTH_PROVIDER_ACCESS_DENIED');
      const { site } = await open();
      fake.answers.token = { status: 503, body: 'down' };
      const away = await site.authorize('github');
      const reply = await site.callback('github', { code: 'x', state: stateOf(away) }, cookieOf(away));
      const url = new URL(reply.headers.get('location')!);
      expect(url.searchParams.get('errorCode')).toBe('OAUTH_PROVIDER_TEMPORARILY_UNAVAILABLE');
    });

    it('to the page for errors when the page for codes is not trusted, and raw when neither is', async () => {
      const untrusted = { redirect_uri: 'https://localhost.evil.example/cb' };
      const code = { code: 'x' };
      const elsewhere = await end({}, code, { ...untrusted, error_redirect_url: 'http://localhost:3000/error?a=b' });
      expect(elsewhere.reply.headers.get('location')).toMatch(
        /^http:\/\/localhost:3000\/error\?a=b&error=server_error&/,
      );
      const raw = await end({}, code, { ...untrusted, error_redirect_uri: 'https://evil.example/error' });
      expect([raw.reply.status, raw.reply.body.code]).toEqual([400, 'REDIRECT_URL_NOT_WHITELISTED']);
      expect(raw.reply.headers.get('location')).toBeNull();
      // Nobody was made on the way.
      expect((await raw.project.request('GET /users', { access: 'server' })).body.items).toEqual([]);
    });

    it('the flow took longer than ten minutes', async () => {
      const { site } = await open();
      const away = await site.authorize('github');
      stage.world.clock.advance(600_000);
      const reply = await site.callback('github', { code: 'x', state: stateOf(away) }, cookieOf(away));
      const url = new URL(reply.headers.get('location')!);
      expect([reply.status, url.searchParams.get('errorCode')]).toEqual([307, 'OUTER_OAUTH_TIMEOUT']);
      deletesCookie(reply);
    });

    it('the provider was taken out of the configuration meanwhile', async () => {
      const { project, site } = await open();
      const away = await site.authorize('github');
      await project.configure({ 'auth.oauth.providers.github.allowSignIn': false });
      const reply = await site.callback('github', { code: 'x', state: stateOf(away) }, cookieOf(away));
      const { searchParams } = new URL(reply.headers.get('location')!);
      expect(searchParams.get('errorCode')).toBe('OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED');
    });
  });

  describe('where codes may go (spec §1.15)', () => {
    const domains = {
      'domains.allowLocalhost': false,
      'domains.trustedDomains.a.baseUrl': 'https://app.example.com/some/path',
      'domains.trustedDomains.b.baseUrl': 'https://*.preview.example.com',
      'domains.trustedDomains.c.baseUrl': 'https://**.deep.example.com:8443',
    };
    it.each([
      ['https://app.example.com/other/path', true],
      ['https://app.example.com:443/x', true],
      ['http://app.example.com/x', false],
      ['https://app.example.com:8443/x', false],
      ['https://app.example.com.evil.example/x', false],
      ['https://app.example.com@evil.example/x', false],
      ['https://evil.example/https://app.example.com', false],
      ['https://one.preview.example.com/x', true],
      ['https://one.two.preview.example.com/x', false],
      ['https://one.two.deep.example.com:8443/x', true],
      ['https://one.two.deep.example.com/x', false],
      ['http://localhost:3000/x', false],
      ['stack-auth-mobile-oauth-url://success', true],
      ['hexclave-mobile-oauth-url://success', true],
      ['other-mobile-oauth-url://success', false],
      ['javascript:alert(1)', false],
      ['data:text/html,x', false],
    ])('%s: %s', async (redirect_uri, trusted) => {
      const { site } = await open(domains);
      comesAs(fake, stage.address());
      const away = await site.authorize('github', { redirect_uri });
      const reply = await site.callback('github', { code: 'x', state: stateOf(away) }, cookieOf(away));
      if (trusted)
        expect([reply.status, reply.headers.get('location')]).toEqual([303, expect.stringContaining('code=')]);
      else expect([reply.status, reply.body.code]).toEqual([400, 'REDIRECT_URL_NOT_WHITELISTED']);
      deletesCookie(reply);
    });
  });

  it('sends a posted answer round once more, so that cookies come along', async () => {
    const { project, site } = await open();
    const away = await site.authorize('github');
    const posted = await project.request('POST /auth/oauth/callback/github?iss=a', {
      access: null,
      body: new URLSearchParams({ code: 'x', state: stateOf(away), user: '{"name":{"firstName":"A"}}' }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(posted.status).toBe(303);
    const url = new URL(posted.headers.get('location')!);
    expect(url.origin + url.pathname).toBe(`${stage.url}/auth/oauth/callback/github`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ code: 'x', state: stateOf(away), iss: 'a' });
    comesAs(fake, stage.address());
    expect((await site.callback('github', { code: 'x', state: stateOf(away) }, cookieOf(away))).status).toBe(303);
  });

  it('uses keys of the project itself at the place the operator knows', async () => {
    const { site } = await open(ownProvider('github'));
    comesAs(fake, stage.address());
    const reply = await site.signIn();
    expect(reply.status).toBe(200);
    expect(fake.seen.some(({ path }) => path === '/token')).toBe(true);
  });
});

/** It takes everybody for a program. */
const suspicious = createServer((_request, response) => response.end('{"success": false}')).listen(0, '127.0.0.1');
await once(suspicious, 'listening');
afterAll(() => suspicious.close());
const { port } = suspicious.address() as AddressInfo;
const challenged = {
  providers: [fake.config()],
  turnstile: { secret: 'x', url: `http://127.0.0.1:${port}/siteverify` },
};

hexclaveOnOneEngine('oauth with a bot challenge (spec §1.16)', challenged, (stage) => {
  beforeEach(() => fake.reset());

  it('a browser that could not show it signs in, and makes no new person', async () => {
    const project = await stage.project(sharedProvider('github'));
    const site = oauthSite(project);
    const unavailable = { bot_challenge_unavailable: 'true' };
    comesAs(fake, stage.address());
    const end = await site.roundTrip('github', unavailable);
    expect(end.searchParams.get('errorCode')).toBe('BOT_CHALLENGE_FAILED');
    expect(JSON.parse(end.searchParams.get('details')!)).toEqual({
      message: 'Visible bot challenge could not be completed',
    });
    expect((await site.signIn()).body.is_new_user).toBe(true);
    expect((await site.signIn('github', unavailable)).body.is_new_user).toBe(false);
  });

  it('is asked for again where it can be seen, and refused there', async () => {
    const site = oauthSite(await stage.project(sharedProvider('github')));
    const codeOf = async (phase: string) =>
      (await site.authorize('github', { bot_challenge_token: 'x', bot_challenge_phase: phase })).body.code;
    expect(await codeOf('invisible')).toBe('BOT_CHALLENGE_REQUIRED');
    expect(await codeOf('visible')).toBe('BOT_CHALLENGE_FAILED');
    expect((await site.authorize('github', { bot_challenge_token: 'x' })).status).toBe(307);
  });
});
