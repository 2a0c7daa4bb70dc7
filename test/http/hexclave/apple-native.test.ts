import { decodeJwt } from 'jose';
import { afterAll, expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { oauthSite } from '../../kit/hexclave-oauth.ts';
import { startOidcIssuer } from '../../kit/oidc-issuer.ts';
import { providerConfig } from '../../kit/provider-config.ts';

const issuer = await startOidcIssuer({ anyRedirect: true });
afterAll(() => issuer.close());
const apple = providerConfig({ key: 'apple', type: 'apple', issuer: issuer.issuer });
const options = { providers: [apple], startIso: new Date().toISOString() };

hexclaveOnOneEngine('native Apple sign-in (spec §3.5)', options, (stage) => {
  const at = 'auth.oauth.providers.apple';
  const configured = {
    ...{ [`${at}.type`]: 'apple', [`${at}.isShared`]: false, [`${at}.allowSignIn`]: true },
    ...{ [`${at}.clientId`]: 'com.example.web', [`${at}.appleBundles.one.bundleId`]: 'com.example.app' },
  };
  const post = (project: HexclaveProject, id_token: unknown, more = {}) =>
    project.request('POST /auth/oauth/callback/apple/native', { body: { id_token, ...more } });
  const tokenFor = (claims: Record<string, unknown> = {}) => {
    const now = Math.floor(stage.world.clock.now() / 1000);
    return issuer.idToken({
      ...{ aud: 'com.example.app', sub: crypto.randomUUID(), iat: now, exp: now + 300 },
      ...{ email: stage.address(), email_verified: 'true', ...claims },
    });
  };

  it('signs up and in with a token for the application', async () => {
    const project = await stage.project(configured);
    const sub = crypto.randomUUID();
    const email = stage.address();
    const first = await post(project, await tokenFor({ sub, email }), { user: 'x' });
    expect([first.status, first.body]).toEqual([
      200,
      {
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        user_id: expect.any(String),
        is_new_user: true,
      },
    ]);
    expect(decodeJwt(first.body.access_token)).toMatchObject({ email, email_verified: true });
    const second = await post(project, await tokenFor({ sub }));
    expect(second.body).toMatchObject({ user_id: first.body.user_id, is_new_user: false });
  });

  it('needs no client secret; without one no browser is sent to Apple, and none is told to go', async () => {
    const project = await stage.project(configured);
    const listed = async () => (await project.request('GET /projects/current')).body.config.enabled_oauth_providers;
    const away = async () => (await oauthSite(project).authorize('apple', { hexclave_response_mode: 'json' })).status;
    expect([await listed(), await away()]).toEqual([[], 400]);
    await project.configure({ [`${at}.clientSecret`]: 'secret' });
    expect([await listed(), await away()]).toEqual([[{ id: 'apple' }], 200]);
  });

  it('takes bundle ids as a list, too', async () => {
    const { [`${at}.appleBundles.one.bundleId`]: _one, ...rest } = configured;
    const project = await stage.project({ ...rest, [`${at}.appleBundles`]: ['com.example.app'] });
    expect((await post(project, await tokenFor())).status).toBe(200);
  });

  it('refuses tokens that are forged, expired, or for somebody else', async () => {
    const project = await stage.project(configured);
    const now = Math.floor(stage.world.clock.now() / 1000);
    const wrong = [
      'rubbish',
      `${await tokenFor()}x`,
      await tokenFor({ aud: 'com.example.other' }),
      // A token of the web flow proves nothing here (rule 3).
      await tokenFor({ aud: 'com.example.web' }),
      await tokenFor({ iss: 'https://evil.example' }),
      await tokenFor({ iat: now - 600, exp: now - 300 }),
    ];
    for (const token of wrong) {
      const reply = await post(project, token);
      expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_APPLE_CREDENTIALS']);
    }
  });

  it('says which part of the configuration is missing', async () => {
    const off = await post(await stage.project(), await tokenFor());
    expect([off.status, off.body.code]).toEqual([400, 'OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED']);
    const { [`${at}.appleBundles.one.bundleId`]: _one, ...rest } = configured;
    const unset = await post(await stage.project({ ...rest, [`${at}.clientSecret`]: 'secret' }), await tokenFor());
    expect([unset.status, unset.body.code]).toEqual([400, 'APPLE_BUNDLE_ID_NOT_CONFIGURED']);
    const project = await stage.project(configured);
    const missing = await project.request('POST /auth/oauth/callback/apple/native', { body: {} });
    expect(missing.body.error).toContain('  - body.id_token must be defined');
  });
});
