import { createHash, randomUUID } from 'node:crypto';
import type { FakeOAuth } from './fake-oauth.ts';
import type { HexclaveProject, HexclaveReply } from './hexclave.ts';

/** Providers of a project: lent by the operator, or with a client of its own. */
export const sharedProvider = (type: string) => provider(type, { isShared: true });
export const ownProvider = (type: string) =>
  provider(type, { isShared: false, clientId: 'latchkey', clientSecret: 'secret-of-latchkey' });

const provider = (type: string, more: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries({ type, allowSignIn: true, allowConnectedAccounts: true, ...more }).map(([name, value]) => [
      `auth.oauth.providers.${type}.${name}`,
      value,
    ]),
  );

export const verifier = 'a-verifier-of-the-length-that-is-needed-for-pkce';
export const challenge = createHash('sha256').update(verifier).digest('base64url');
export const page = 'http://localhost:3000/handler/oauth-callback';

/** What a site does: sends the browser away, takes its code, exchanges it. */
export interface OAuthSite {
  /** `null` leaves a parameter out. */
  authorize(provider: string, change?: Readonly<Record<string, string | null>>): Promise<HexclaveReply>;
  /** What the provider would send the browser back with. */
  callback(provider: string, query: Readonly<Record<string, string>>, cookie?: string): Promise<HexclaveReply>;
  exchange(code: string, change?: Readonly<Record<string, string | null>>): Promise<HexclaveReply>;
  refresh(token: string, change?: Readonly<Record<string, string | null>>): Promise<HexclaveReply>;
  /** From the site and back to it, at a plain OAuth provider: where the browser ends. */
  roundTrip(provider: string, change?: Readonly<Record<string, string | null>>): Promise<URL>;
  /** The whole of it; the answer of the token endpoint. */
  signIn(provider?: string, change?: Readonly<Record<string, string | null>>): Promise<HexclaveReply>;
}

export function oauthSite(project: HexclaveProject): OAuthSite {
  const query = (base: Readonly<Record<string, string>>, change: Readonly<Record<string, string | null>>) =>
    new URLSearchParams(
      Object.entries({ ...base, ...change }).filter((entry): entry is [string, string] => entry[1] !== null),
    ).toString();
  const client = { client_id: project.id, client_secret: '__stack_public_client__' };
  const form = (body: string) =>
    project.request('POST /auth/oauth/token', {
      access: null,
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const site: OAuthSite = {
    authorize: (name, change = {}) =>
      project.request(
        `GET /auth/oauth/authorize/${name}?${query(
          {
            ...client,
            redirect_uri: page,
            scope: 'legacy',
            state: 'state-of-the-site',
            grant_type: 'authorization_code',
            code_challenge: challenge,
            code_challenge_method: 'S256',
            response_type: 'code',
          },
          change,
        )}`,
        { access: null },
      ),
    callback: (name, values, cookie) =>
      project.request(`GET /auth/oauth/callback/${name}?${query(values, {})}`, {
        access: null,
        ...(cookie !== undefined && { headers: { cookie } }),
      }),
    exchange: (code, change = {}) =>
      form(
        query(
          { ...client, grant_type: 'authorization_code', code, redirect_uri: page, code_verifier: verifier },
          change,
        ),
      ),
    refresh: (token, change = {}) =>
      form(query({ ...client, grant_type: 'refresh_token', refresh_token: token }, change)),
    async roundTrip(name, change = {}) {
      const away = await site.authorize(name, { hexclave_response_mode: 'json', ...change });
      if (away.status !== 200) throw new Error(`authorize answered ${away.status} ${away.text}`);
      const state = stateOf(away);
      const back = await site.callback(name, { code: 'x', state });
      const location = back.headers.get('location');
      if (location === null) throw new Error(`callback answered ${back.status} ${back.text}`);
      return new URL(location);
    },
    async signIn(name = 'github', change = {}) {
      const end = await site.roundTrip(name, change);
      const code = end.searchParams.get('code');
      if (code === null) throw new Error(`ended at ${end.href}`);
      return site.exchange(code);
    },
  };
  return site;
}

/** The state that goes to the provider. */
export const stateOf = (away: HexclaveReply): string =>
  new URL(away.body?.location ?? away.headers.get('location')).searchParams.get('state')!;

/** What the browser keeps between the two visits. */
export const cookieOf = (reply: HexclaveReply): string =>
  reply.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0]!)
    .join('; ');

/** Makes the plain provider tell of somebody. */
export function comesAs(fake: FakeOAuth, email: string | null, verified = true, id: unknown = randomUUID()): string {
  fake.answers.user = { body: { id, login: 'octo', name: 'Octo Cat' } };
  fake.answers.emails = { body: email === null ? [] : [{ email, primary: true, verified }] };
  return String(id);
}
