import assert from 'node:assert/strict';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { Instant } from '../../src/base/clock.ts';
import type { ProviderConfig } from '../../src/base/configuration.ts';
import { Refusal, type RefusalCode } from '../../src/base/refusal.ts';
import type { IdentityProvider } from '../../src/core/identities/provider.ts';
import { ownUrl } from '../../src/core/return-urls.ts';
import { createGuardedFetch } from '../../src/providers/guarded-fetch.ts';
import { openProviders } from '../../src/providers/open-providers.ts';
import { callbackOf, type OidcIssuer, startOidcIssuer } from '../kit/oidc-issuer.ts';

let issuer: OidcIssuer;
let fetched: string[] = [];
/** In place of the issuer's own. */
let publishedKeys: (() => Response) | null = null;
let offsetMs = 0;
const clock = { now: () => (Date.now() + offsetMs) as Instant };
const nowSeconds = () => Math.floor(clock.now() / 1000);
const verifier = 'v'.repeat(64);

beforeAll(async () => {
  issuer = await startOidcIssuer();
  issuer.signInAs({ sub: 'alice', email: 'alice@example.org', email_verified: true, name: 'Alice' });
});
afterAll(() => issuer.close());

function provider(change: Partial<ProviderConfig> = {}): IdentityProvider {
  const guarded = createGuardedFetch({ allowPrivate: [issuer.issuer] });
  fetched = [];
  const fetch = (url: string, request?: Parameters<typeof guarded>[1]) => {
    const { pathname } = new URL(url);
    fetched.push(pathname);
    if (publishedKeys !== null && pathname.includes('jwks')) return Promise.resolve(publishedKeys());
    return guarded(url, request);
  };
  return openProviders([issuer.config(change)], { clock, fetch }).find('corp')!;
}

const start = (of: IdentityProvider, nonce: string | null = 'n-1') =>
  of.authorizationUrl({
    redirectUri: callbackOf('corp'),
    state: 'the-state',
    codeVerifier: verifier,
    nonce,
    extraScopes: ['offline_access', 'email'],
    loginHint: 'alice@example.org',
    extraParameters: { max_age: '60' },
  });

async function answer(of: IdentityProvider, change: Partial<Parameters<IdentityProvider['redeem']>[0]> = {}) {
  const callback = await issuer.visit(await start(of));
  return {
    code: callback.searchParams.get('code')!,
    issuer: callback.searchParams.get('iss'),
    redirectUri: callbackOf('corp'),
    codeVerifier: verifier,
    nonce: 'n-1',
    userHint: null,
    ...change,
  };
}

const refusal = (code: RefusalCode, why?: string) => (fault: unknown) => {
  assert.ok(fault instanceof Refusal, String(fault));
  assert.equal(fault.code, code, fault.detail.why ?? '');
  if (why !== undefined) assert.ok(fault.detail.why?.includes(why), fault.detail.why ?? '');
  return true;
};

