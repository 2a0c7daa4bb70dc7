import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { days, minutes } from '../../../src/base/clock.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { activeSigningKey, publishedKeys, rotateSigningKeys } from '../../../src/core/signing/rotate-signing-keys.ts';
import type { Browser } from '../../kit/browser.ts';
import { onEveryEngine, onOneEngine, type Stage } from '../../kit/stage.ts';

const tokenOf = async (browser: Browser): Promise<string> => (await browser.get('/token')).body.token;
const jwksOf = async (stage: Stage): Promise<JSONWebKeySet> => (await stage.browser().get('/jwks')).body;
const issuerOf = (stage: Stage): string => `${stage.world.url}/better-auth`;

const verified = async (stage: Stage, token: string, jwks?: JSONWebKeySet) =>
  jwtVerify(token, createLocalJWKSet(jwks ?? (await jwksOf(stage))), {
    issuer: issuerOf(stage),
    audience: issuerOf(stage),
    algorithms: ['EdDSA', 'ES256'],
    currentDate: new Date(stage.world.clock.now()),
  });

onEveryEngine('tokens of the session', { betterAuth: { jwt: true } }, (stage) => {
  const rotate = () =>
    rotateSigningKeys(stage.world.app.mainProject.context('better-auth'), systemActor, {
      purpose: 'b_session',
      alg: 'EdDSA',
    });

  describe('GET /token', () => {
    test("holds the user's members, for 15 minutes, verifiable by the published keys", async () => {
      const { browser, id, email } = await stage.member();
      const { payload, protectedHeader } = await verified(stage, await tokenOf(browser));
      expect(payload).toMatchObject({ sub: id, id, email, name: 'Ada', emailVerified: false, iss: issuerOf(stage) });
      expect(payload.exp! - payload.iat!).toBe(900);
      expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: expect.any(String) });
    });

    test('is for people who are signed in', async () => {
      expect((await stage.browser().get('/token')).status).toBe(401);
    });

    test('is no session (rule 10)', async () => {
      const { browser } = await stage.member();
      const bearer = { authorization: `Bearer ${await tokenOf(browser)}` };
      expect((await stage.browser().get('/get-session', bearer)).body).toBeNull();
    });

    test('is not given to banned people (rule 18)', async () => {
      const { browser, id } = await stage.member();
      await tokenOf(browser);
      await stage.ban(id);
      expect((await browser.get('/token')).status).toBe(401);
    });

    test('is over after its time', async () => {
      const { browser } = await stage.member();
      const token = await tokenOf(browser);
      const jwks = await jwksOf(stage);
      stage.world.clock.advance(minutes(15));
      await expect(verified(stage, token, jwks)).rejects.toThrow(/exp/);
    });
  });

  describe('GET /jwks', () => {
    test('publishes public keys only, the next one among them, and may be cached', async () => {
      const reply = await stage.browser().get('/jwks');
      expect(reply.headers.get('cache-control')).toBe('public, max-age=600');
      const { keys } = reply.body as JSONWebKeySet;
      expect(keys.length).toBeGreaterThanOrEqual(2);
      for (const key of keys) {
        expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' });
        expect(Object.keys(key)).not.toContain('d');
      }
    });

    test('private keys are sealed in the database (rule 36)', async () => {
      const keys = await stage.world.app.mainProject.store.read.signingKeys.listOf('b_session');
      for (const { privateKey } of keys) expect(Buffer.from(privateKey).toString('latin1')).not.toContain('"d"');
    });
  });

  describe('rotation', () => {
    test('the next key signs, and whoever cached the keys of before can verify it', async () => {
      const { browser } = await stage.member();
      const cached = await jwksOf(stage);
      const old = await tokenOf(browser);
      await rotate();
      const fresh = await tokenOf(browser);
      expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid);
      await verified(stage, fresh, cached);
      await verified(stage, old);
    });

    test('a key stays published for a day after it signed last', async () => {
      const { browser } = await stage.member();
      const { kid } = decodeProtectedHeader(await tokenOf(browser));
      await rotate();
      const published = async () => (await jwksOf(stage)).keys.some((key) => key.kid === kid);
      expect(await published()).toBe(true);
      stage.world.clock.advance(days(1));
      expect(await published()).toBe(false);
    });

    test('ten at once leave one key that signs', async () => {
      await Promise.all(Array.from({ length: 10 }, rotate));
      const keys = await stage.world.app.mainProject.store.read.signingKeys.listOf('b_session');
      expect(keys.filter(({ state }) => state === 'active')).toHaveLength(1);
    });
  });

  test('get-session carries one, and other origins may read it', async () => {
    const { browser, id } = await stage.member();
    const reply = await browser.get('/get-session');
    expect((await verified(stage, reply.headers.get('set-auth-jwt')!)).payload.sub).toBe(id);
    expect(reply.headers.get('access-control-expose-headers')).toContain('set-auth-jwt');
    expect((await stage.browser().get('/get-session')).headers.get('set-auth-jwt')).toBeNull();
  });

  test('the real client', async () => {
    const { browser, id } = await stage.member();
    const auth = createAuthClient({
      baseURL: browser.base,
      plugins: [jwtClient()],
      fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
    });
    const { data: given } = await auth.token();
    const { data: jwks } = await auth.jwks();
    expect((await verified(stage, given!.token, jwks as JSONWebKeySet)).payload.sub).toBe(id);
  });
});

