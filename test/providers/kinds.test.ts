import assert from 'node:assert/strict';
import { decodeJwt, decodeProtectedHeader, exportPKCS8, generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { ProviderConfig } from '../../src/base/configuration.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { Refusal, type RefusalCode } from '../../src/base/refusal.ts';
import { createGuardedFetch } from '../../src/providers/guarded-fetch.ts';
import { kinds } from '../../src/providers/kinds.ts';
import { openProviders } from '../../src/providers/open-providers.ts';
import type { ProfileSource } from '../../src/providers/provider-kind.ts';
import { type FakeOAuth, startFakeOAuth } from '../kit/fake-oauth.ts';
import { providerConfig } from '../kit/provider-config.ts';

let fake: FakeOAuth;
beforeAll(async () => {
  fake = await startFakeOAuth();
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const open = (config: ProviderConfig) =>
  openProviders([config], { clock: systemClock(), fetch: createGuardedFetch({ allowPrivate: [fake.origin] }) }).find(
    config.key,
  )!;

const redeem = (config = fake.config()) =>
  open(config).redeem({
    code: 'the-code',
    redirectUri: 'https://id.example/cb',
    codeVerifier: 'v'.repeat(50),
    nonce: null,
    issuer: null,
    userHint: null,
  });

const refusal = (code: RefusalCode) => (fault: unknown) => {
  assert.ok(fault instanceof Refusal, String(fault));
  assert.equal(fault.code, code, fault.detail.why ?? '');
  return true;
};

describe('plain OAuth 2.0 (GitHub)', () => {
  test('the code is exchanged with its verifier; the primary address comes from the list of addresses', async () => {
    const { profile, tokens } = await redeem();
    assert.deepEqual(
      { ...profile, raw: null },
      {
        subject: '4711',
        email: 'octo@example.org',
        emailVerified: true,
        name: 'Octo Cat',
        imageUrl: 'https://img.test/1',
        raw: null,
      },
    );
    assert.deepEqual(tokens.scopes, ['read:user', 'user:email']);
    const [token, user] = fake.seen;
    assert.equal(token?.form.get('code_verifier'), 'v'.repeat(50));
    assert.equal(token?.form.get('client_secret'), 'secret-of-latchkey');
    assert.equal(user?.headers.authorization, 'Bearer gho_1');
    assert.ok(user?.headers['user-agent']);
  });

  const idAs = async (json: string) => {
    fake.answers.user = { body: `{"login":"cat","id":${json}}` };
    return (await redeem()).profile.subject;
  };

  test('an id above 2^53 keeps its digits: two people do not become one', async () => {
    assert.equal(await idAs('9007199254740992'), '9007199254740992');
    assert.equal(await idAs('9007199254740993'), '9007199254740993');
    assert.equal(await idAs('4711'), '4711');
  });

  for (const id of ['9007199254740993.0', '1e17', '1e400', '1.5', '"a\\u0000"', '"\\ud800"']) {
    test(`the id ${id} would not be kept as it was sent, and is refused`, async () => {
      await assert.rejects(idAs(id), refusal('provider_profile_unusable'));
    });
  }

  test('an unverified primary address is told as unverified', async () => {
    fake.answers.emails = { body: [{ email: 'octo@example.org', primary: true, verified: false }] };
    assert.equal((await redeem()).profile.emailVerified, false);
  });

  const badTokens: readonly (readonly [string, unknown, number, RefusalCode])[] = [
    ['an error with status 200 (rule 5)', { error: 'bad_verification_code' }, 200, 'provider_code_rejected'],
    ['an error beside a token', { access_token: 'x', error: 'oops' }, 200, 'provider_code_rejected'],
    ['no token', { token_type: 'bearer' }, 200, 'provider_code_rejected'],
    ['a list', [], 200, 'provider_code_rejected'],
    ['not JSON', '<html>', 200, 'provider_code_rejected'],
    ['a refusal', { error: 'invalid_grant' }, 400, 'provider_code_rejected'],
    ['a redirect', {}, 302, 'provider_code_rejected'],
    ['an outage', '<html>', 502, 'provider_unavailable'],
  ];
  for (const [name, body, status, code] of badTokens) {
    test(`token endpoint: ${name}`, async () => {
      fake.answers.token = { status, body };
      await assert.rejects(redeem(), refusal(code));
    });
  }

  describe('a token answer that says less than it should still gives its token', () => {
    const full = { access_token: 'gho_1', token_type: 'bearer' };
    test.each([
      [
        'null members',
        { ...full, expires_in: null, refresh_token: null, token_type: null, scope: null, id_token: null },
      ],
      ['empty members', { ...full, expires_in: '', refresh_token: '', token_type: '', scope: '', id_token: '' }],
      ['a life of zero', { ...full, expires_in: 0, refresh_token_expires_in: 0 }],
      ['a life below zero', { ...full, expires_in: -1 }],
      ['a life that is no number', { ...full, expires_in: 'never' }],
      ['an empty error', { ...full, error: '', errors: [] }],
      ['scopes that are none', { ...full, scope: 'a\u0000b \ud800 \u0436,\u200b' }],
    ])('%s', async (_, body) => {
      fake.answers.token = { body };
      const { tokens } = await redeem();
      expect(tokens).toEqual({
        ...{ accessToken: 'gho_1', refreshToken: null, idToken: null, scopes: [] },
        ...{ accessExpiresAt: null, refreshExpiresAt: null },
      });
    });

    test('a life as text, and one beyond all dates', async () => {
      const lifeOf = async (life: unknown) => {
        fake.answers.token = { body: { ...full, expires_in: life } };
        return (await redeem()).tokens.accessExpiresAt! - systemClock().now();
      };
      expect(Math.round((await lifeOf('3600')) / 1000 / 60)).toBe(60);
      expect(Number.isFinite(await lifeOf(1e300))).toBe(true);
    });

    test('status 201', async () => {
      fake.answers.token = { status: 201, body: full };
      expect((await redeem()).tokens.accessToken).toBe('gho_1');
    });

    test.each(['gzip', 'deflate', 'br'])('packed by %s, unasked', async (packing) => {
      fake.answers.token = { body: full, packing };
      fake.answers.user = { ...fake.answers.user, packing };
      expect((await redeem()).profile.subject).toBe('4711');
    });
  });

  test('a profile beside an empty list of errors is one', async () => {
    fake.answers.user = { body: { id: 4711, login: 'octo', errors: [], error: null } };
    expect((await redeem()).profile.subject).toBe('4711');
  });

  describe('when the list of addresses cannot be read', () => {
    const shown = { body: { id: 4711, login: 'octo', email: 'shown@example.org' } };
    test.each([403, 404, 500, 503])('%i: who it is is known, and the public address is not proven', async (status) => {
      fake.answers.user = shown;
      fake.answers.emails = { status, body: { message: 'no' } };
      const { profile } = await redeem();
      expect([profile.subject, profile.email, profile.emailVerified]).toEqual(['4711', 'shown@example.org', false]);
    });

    test('without a public address an outage is told from a refusal', async () => {
      fake.answers.emails = { status: 503, body: '' };
      expect((await redeem()).profile).toMatchObject({ subject: '4711', email: null, emailUnread: true });
      fake.answers.emails = { status: 403, body: {} };
      expect((await redeem()).profile).not.toHaveProperty('emailUnread');
    });
  });

  const badProfiles: readonly (readonly [string, unknown, number, RefusalCode])[] = [
    ['an error with status 200 (rule 5)', { id: 1, error: { message: 'no' } }, 200, 'provider_profile_unusable'],
    ['no subject (rule 1)', { login: 'octo' }, 200, 'provider_profile_unusable'],
    ['an empty subject', { id: '' }, 200, 'provider_profile_unusable'],
    ['a subject of spaces', { id: '  ' }, 200, 'provider_profile_unusable'],
    ['a subject that is an object', { id: {} }, 200, 'provider_profile_unusable'],
    ['null', null, 200, 'provider_profile_unusable'],
    ['a list', [{ id: 1 }], 200, 'provider_profile_unusable'],
    ['not JSON', 'hello', 200, 'provider_profile_unusable'],
    ['a refusal', { message: 'Bad credentials' }, 401, 'provider_profile_unusable'],
    ['an outage', '', 503, 'provider_unavailable'],
  ];
  for (const [name, body, status, code] of badProfiles) {
    test(`profile: ${name}`, async () => {
      fake.answers.user = { status, body };
      await assert.rejects(redeem(), refusal(code));
    });
  }

  test('it makes no ID tokens', async () => {
    const github = open(fake.config());
    assert.equal(github.facts.acceptsIdTokens, false);
    await assert.rejects(
      github.verifyIdToken({ idToken: 'x', nonce: null, accessToken: null }),
      refusal('provider_token_rejected'),
    );
  });

  test('a refused refresh', async () => {
    fake.answers.token = { body: { error: 'bad_refresh_token' } };
    await assert.rejects(open(fake.config()).refresh('r'), refusal('provider_rejected_refresh'));
  });
});

describe('every kind', () => {
  for (const [type, kind] of kinds) {
    if (kind.server === null) continue;
    test(`${type}: builds its authorization URL without asking anybody`, async () => {
      const provider = openProviders([providerConfig({ key: type, type })], {
        clock: systemClock(),
        fetch: () => assert.fail('nothing is fetched'),
      }).find(type)!;
      const url = new URL(
        await provider.authorizationUrl({
          redirectUri: 'https://id.example/cb',
          state: 's',
          codeVerifier: 'v'.repeat(50),
          nonce: kind.nonce ? 'n' : null,
          extraScopes: ['extra'],
          loginHint: null,
          extraParameters: {},
        }),
      );
      assert.equal(url.protocol, 'https:');
      assert.equal(url.searchParams.get(kind.clientIdName ?? 'client_id'), 'latchkey');
      assert.equal(url.searchParams.has('code_challenge'), kind.pkce);
      assert.equal(url.searchParams.get('nonce'), kind.nonce ? 'n' : null);
      assert.deepEqual(url.searchParams.get('scope')?.split(kind.scopeSeparator ?? ' '), [...kind.scopes, 'extra']);
    });
  }

  test('a type nobody knows, a missing client id and a missing issuer are mistakes of configuration', () => {
    const deps = { clock: systemClock(), fetch: createGuardedFetch() };
    assert.throws(() => openProviders([providerConfig({ type: 'myspace' })], deps), /unknown type/);
    assert.throws(() => openProviders([providerConfig({ type: 'google', clientIds: [''] })], deps), /no client id/);
    assert.throws(() => openProviders([providerConfig({ type: 'oidc' })], deps), /no issuer/);
  });
});

const source = (claims: JsonObject | null, info: JsonObject | null = null): ProfileSource => ({
  config: providerConfig(),
  claims,
  userinfo: async () => info,
  get: async () => ({}),
  getList: async () => [],
  userHint: { name: { firstName: 'Ann', lastName: 'Other' } },
});

describe('what single providers mean', () => {
  const microsoft = kinds.get('microsoft')!;
  const server = microsoft.server!(providerConfig({ type: 'microsoft' }));
  const tenant = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
  const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad';

  test('Microsoft: an address is only proven for private accounts or with xms_edov', async () => {
    const claims = { sub: 's', email: 'a@corp.example', email_verified: true };
    const verified = async (more: JsonObject) =>
      (await microsoft.profile(source({ ...claims, ...more }))).emailVerified;
    assert.equal(await verified({ tid: tenant }), false);
    assert.equal(await verified({ tid: tenant, xms_edov: true }), true);
    assert.equal(await verified({ tid: tenant, xms_edov: '1' }), true);
    assert.equal(await verified({ tid: consumers }), true);
  });

  test('Microsoft: the issuer is the tenant that the token names, if the configured tenant admits it', () => {
    const issuerFor = (configured: string | undefined, tid: string) =>
      microsoft.idToken!.issuer!(
        { tid },
        server,
        providerConfig({ settings: configured === undefined ? {} : { tenant: configured } }),
      );
    assert.equal(issuerFor(undefined, tenant), `https://login.microsoftonline.com/${tenant}/v2.0`);
    assert.equal(issuerFor('organizations', consumers), null);
    assert.equal(issuerFor('consumers', tenant), null);
    assert.equal(issuerFor(consumers, tenant), null);
    assert.equal(issuerFor('common', '../evil'), null);
  });

  test('Google: a hosted domain is asked for and checked', () => {
    const google = kinds.get('google')!;
    const config = providerConfig({ settings: { hostedDomain: 'corp.example' } });
    assert.equal(google.idToken!.refuses!({ hd: 'corp.example' }, config), null);
    assert.ok(google.idToken!.refuses!({ hd: 'evil.example' }, config));
    assert.ok(google.idToken!.refuses!({}, config));
    assert.equal(google.parameters!(config).hd, 'corp.example');
    assert.equal(google.parameters!(config).include_granted_scopes, 'true');
  });

  test('Apple: the name comes once, from the browser; "true" is true', async () => {
    const profile = await kinds
      .get('apple')!
      .profile(source({ sub: 's', email: 'a@b.example', email_verified: 'true' }));
    assert.equal(profile.name, 'Ann Other');
    assert.equal(profile.emailVerified, true);
  });

  test('Apple: the client secret is signed with the team key', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const settings = { teamId: 'TEAM', keyId: 'KEY', privateKey: await exportPKCS8(privateKey) };
    const config = providerConfig({ type: 'apple', clientSecret: null, clientIds: ['com.example.web'], settings });
    const secret = await kinds.get('apple')!.clientSecret!(config, systemClock().now());
    assert.deepEqual(decodeProtectedHeader(secret), { alg: 'ES256', kid: 'KEY' });
    const claims = decodeJwt(secret);
    assert.equal(claims.iss, 'TEAM');
    assert.equal(claims.sub, 'com.example.web');
    assert.equal(claims.aud, 'https://appleid.apple.com');
    assert.equal(claims.exp! - claims.iat!, 300);
  });

  test('userinfo about another subject is refused, and its flag does not vouch for the address of the token', async () => {
    const oidc = kinds.get('oidc')!;
    await assert.rejects(
      oidc.profile(source({ sub: 'a' }, { sub: 'b', email: 'x@y.example' })),
      refusal('provider_profile_unusable'),
    );
    const mixed = await oidc.profile(source({ sub: 'a', email: 'x@y.example' }, { sub: 'a', email_verified: true }));
    assert.equal(mixed.emailVerified, false);
  });

  test('Facebook and Spotify prove no address', async () => {
    for (const type of ['facebook', 'spotify']) {
      const said = { id: '1', email: 'a@b.example', email_verified: true };
      assert.equal((await kinds.get(type)!.profile(source(null, said))).emailVerified, false);
    }
  });
});