describe('OpenID Connect: redirect flow', () => {
  test('the authorization URL carries its parameters in order, with PKCE and nonce', async () => {
    const url = new URL(await start(provider()));
    assert.equal(url.origin, issuer.issuer);
    assert.deepEqual(
      [...url.searchParams.keys()],
      [
        ...['response_type', 'client_id', 'state', 'scope', 'redirect_uri', 'code_challenge_method', 'code_challenge'],
        ...['nonce', 'login_hint', 'max_age'],
      ],
    );
    assert.equal(url.searchParams.get('scope'), 'openid email profile offline_access');
    assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
    assert.notEqual(url.searchParams.get('code_challenge'), verifier);
    assert.match(url.search, /scope=openid%20email%20profile/);
  });

  test('a code becomes a profile and tokens', async () => {
    const corp = provider();
    const { profile, tokens } = await corp.redeem(await answer(corp));
    assert.deepEqual(
      { ...profile, raw: null },
      {
        subject: 'alice',
        email: 'alice@example.org',
        emailVerified: true,
        name: 'Alice',
        imageUrl: null,
        raw: null,
      },
    );
    assert.ok(tokens.accessToken && tokens.refreshToken && tokens.idToken);
    assert.ok(tokens.accessExpiresAt! > clock.now());
    assert.ok(tokens.scopes.includes('openid'));
  });

  test('discovery and keys are fetched once', async () => {
    const corp = provider();
    await corp.redeem(await answer(corp));
    await corp.redeem(await answer(corp));
    assert.equal(fetched.filter((path) => path.includes('openid-configuration')).length, 1);
    assert.equal(fetched.filter((path) => path.includes('jwks')).length, 1);
  });

  test('another nonce, a missing one, another verifier, another redirect URI and a spent code are refused', async () => {
    const corp = provider();
    await assert.rejects(
      corp.redeem(await answer(corp, { nonce: 'n-2' })),
      refusal('provider_profile_unusable', 'nonce'),
    );
    const withoutNonce = await issuer.visit(await start(corp, null));
    const code = withoutNonce.searchParams.get('code')!;
    await assert.rejects(corp.redeem(await answer(corp, { code })), refusal('provider_profile_unusable', 'nonce'));
    await assert.rejects(
      corp.redeem(await answer(corp, { codeVerifier: 'w'.repeat(64) })),
      refusal('provider_code_rejected'),
    );
    await assert.rejects(
      corp.redeem(await answer(corp, { redirectUri: callbackOf('other') })),
      refusal('provider_code_rejected'),
    );
    const good = await answer(corp);
    await corp.redeem(good);
    await assert.rejects(corp.redeem(good), refusal('provider_code_rejected'));
  });

  test('`iss` of the response must be the issuer and, as it is announced, be there (RFC 9207 §2.4)', async () => {
    const corp = provider();
    for (const iss of ['https://evil.example', `${issuer.issuer}/`, null]) {
      await assert.rejects(corp.redeem(await answer(corp, { issuer: iss })), refusal('flow_not_found'));
    }
  });

  test('a wrong client secret is the provider saying no; a closed port is not', async () => {
    const corp = provider({ clientSecret: 'wrong' });
    await assert.rejects(corp.redeem(await answer(corp)), refusal('provider_code_rejected'));
    const down = provider({ issuer: 'https://issuer.invalid' });
    await assert.rejects(start(down), refusal('provider_unavailable'));
  });

  test('refresh gives new tokens; a spent refresh token is rejected', async () => {
    const corp = provider();
    const { tokens } = await corp.redeem(await answer(corp));
    const refreshed = await corp.refresh(tokens.refreshToken!);
    assert.notEqual(refreshed.accessToken, tokens.accessToken);
    await assert.rejects(corp.refresh(tokens.refreshToken!), refusal('provider_rejected_refresh'));
  });

  test('the profile can be asked for again, and not with a token that is worth nothing', async () => {
    const corp = provider();
    const { tokens } = await corp.redeem(await answer(corp));
    const again = await corp.readProfile({ accessToken: tokens.accessToken!, idToken: tokens.idToken });
    assert.equal(again.email, 'alice@example.org');
    await assert.rejects(
      corp.readProfile({ accessToken: 'nothing', idToken: null }),
      refusal('provider_profile_unusable'),
    );
  });

  test('the end of the session is announced by discovery', async () => {
    const url = await provider().endSessionUrl({
      idToken: 'hint',
      returnTo: ownUrl('https://app.example', '/'),
      state: null,
    });
    assert.ok(url?.startsWith(`${issuer.issuer}/session/end?id_token_hint=hint`));
  });
});