onEveryEngine('tokens signed with ES256', { betterAuth: { jwt: true, jwtAlgorithm: 'ES256' } }, (stage) => {
  test('verify as well', async () => {
    const { browser, id } = await stage.member();
    const { payload, protectedHeader } = await verified(stage, await tokenOf(browser));
    expect([payload.sub, protectedHeader.alg]).toEqual([id, 'ES256']);
  });

  test('fifty first ones at once are signed with one key', async () => {
    const { browser } = await stage.member();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => tokenOf(browser)));
    expect(new Set(tokens.map((token) => decodeProtectedHeader(token).kid)).size).toBe(1);
  });
});

onOneEngine('a change of algorithm', { betterAuth: { jwt: true } }, (stage) => {
  test('old tokens stay good while new ones are signed the other way', async () => {
    const { browser } = await stage.member();
    const old = await tokenOf(browser);
    await rotateSigningKeys(stage.world.app.mainProject.context('better-auth'), systemActor, {
      purpose: 'b_session',
      alg: 'ES256',
    });
    const { keys } = await stage.world.app.mainProject.store.read.signingKeys.listOf('b_session').then((all) => ({
      keys: all.map(({ alg, state }) => `${alg} ${state}`).sort(),
    }));
    expect(keys).toEqual(['ES256 active', 'ES256 next', 'EdDSA retiring']);
    await verified(stage, old);
  });

  test('is made by a rotation alone: a node that is configured otherwise signs with the key that there is', async () => {
    const { browser } = await stage.member();
    const ctx = stage.world.app.mainProject.context('better-auth');
    const algorithms = ['EdDSA', 'ES256'] as const;
    for (let round = 0; round < 3; round += 1) {
      for (const alg of algorithms) expect((await activeSigningKey(ctx, 'b_session', alg)).alg).toBe('ES256');
      for (const alg of algorithms) expect(await publishedKeys(ctx, 'b_session', alg)).toHaveLength(3);
      expect(decodeProtectedHeader(await tokenOf(browser)).alg).toBe('ES256');
    }
  });
});

onOneEngine('tokens of the session by default', { contract: false }, (stage) => {
  test('are not there', async () => {
    const { browser } = await stage.member();
    expect((await browser.get('/token')).status).toBe(404);
    expect((await browser.get('/jwks')).status).toBe(404);
    expect((await browser.get('/get-session')).headers.get('set-auth-jwt')).toBeNull();
  });
});
