import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { createGuardedFetch } from '../../src/providers/guarded-fetch.ts';
import { kinds } from '../../src/providers/kinds.ts';
import { openProviders } from '../../src/providers/open-providers.ts';
import { type FakeOAuth, startFakeOAuth } from '../kit/fake-oauth.ts';
import { providerConfig } from '../kit/provider-config.ts';

let fake: FakeOAuth;
beforeAll(async () => {
  fake = await startFakeOAuth();
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

interface Expected {
  /** As the provider documents its answer. */
  readonly answer: object;
  readonly profile: readonly [
    subject: string,
    email: string | null,
    verified: boolean,
    name: string | null,
    image: string | null,
  ];
  /** How the client signs in at the token endpoint. */
  readonly auth?: 'basic' | 'post';
  readonly method?: 'POST';
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
}

const image = 'https://img.test/1';

const expected: Readonly<Record<string, Expected>> = {
  dropbox: {
    answer: {
      account_id: 'dbid:AAH4',
      name: { display_name: 'Ada L.' },
      email: 'ada@example.com',
      email_verified: true,
      profile_photo_url: image,
    },
    profile: ['dbid:AAH4', 'ada@example.com', true, 'Ada L.', image],
    method: 'POST',
    parameters: { token_access_type: 'offline' },
  },
  kick: {
    answer: { data: [{ user_id: 123, name: 'ada', email: 'ada@example.com', profile_picture: image }], message: 'OK' },
    profile: ['123', 'ada@example.com', false, 'ada', image],
  },
  tiktok: {
    answer: {
      data: { user: { open_id: 'o1', display_name: 'Ada', avatar_large_url: image } },
      error: { code: 'ok', message: '', log_id: 'l' },
    },
    profile: ['o1', null, false, 'Ada', image],
    form: { client_key: 'latchkey', client_secret: 'secret' },
    parameters: { client_key: 'latchkey', scope: 'user.info.basic,user.info.profile' },
  },
  reddit: {
    answer: { id: 't2_1', name: 'ada', icon_img: `${image}?s=signature` },
    profile: ['t2_1', null, false, 'ada', image],
    auth: 'basic',
    parameters: { duration: 'permanent' },
  },
  roblox: {
    answer: { sub: '77', nickname: 'Ada', preferred_username: 'ada77', picture: image },
    profile: ['77', null, false, 'Ada', image],
    parameters: { prompt: 'select_account consent' },
  },
  vk: {
    answer: { user: { user_id: '9', first_name: 'Ada', last_name: 'L', email: 'ada@example.com', avatar: image } },
    profile: ['9', 'ada@example.com', false, 'Ada L', image],
    method: 'POST',
    form: { device_id: 'device-1' },
  },
  zoom: {
    answer: { id: 'z1', display_name: 'Ada', email: 'ada@example.com', verified: 1, pic_url: image },
    profile: ['z1', 'ada@example.com', true, 'Ada', image],
  },
  slack: {
    answer: {
      ...{ ok: true, sub: 'U1', 'https://slack.com/user_id': 'U1', email: 'ada@example.com', email_verified: true },
      ...{ name: 'Ada', picture: image },
    },
    profile: ['U1', 'ada@example.com', true, 'Ada', image],
  },
  notion: {
    answer: {
      object: 'user',
      bot: { owner: { user: { id: 'n1', name: 'Ada', avatar_url: image, person: { email: 'ada@example.com' } } } },
    },
    profile: ['n1', 'ada@example.com', false, 'Ada', image],
    auth: 'basic',
    headers: { 'notion-version': '2022-06-28' },
    parameters: { owner: 'user' },
  },
  figma: {
    answer: { id: 'f1', email: 'ada@example.com', handle: 'Ada', img_url: image },
    profile: ['f1', 'ada@example.com', false, 'Ada', image],
    auth: 'basic',
  },
};

describe.each(Object.entries(expected))('%s', (type, facts) => {
  const open = () => {
    const settings = { tokenEndpoint: `${fake.origin}/token`, userinfoEndpoint: `${fake.origin}/user` };
    const fetch = createGuardedFetch({ allowPrivate: [fake.origin] });
    const config = providerConfig({ key: type, type, settings, clientSecret: 'secret' });
    return openProviders([config], { clock: systemClock(), fetch }).find(type)!;
  };
  const redeem = () =>
    open().redeem({
      ...{ code: 'the-code', redirectUri: 'https://id.example/cb', codeVerifier: 'v'.repeat(50) },
      ...{ nonce: null, issuer: null, userHint: null, deviceId: 'device-1' },
    });

  test('a code is exchanged, and the profile read, as the provider wants it', async () => {
    fake.answers.token = { body: { access_token: 'at', token_type: 'bearer', refresh_token: 'rt', expires_in: 3600 } };
    fake.answers.user = { body: facts.answer };
    const { profile, tokens } = await redeem();
    const [subject, email, emailVerified, name, imageUrl] = facts.profile;
    expect(profile).toMatchObject({ subject, email, emailVerified, name, imageUrl });
    expect(tokens).toMatchObject({ accessToken: 'at', refreshToken: 'rt' });

    const [token, user] = fake.seen;
    const basic = `Basic ${Buffer.from('latchkey:secret').toString('base64')}`;
    expect(token!.headers.authorization).toBe(facts.auth === 'basic' ? basic : undefined);
    if (facts.auth !== 'basic') expect(token!.form.get('client_secret')).toBe('secret');
    expect(token!.form.has('code_verifier')).toBe(kinds.get(type)!.pkce);
    expect(Object.fromEntries(token!.form)).toMatchObject(facts.form ?? {});
    expect(token!.form.has('device_id')).toBe(facts.form?.device_id !== undefined);
    expect(user!.method).toBe(facts.method ?? 'GET');
    expect(user!.headers).toMatchObject({ authorization: 'Bearer at', ...facts.headers });
  });

  test('the way there has its parameters', async () => {
    const url = new URL(
      await open().authorizationUrl({
        ...{ redirectUri: 'https://id.example/cb', state: 's', codeVerifier: 'v'.repeat(50), nonce: null },
        ...{ extraScopes: [], loginHint: null, extraParameters: {} },
      }),
    );
    expect(Object.fromEntries(url.searchParams)).toMatchObject(facts.parameters ?? {});
    expect(url.searchParams.get('scope')).toBe(
      kinds.get(type)!.scopes.length === 0
        ? null
        : kinds.get(type)!.scopes.join(kinds.get(type)!.scopeSeparator ?? ' '),
    );
  });

  test('a profile without a subject is unusable', async () => {
    fake.answers.user = { body: {} };
    await expect(redeem()).rejects.toMatchObject({ code: 'provider_profile_unusable' });
  });
});

test('an error of TikTok’s is no profile', async () => {
  const { saysOk } = kinds.get('tiktok')!.userinfoRequest!(providerConfig(), 'at');
  expect([saysOk!({ error: { code: 'ok' } }), saysOk!({ error: { code: 'access_token_invalid' } })]).toEqual([
    true,
    false,
  ]);
});
