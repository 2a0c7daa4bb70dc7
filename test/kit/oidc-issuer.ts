import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactSign, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import type { ProviderConfig } from '../../src/base/configuration.ts';
import { providerConfig } from './provider-config.ts';

export interface IssuerAccount {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly picture?: string;
}

/** A real OpenID provider on loopback that signs in whoever it is told to, without asking. */
export interface OidcIssuer {
  readonly issuer: string;
  /** Whoever signs in from now on. */
  signInAs(account: IssuerAccount): void;
  /** What a browser does: from the authorization URL to the callback that carries the answer. */
  visit(authorizationUrl: string): Promise<URL>;
  /** An ID token signed with the issuer's own key; `header` and `claims` may lie. */
  idToken(claims: Readonly<Record<string, unknown>>, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** The same for claims that are JSON already. */
  idTokenOf(json: string): Promise<string>;
  readonly publicKey: CryptoKey;
  config(change?: Partial<ProviderConfig>): ProviderConfig;
  close(): Promise<void>;
}

export const callbackOf = (provider: string): string => `http://localhost:9999/api/auth/callback/${provider}`;

/**
 * @param anyRedirect accept whatever redirect URI is sent: a server under test learns its port late
 * @param addressOf where it is reached, when that is not the port it listens on
 */
export async function startOidcIssuer({
  anyRedirect = false,
  addressOf = (port: number): Promise<string> | string => `http://127.0.0.1:${port}`,
} = {}): Promise<OidcIssuer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = await addressOf((server.address() as AddressInfo).port);
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const accounts = new Map<string, IssuerAccount>();
  let current: IssuerAccount = { sub: 'alice' };
  const provider = openProvider(
    issuer,
    { ...(await exportJWK(privateKey)), kid: 'test', use: 'sig', alg: 'RS256' },
    accounts,
  );
  if (anyRedirect) provider.Client.prototype.redirectUriAllowed = () => true;
  const serveProvider = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/interaction/')) return serveProvider(request, response);
    return provider.interactionFinished(request, response, { login: { accountId: current.sub }, consent: {} });
  });

  return {
    issuer,
    publicKey,
    signInAs(account) {
      current = account;
      accounts.set(account.sub, account);
    },
    visit,
    idToken: (claims, header = {}) =>
      new SignJWT({ iss: issuer, aud: 'latchkey', sub: current.sub, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'test', ...header })
        .sign(privateKey),
    idTokenOf: (json) =>
      new CompactSign(Buffer.from(json)).setProtectedHeader({ alg: 'RS256', kid: 'test' }).sign(privateKey),
    config: (change) => providerConfig({ issuer, ...change }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function openProvider(issuer: string, key: Record<string, unknown>, accounts: ReadonlyMap<string, IssuerAccount>) {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'latchkey',
        client_secret: 'secret-of-latchkey',
        redirect_uris: ['corp', 'other'].map(callbackOf),
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    jwks: { keys: [key as never] },
    cookies: { keys: ['test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { Interaction: 600, Grant: 3600, Session: 3600, AccessToken: 3600, RefreshToken: 86_400, IdToken: 3600 },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...(accounts.get(sub) ?? {}), sub }) }),
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client!.clientId,
        accountId: ctx.oidc.session!.accountId!,
      });
      grant.addOIDCScope('openid email profile offline_access');
      await grant.save();
      return grant;
    },
  });
  provider.on('server_error', (_ctx, fault) => {
    throw fault;
  });
  return provider;
}

/** Follows redirects with cookies until one leads away from the issuer. */
async function visit(authorizationUrl: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(authorizationUrl);
  const { origin } = url;
  for (let hops = 0; hops < 10; hops += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${response.status} at ${url.pathname}: ${await response.text()}`);
    url = new URL(location, url);
    if (url.origin !== origin) return url;
  }
  throw new Error('too many redirects');
}