describe('OpenID Connect: ID tokens (rule 10)', () => {
  const good = () => ({
    sub: 'bob',
    email: 'bob@example.org',
    email_verified: true,
    iat: nowSeconds(),
    exp: nowSeconds() + 300,
  });
  const verify = (idToken: string, nonce: string | null = null) =>
    provider({ clientIds: ['latchkey', 'latchkey-ios'] }).verifyIdToken({ idToken, nonce, accessToken: null });

  test('accepted for any of the client ids, with the nonce that was asked for', async () => {
    assert.equal((await verify(await issuer.idToken(good()))).subject, 'bob');
    assert.equal((await verify(await issuer.idToken({ ...good(), aud: 'latchkey-ios' }))).subject, 'bob');
    assert.equal((await verify(await issuer.idToken({ ...good(), nonce: 'n' }), 'n')).subject, 'bob');
  });

  test('a subject that is a number above 2^53 keeps its digits: two people do not become one', async () => {
    const claims = JSON.stringify({ iss: issuer.issuer, aud: 'latchkey', ...good(), sub: 0 });
    for (const sub of ['9007199254740992', '9007199254740993']) {
      const idToken = await issuer.idTokenOf(claims.replace('"sub":0', `"sub":${sub}`));
      assert.equal((await verify(idToken)).subject, sub);
    }
  });

  test('of several audiences, the authorized party must be us', async () => {
    const aud = ['latchkey', 'somebody-else'];
    assert.equal((await verify(await issuer.idToken({ ...good(), aud, azp: 'latchkey' }))).subject, 'bob');
    await assert.rejects(verify(await issuer.idToken({ ...good(), aud })), refusal('provider_token_rejected', 'party'));
  });

  const lies: readonly (readonly [string, () => Record<string, unknown>, Record<string, unknown>?])[] = [
    ['another issuer', () => ({ iss: 'https://evil.example' })],
    ['the issuer with a slash', () => ({ iss: `${issuer.issuer}/` })],
    ['another audience', () => ({ aud: 'somebody-else' })],
    ['no audience', () => ({ aud: undefined })],
    ['no subject', () => ({ sub: undefined })],
    ['an empty subject', () => ({ sub: '' })],
    ['expired', () => ({ exp: nowSeconds() - 60 })],
    ['no expiry', () => ({ exp: undefined })],
    ['not yet valid', () => ({ nbf: nowSeconds() + 300 })],
    ['issued in the future', () => ({ iat: nowSeconds() + 300 })],
    ['the type of an access token', () => ({}), { typ: 'at+jwt' }],
    ['the type of a logout token', () => ({}), { typ: 'logout+jwt' }],
    ['a type that is no text', () => ({}), { typ: 5 }],
    ['a type in a list', () => ({}), { typ: ['JWT'] }],
    ['a key id nobody published', () => ({}), { kid: 'unknown' }],
    ['expiry as text', () => ({ exp: String(nowSeconds() + 300) })],
    ['time of issue as text', () => ({ iat: String(nowSeconds()) })],
    ['no time of issue', () => ({ iat: null })],
    ['start as text', () => ({ nbf: 'soon' })],
    ['the issuer in a list', () => ({ iss: [issuer.issuer] })],
    ['an empty list of audiences', () => ({ aud: [] })],
    ['an authorized party in a list', () => ({ aud: ['latchkey', 'other'], azp: ['latchkey'] })],
    ['a subject that is a list', () => ({ sub: ['bob'] })],
    ['a subject that is an object', () => ({ sub: {} })],
  ];
  for (const [name, claims, header] of lies) {
    test(`refused: ${name}`, async () => {
      const idToken = await issuer.idToken({ ...good(), ...claims() }, header);
      await assert.rejects(verify(idToken), (fault) => {
        assert.ok(fault instanceof Refusal, String(fault));
        assert.ok(['provider_token_rejected', 'provider_profile_unusable'].includes(fault.code), fault.code);
        return true;
      });
    });
  }

  test('an address is verified where the token says so, and not by any other word', async () => {
    const verified = async (email_verified: unknown) =>
      (await verify(await issuer.idToken({ ...good(), email_verified }))).emailVerified;
    for (const said of [true, 'true', 1, '1']) assert.equal(await verified(said), true, String(said));
    for (const said of [false, 'false', 0, '0', 'TRUE', 'yes', null, {}, [true], undefined]) {
      assert.equal(await verified(said), false, String(said));
    }
  });

  test('refused: a missing or other nonce', async () => {
    await assert.rejects(verify(await issuer.idToken(good()), 'n'), refusal('provider_token_rejected', 'nonce'));
    await assert.rejects(
      verify(await issuer.idToken({ ...good(), nonce: 'm' }), 'n'),
      refusal('provider_token_rejected', 'nonce'),
    );
    await assert.rejects(
      verify(await issuer.idToken({ ...good(), nonce: ['n'] }), 'n'),
      refusal('provider_token_rejected', 'nonce'),
    );
    // One that is empty was asked for all the same.
    await assert.rejects(verify(await issuer.idToken(good()), ''), refusal('provider_token_rejected', 'nonce'));
  });

  test('refused: none, HMAC with the public key or the client secret, key in the header, altered and nonsense', async () => {
    const claims = { iss: issuer.issuer, aud: 'latchkey', ...good() };
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = `${encode({ alg: 'none' })}.${encode(claims)}.`;
    const pem = new TextEncoder().encode(await exportSPKI(issuer.publicKey));
    const hmac = (key: Uint8Array) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'test' }).sign(key);
    const [header, body, signature] = (await issuer.idToken(good())).split('.');
    const altered = `${header}.${encode({ ...claims, sub: 'mallory' })}.${signature}`;
    const ownKey = await selfSigned(claims);
    const all = [none, await hmac(pem), await hmac(new TextEncoder().encode('secret-of-latchkey')), altered, ownKey];
    for (const idToken of [...all, `${header}.${body}.`, `${header}.${body}`, 'nonsense', '', 'a.b.c']) {
      await assert.rejects(verify(idToken), refusal('provider_token_rejected'));
    }
  });

  describe('keys', () => {
    afterEach(() => {
      publishedKeys = null;
    });
    const ownKey = async () => ({ ...(await exportJWK(issuer.publicKey)), kid: 'test', alg: 'RS256', use: 'sig' });
    const publish = (body: unknown, init?: ResponseInit) => {
      publishedKeys = () => new Response(typeof body === 'string' ? body : JSON.stringify(body), init);
    };

    test('one that nobody can use, beside the right one, is no matter', async () => {
      const odd = [
        { kty: 'RSA', kid: 'odd', n: '!', e: 'AQAB' },
        { kty: 'none' },
        {},
        { kty: 'oct', kid: 'test', k: 'AA' },
      ];
      publish({ keys: [...odd, await ownKey()] });
      assert.equal((await verify(await issuer.idToken(good()))).subject, 'bob');
    });

    test('what is published in their place is a refusal', async () => {
      const key = await ownKey();
      const sets: readonly (readonly [unknown, ResponseInit?])[] = [
        [{ keys: [] }],
        [{ keys: [null] }],
        [{ keys: 'none' }],
        [{ keys: [key, key] }],
        [{ keys: [{ ...key, n: '!!' }] }],
        [{ keys: [{ ...key, n: 'AQAB' }] }],
        [{ keys: [{ ...key, n: undefined }] }],
        [{ keys: [{ ...key, n: 5 }] }],
        [{ keys: [{ ...key, oth: [] }] }],
        [{ keys: [{ ...key, use: undefined, key_ops: ['encrypt'] }] }],
        [{ keys: [{ kty: 'EC', crv: 'P-256', kid: 'test', x: 'AA', y: 'AA' }] }],
        [[key]],
        ['<html>'],
        ['', { status: 302, headers: { location: `${issuer.issuer}/jwks` } }],
        [{ keys: [key] }, { status: 500 }],
      ];
      for (const [body, init] of sets) {
        publish(body, init);
        await assert.rejects(verify(await issuer.idToken(good())), (fault) => {
          assert.ok(fault instanceof Refusal, `${JSON.stringify(body)}: ${fault}`);
          assert.ok(['provider_token_rejected', 'provider_unavailable'].includes(fault.code), fault.code);
          return true;
        });
      }
    });
  });

  test('an access token that is not the one of `at_hash` is refused', async () => {
    const idToken = await issuer.idToken({ ...good(), at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' });
    await assert.rejects(
      provider().verifyIdToken({ idToken, nonce: null, accessToken: 'other' }),
      refusal('provider_token_rejected', 'access token'),
    );
  });

  test('time is ours: a token of an hour ago is over', async () => {
    const idToken = await issuer.idToken(good());
    offsetMs = 3_600_000;
    try {
      await assert.rejects(verify(idToken), refusal('provider_token_rejected'));
    } finally {
      offsetMs = 0;
    }
  });
});

async function selfSigned(claims: Record<string, unknown>): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = await exportJWK(publicKey);
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'test', jwk }).sign(privateKey);
}
