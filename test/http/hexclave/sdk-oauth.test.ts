import { StackServerApp } from '@stackframe/js';
import { afterAll, expect, it, vi } from 'vitest';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { type HexclaveProject, hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { challenge, comesAs, oauthSite, ownProvider, page, verifier } from '../../kit/hexclave-oauth.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());
const options = { providers: [fake.config()], startIso: new Date().toISOString() };

/** The official client, pointed here. */
hexclaveOnOneEngine('@stackframe/js with providers', options, (stage) => {
  const serverOf = (project: HexclaveProject) =>
    new StackServerApp({
      baseUrl: stage.url.replace('/api/v1', ''),
      projectId: project.id,
      publishableClientKey: project.keys.publishable,
      secretServerKey: project.keys.server,
      tokenStore: 'memory',
      redirectMethod: 'none',
    });

  it('takes tokens of a provider sign-in, refreshes them, and reads connected accounts', async () => {
    const project = await stage.project(ownProvider('github'));
    const email = stage.address();
    const account = comesAs(fake, email);
    const { body } = await oauthSite(project).signIn();
    const app = serverOf(project);
    const user = await app.getUser({
      tokenStore: { accessToken: body.access_token, refreshToken: body.refresh_token },
    });
    expect(user).toMatchObject({ primaryEmail: email, primaryEmailVerified: true });
    const providers = await user!.listOAuthProviders();
    expect(providers).toMatchObject([{ type: 'github', accountId: account, allowSignIn: true, email }]);
    await providers[0]!.update({ allowConnectedAccounts: false });
    expect(await user!.listOAuthProviders()).toMatchObject([{ allowConnectedAccounts: false }]);
    await providers[0]!.update({ allowConnectedAccounts: true });
    const [connected] = await user!.listConnectedAccounts();
    expect(connected).toMatchObject({ provider: 'github', providerAccountId: account });
    expect(await connected!.getAccessToken({ scopes: ['user:email'] })).toMatchObject({
      status: 'ok',
      data: { accessToken: 'gho_1' },
    });
  });

  it('adds an account to a user, and takes it away', async () => {
    const project = await stage.project(ownProvider('github'));
    const app = serverOf(project);
    const user = await app.createUser({ primaryEmail: stage.address(), primaryEmailVerified: true });
    const made = await app.createOAuthProvider({
      ...{ userId: user.id, accountId: 'a1', providerConfigId: 'github', email: 'a@b.example' },
      ...{ allowSignIn: true, allowConnectedAccounts: false },
    });
    expect(made).toMatchObject({ status: 'ok', data: { accountId: 'a1', allowSignIn: true } });
    const [provider] = await user.listOAuthProviders();
    await provider!.delete();
    expect(await user.listOAuthProviders()).toEqual([]);
  });

  it('goes away to the provider and exchanges what it comes back with', async () => {
    const project = await stage.project(ownProvider('github'));
    // What its pages call in a browser.
    const api = (serverOf(project) as unknown as { _interface: BrowserCalls })._interface;
    const email = stage.address();
    comesAs(fake, email);
    vi.stubGlobal('window', { location: { href: page } });
    try {
      const away = await api.authorizeOAuth({
        ...{ provider: 'github', redirectUrl: page, errorRedirectUrl: page, state: 'own-state', type: 'authenticate' },
        ...{ codeChallenge: challenge, session: api.createSession({ refreshToken: null }) },
      });
      expect(away.status).toBe('ok');
      const state = new URL(away.data).searchParams.get('state')!;
      const back = await oauthSite(project).callback('github', { code: 'x', state });
      const tokens = await api.callOAuthCallback({
        oauthParams: new URL(back.headers.get('location')!).searchParams,
        ...{ redirectUri: page, codeVerifier: verifier, state: 'own-state' },
      });
      expect(tokens).toMatchObject({ newUser: true, accessToken: expect.any(String) });
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

interface BrowserCalls {
  createSession(tokens: { refreshToken: string | null }): unknown;
  authorizeOAuth(request: Record<string, unknown>): Promise<{ status: string; data: string }>;
  callOAuthCallback(answer: Record<string, unknown>): Promise<unknown>;
}
