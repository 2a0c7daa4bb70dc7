import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { days, hours } from '../../../src/base/clock.ts';
import type { Browser } from '../../kit/browser.ts';
import { engines } from '../../kit/engines.ts';
import { aPerson, password, signedIn } from '../../kit/people.ts';
import { createWorld, type World } from '../../kit/world.ts';

const serviceToken = 'service-token-0123456789-0123456789';
const service = { authorization: `Bearer ${serviceToken}` };

for (const engine of engines) {
  describe(`API keys on ${engine.name} (spec §2.8, §3.7)`, () => {
    let world: World;
    let browser: Browser;
    let userId: string;
    let count = 0;
    beforeAll(async () => {
      world = await createWorld({ engine, betterAuth: { apiKeyMetadata: true, serviceToken } });
      userId = (await aPerson(world, { email: 'ada@example.com' })).id;
      browser = await signedIn(world, 'ada@example.com');
    });
    afterAll(() => world.close());
    const create = async (body: object = {}) => (await browser.post('/api-key/create', body)).body;
    /** A key with what only services may set. */
    const issue = async (body: object = {}) => {
      const reply = await world.browser(service).post('/api-key/create', { userId, ...body });
      expect(reply.status).toBe(200);
      return reply.body;
    };
    const verify = async (body: object) => (await world.browser(service).post('/api-key/verify', body)).body;
    const get = async (id: string) => (await browser.get(`/api-key/get?id=${id}`)).body;
    const aStranger = async () => {
      const email = `stranger${++count}@example.com`;
      const { id } = await aPerson(world, { email });
      return { id, browser: await signedIn(world, email) };
    };

    describe('create', () => {
      test('shows the text once: prefix, then more than 64 characters; the row keeps a digest', async () => {
        const made = await create({ name: 'k1', prefix: 'sk_', expiresIn: 172_800, metadata: { a: 1 } });
        expect(made).toMatchObject({
          name: 'k1',
          prefix: 'sk_',
          start: made.key.slice(0, 6),
          userId,
          referenceId: userId,
          configId: 'default',
          enabled: true,
          rateLimitEnabled: true,
          rateLimitTimeWindow: 86_400_000,
          rateLimitMax: 10,
          requestCount: 0,
          remaining: null,
          refillInterval: null,
          refillAmount: null,
          lastRefillAt: null,
          lastRequest: null,
          permissions: null,
          metadata: { a: 1 },
          expiresAt: new Date(world.clock.now() + days(2)).toISOString(),
        });
        expect(made.key).toMatch(/^sk_[0-9a-z]{71}$/);
        expect(await get(made.id)).not.toHaveProperty('key');
        const rows = JSON.stringify(await world.database!.rows('SELECT * FROM api_key'));
        expect(rows).not.toContain(made.key.slice(6));
        expect(world.logged.join()).not.toContain(made.key.slice(3));
        expect(await world.eventTypes(userId)).toContain('api_key.created');
      });

      test('wants a session: 401; and a fresh one: 403', async () => {
        const reply = await world.browser().post('/api-key/create', {});
        expect([reply.status, reply.body.code]).toEqual([401, 'UNAUTHORIZED_SESSION']);
        const stale = await signedIn(world, 'ada@example.com');
        world.clock.advance(days(1));
        expect((await stale.post('/api-key/create', {})).body.code).toBe('SESSION_NOT_FRESH');
        browser = await signedIn(world, 'ada@example.com');
      });

      test('a userId from the body is refused: the owner comes from the session (rule 28, CVE-2025-61928)', async () => {
        const { id } = await aStranger();
        for (const body of [{ userId: id }, { userId }]) {
          const reply = await browser.post('/api-key/create', body);
          expect([reply.status, reply.body.code]).toEqual([401, 'UNAUTHORIZED_SESSION']);
        }
        expect((await world.browser().post('/api-key/create', { userId })).status).toBe(401);
      });

      test('limits of name, prefix and life', async () => {
        const refused: [object, string][] = [
          [{ name: 'x'.repeat(33) }, 'INVALID_NAME_LENGTH'],
          [{ prefix: '' }, 'INVALID_PREFIX_LENGTH'],
          [{ prefix: 'x'.repeat(33) }, 'INVALID_PREFIX_LENGTH'],
          [{ prefix: 'a b' }, 'INVALID_PREFIX_LENGTH'],
          [{ expiresIn: 60 }, 'EXPIRES_IN_IS_TOO_SMALL'],
          [{ expiresIn: -1 }, 'EXPIRES_IN_IS_TOO_SMALL'],
          [{ expiresIn: 366 * 86_400 }, 'EXPIRES_IN_IS_TOO_LARGE'],
          [{ metadata: 'text' }, 'INVALID_METADATA_TYPE'],
          [{ configId: 'other' }, 'NO_DEFAULT_API_KEY_CONFIGURATION_FOUND'],
        ];
        for (const [body, code] of refused) {
          const reply = await browser.post('/api-key/create', body);
          expect([reply.status, reply.body.code], JSON.stringify(body)).toEqual([400, code]);
        }
        expect(await create({ expiresIn: null })).toMatchObject({ expiresAt: null });
      });

      test('what only servers set is 400 from people; `remaining: null` sets nothing', async () => {
        for (const body of [
          { remaining: 5 },
          { refillAmount: 1, refillInterval: 1 },
          { rateLimitMax: 100 },
          { rateLimitTimeWindow: 1 },
          { rateLimitEnabled: false },
          { permissions: { a: ['b'] } },
        ]) {
          const made = await browser.post('/api-key/create', body);
          expect([made.status, made.body.code], JSON.stringify(body)).toEqual([400, 'SERVER_ONLY_PROPERTY']);
          const { id } = await create();
          const updated = await browser.post('/api-key/update', { keyId: id, ...body });
          expect([updated.status, updated.body.code]).toEqual([400, 'SERVER_ONLY_PROPERTY']);
        }
        expect(await create({ remaining: null })).toMatchObject({ remaining: null });
      });

      test('with a session that was revoked a moment ago is refused', async () => {
        const second = await signedIn(world, 'ada@example.com');
        await second.get('/get-session');
        await browser.post('/revoke-other-sessions', {});
        expect((await second.post('/api-key/create', {})).status).toBe(401);
      });
    });

    describe('verify, by services', () => {
      test('is not there without the credential', async () => {
        const { key } = await create();
        const headers: Record<string, string>[] = [
          {},
          { authorization: 'Bearer wrong' },
          { authorization: `Bearer ${serviceToken}x` },
        ];
        for (const header of headers) {
          const reply = await world.browser(header).post('/api-key/verify', { key });
          expect([reply.status, reply.text]).toEqual([404, '']);
        }
        expect((await browser.post('/api-key/verify', { key })).status).toBe(404);
      });

      test('a good key is valid and counted; unknown and short ones are not', async () => {
        const { key, id } = await create();
        expect(await verify({ key })).toMatchObject({ valid: true, error: null, key: { id, requestCount: 1 } });
        expect((await get(id)).lastRequest).toBe(new Date(world.clock.now()).toISOString());
        expect(await world.eventTypes(userId)).toContain('api_key.used');
        const unknown = await verify({ key: `${key.slice(0, -1)}!` });
        expect(unknown).toEqual({
          valid: false,
          error: { message: 'Invalid API key.', code: 'INVALID_API_KEY' },
          key: null,
        });
        expect((await verify({ key: key.slice(0, 40) })).error.code).toBe('INVALID_API_KEY');
      });

      test('remaining counts down to 0 and no further; the row stays', async () => {
        const { key, id } = await issue({ remaining: 2, rateLimitEnabled: false });
        expect((await verify({ key })).key.remaining).toBe(1);
        expect((await verify({ key })).key.remaining).toBe(0);
        expect((await verify({ key })).error.code).toBe('USAGE_EXCEEDED');
        expect((await get(id)).remaining).toBe(0);
      });

      test('refills after the interval, several times, not before', async () => {
        const { key } = await issue({
          remaining: 1,
          refillAmount: 2,
          refillInterval: hours(1),
          rateLimitEnabled: false,
        });
        const code = async () => (await verify({ key })).error?.code ?? 'valid';
        expect([await code(), await code()]).toEqual(['valid', 'USAGE_EXCEEDED']);
        world.clock.advance(hours(1));
        expect(await code()).toBe('USAGE_EXCEEDED');
        world.clock.advance(1);
        expect([await code(), await code(), await code()]).toEqual(['valid', 'valid', 'USAGE_EXCEEDED']);
        world.clock.advance(hours(1) + 1);
        expect([await code(), await code(), await code()]).toEqual(['valid', 'valid', 'USAGE_EXCEEDED']);
      });

      test('the eleventh use of a day is refused with tryAgainIn, and the window passes', async () => {
        const { key } = await create();
        for (let use = 1; use <= 10; use += 1) expect((await verify({ key })).key.requestCount).toBe(use);
        world.clock.advance(hours(1));
        expect((await verify({ key })).error).toEqual({
          message: 'Rate limit exceeded.',
          code: 'RATE_LIMITED',
          details: { tryAgainIn: hours(23) },
        });
        world.clock.advance(hours(23) + 1);
        expect((await verify({ key })).key.requestCount).toBe(1);
        browser = await signedIn(world, 'ada@example.com');
      });

      test('disabled, expired and deleted keys, and those of banned people, are not valid', async () => {
        const [disabled, expired, deleted] = [await create(), await create({ expiresIn: 86_400 }), await create()];
        await browser.post('/api-key/update', { keyId: disabled.id, enabled: false });
        await browser.post('/api-key/delete', { keyId: deleted.id });
        world.clock.advance(days(1));
        browser = await signedIn(world, 'ada@example.com');
        expect((await verify({ key: disabled.key })).error.code).toBe('KEY_DISABLED');
        expect((await verify({ key: expired.key })).error.code).toBe('KEY_EXPIRED');
        expect((await verify({ key: deleted.key })).error.code).toBe('INVALID_API_KEY');
        const stranger = await aStranger();
        const theirs = (await stranger.browser.post('/api-key/create', {})).body;
        await aPerson(world, { email: `admin${++count}@example.com`, roles: ['admin'] });
        const admin = await signedIn(world, `admin${count}@example.com`);
        await admin.post('/admin/ban-user', { userId: stranger.id });
        expect((await verify({ key: theirs.key })).error).toEqual({ message: 'User is banned', code: 'USER_BANNED' });
        await admin.post('/admin/unban-user', { userId: stranger.id });
        expect((await verify({ key: theirs.key })).key.requestCount).toBe(1);
      });

      test('permissions: the key must have every one that is asked', async () => {
        const { key } = await issue({ permissions: { files: ['read', 'write'] }, rateLimitEnabled: false });
        const code = async (permissions: object) => (await verify({ key, permissions })).error?.code ?? 'valid';
        expect(await code({ files: ['read'] })).toBe('valid');
        expect(await code({ files: ['read', 'delete'] })).toBe('KEY_NOT_FOUND');
        expect(await code({ invoices: ['read'] })).toBe('KEY_NOT_FOUND');
        const { key: none } = await create();
        expect((await verify({ key: none, permissions: { files: ['read'] } })).valid).toBe(false);
      });

      test('of forty at once, no more than remaining and no more than the limit (rule 32)', async () => {
        const quota = await issue({ remaining: 7, rateLimitEnabled: false });
        const limited = await issue({ rateLimitMax: 7, rateLimitTimeWindow: 60_000 });
        for (const { key } of [quota, limited]) {
          const answers = await Promise.all(Array.from({ length: 40 }, () => verify({ key })));
          expect(answers.filter(({ valid }) => valid)).toHaveLength(7);
        }
        expect((await get(quota.id)).remaining).toBe(0);
        expect((await get(limited.id)).requestCount).toBe(7);
      });

      test('refills come in pairs, and counts have bounds', async () => {
        const code = async (body: object) =>
          (await world.browser(service).post('/api-key/create', { userId, ...body })).body.code;
        expect(await code({ refillAmount: 5 })).toBe('REFILL_INTERVAL_AND_AMOUNT_REQUIRED');
        expect(await code({ refillInterval: 5 })).toBe('REFILL_AMOUNT_AND_INTERVAL_REQUIRED');
        expect(await code({ remaining: -1 })).toBe('INVALID_REMAINING');
        expect(await code({ userId: 'nobody' })).toBe('USER_NOT_FOUND');
      });
    });

    describe('update', () => {
      test('name, life, metadata, enabled; counters are not touched', async () => {
        const { id, key } = await create({ name: 'before' });
        await verify({ key });
        const before = await get(id);
        const reply = await browser.post('/api-key/update', {
          keyId: id,
          name: 'after',
          expiresIn: 86_400,
          metadata: { b: 2 },
          enabled: false,
        });
        expect(reply.body).toEqual({
          ...before,
          name: 'after',
          expiresAt: new Date(world.clock.now() + days(1)).toISOString(),
          metadata: { b: 2 },
          enabled: false,
          updatedAt: reply.body.updatedAt,
        });
        expect((await browser.post('/api-key/update', { keyId: id, expiresIn: null })).body.expiresAt).toBeNull();
      });

      test('nothing 400, unknown, deleted and foreign ones 404, a foreign userId 401', async () => {
        const { id } = await create();
        const stranger = await aStranger();
        const update = (body: object, who = browser) => who.post('/api-key/update', { keyId: id, ...body });
        expect((await update({})).body.code).toBe('NO_VALUES_TO_UPDATE');
        expect((await update({ name: 'x' }, stranger.browser)).body.code).toBe('KEY_NOT_FOUND');
        expect((await update({ name: 'x', keyId: 'none' })).status).toBe(404);
        const foreign = await update({ name: 'x', userId: stranger.id });
        expect([foreign.status, foreign.body.code]).toEqual([401, 'UNAUTHORIZED_SESSION']);
        expect((await update({ name: 'x', userId })).status).toBe(200);
        expect((await world.browser().post('/api-key/update', { keyId: id, name: 'x' })).status).toBe(401);
        await browser.post('/api-key/delete', { keyId: id });
        expect((await update({ enabled: true })).status).toBe(404);
      });
    });

    describe('get, list, delete', () => {
      test('a foreign key is as unknown as one that never was', async () => {
        const { id } = await create();
        const stranger = await aStranger();
        for (const path of [`/api-key/get?id=${id}`, '/api-key/get?id=none']) {
          const reply = await stranger.browser.get(path);
          expect([reply.status, reply.body.code]).toEqual([404, 'KEY_NOT_FOUND']);
        }
        expect((await stranger.browser.post('/api-key/delete', { keyId: id })).status).toBe(404);
        expect((await world.browser().get(`/api-key/get?id=${id}`)).status).toBe(401);
        expect((await get(id)).id).toBe(id);
      });

      test('lists with total, limit, offset and order; numbers may be text', async () => {
        const { browser: owner } = await aStranger();
        for (const name of ['b', 'c', 'a']) await owner.post('/api-key/create', { name });
        const list = async (query: string) => (await owner.get(`/api-key/list${query}`)).body;
        const names = ({ apiKeys }: { apiKeys: { name: string }[] }) => apiKeys.map(({ name }) => name);
        expect(names(await list(''))).toEqual(['b', 'c', 'a']);
        expect(names(await list('?sortBy=name&sortDirection=desc'))).toEqual(['c', 'b', 'a']);
        const page = await list('?limit=1&offset=1');
        expect([names(page), page.total, page.limit, page.offset]).toEqual([['c'], 3, 1, 1]);
        expect(names(await list('?offset=9'))).toEqual([]);
        expect((await list('?configId=other')).total).toBe(0);
        expect((await owner.get('/api-key/list?limit=-1')).status).toBe(400);
        expect((await owner.get('/api-key/list?sortBy=key_hash')).status).toBe(400);
        expect((await world.browser().get('/api-key/list')).status).toBe(401);
      });

      test('delete hides and ends the key, once; the row stays for the audit trail', async () => {
        const { id } = await create();
        expect((await browser.post('/api-key/delete', { keyId: id })).body).toEqual({ success: true });
        expect((await browser.post('/api-key/delete', { keyId: id })).status).toBe(404);
        expect((await browser.get(`/api-key/get?id=${id}`)).status).toBe(404);
        const rows = await world.database!.rows('SELECT revoked_why FROM api_key WHERE id = ?', [id]);
        expect(rows).toEqual([{ revoked_why: 'deleted' }]);
        expect(await world.eventTypes(userId)).toContain('api_key.revoked');
      });
    });

    test('x-api-key means nothing while keys do not act', async () => {
      const { key } = await create();
      const reply = await world.browser({ 'x-api-key': key }).get('/get-session');
      expect([reply.status, reply.body]).toEqual([200, null]);
    });
  });

  describe(`API keys that act on ${engine.name} (core map K4)`, () => {
    let world: World;
    let browser: Browser;
    let key: string;
    let userId: string;
    beforeAll(async () => {
      world = await createWorld({
        engine,
        betterAuth: { apiKeysActAsOwner: true, apiKeyListShape: 'array', serviceToken },
        policy: { 'users.selfDeletion': true },
      });
      userId = (await aPerson(world, { email: 'ada@example.com', roles: ['admin'] })).id;
      browser = await signedIn(world, 'ada@example.com');
      key = await acting();
    });
    afterAll(() => world.close());
    const acting = async (body: object = { rateLimitEnabled: false }): Promise<string> =>
      (await world.browser(service).post('/api-key/create', { userId, ...body })).body.key;
    const by = (text: string) => world.browser({ 'x-api-key': text });

    test('get-session answers with the owner and a session made of the key', async () => {
      const reply = await by(key).get('/get-session');
      expect(reply.body).toMatchObject({ session: { token: key, userId }, user: { id: userId } });
      expect(reply.setCookies).toEqual([]);
    });

    test('reads and edits what is the owner’s, administration included, and events name the key', async () => {
      expect((await by(key).get('/list-accounts')).status).toBe(200);
      expect((await by(key).post('/update-user', { name: 'By key' })).status).toBe(200);
      expect((await by(key).get('/admin/list-users')).body.total).toBe(1);
      const [event] = await world.app.mainProject.store.read.events.listOf(userId, { limit: 1 });
      expect(event).toMatchObject({ type: 'account.updated', actorKind: 'key', actorId: userId, sessionId: null });
      expect(event!.apiKeyId).not.toBeNull();
    });

    test('makes no keys, changes no credentials, impersonates nobody, is not fresh', async () => {
      const refused: [string, object][] = [
        ['/api-key/create', {}],
        ['/api-key/update', { keyId: 'x', enabled: true }],
        ['/api-key/delete', { keyId: 'x' }],
        ['/change-password', { currentPassword: password, newPassword: `${password}!` }],
        ['/change-email', { newEmail: 'b@example.com' }],
        ['/delete-user', { password }],
        ['/two-factor/enable', { password }],
        ['/revoke-sessions', {}],
        ['/admin/impersonate-user', { userId }],
        ['/admin/set-user-password', { userId, newPassword: `${password}!` }],
        ['/admin/update-user', { userId, data: { email: 'b@example.com' } }],
        ['/unlink-account', { providerId: 'credential' }],
      ];
      for (const [path, body] of refused) {
        const reply = await by(key).post(path, body);
        expect([reply.status, reply.body.code], path).toEqual([403, 'API_KEY_CANNOT_ACT']);
      }
      expect((await by(key).get('/list-sessions')).status).toBe(200);
      expect((await browser.get('/get-session')).body).not.toBeNull();
    });

    test('a bad key fails the request, also beside a good session', async () => {
      const short = await by('sk_short').get('/get-session');
      expect([short.status, short.body.code]).toEqual([403, 'INVALID_API_KEY']);
      const unknown = await browser.get('/get-session', { 'x-api-key': 'x'.repeat(71) });
      expect([unknown.status, unknown.body.code]).toEqual([401, 'INVALID_API_KEY']);
    });

    test('every request counts once; the limit answers 429 with tryAgainIn', async () => {
      const limited = await acting({ rateLimitMax: 2, rateLimitTimeWindow: 60_000 });
      expect((await by(limited).get('/get-session')).status).toBe(200);
      expect((await by(limited).post('/update-user', { name: 'Twice' })).status).toBe(200);
      const reply = await by(limited).get('/get-session');
      expect([reply.status, reply.body]).toEqual([
        429,
        { message: 'Rate limit exceeded.', code: 'RATE_LIMITED', details: { tryAgainIn: 60_000 } },
      ]);
      expect(reply.headers.get('retry-after')).toBe('60');
    });

    test('a key made while keys did not act does not', async () => {
      const old = await acting({ name: 'old' });
      await world.database!.rows('UPDATE api_key SET acts_as_owner = 0 WHERE name = ? RETURNING id', ['old']);
      const reply = await by(old).get('/get-session');
      expect([reply.status, reply.body.code]).toEqual([401, 'INVALID_REFERENCE_ID_FROM_API_KEY']);
    });

    test('dies with its owner’s ban at once', async () => {
      const { id } = await aPerson(world, { email: 'eve@example.com' });
      const eve = (await world.browser(service).post('/api-key/create', { userId: id })).body.key;
      expect((await by(eve).get('/get-session')).status).toBe(200);
      await browser.post('/admin/ban-user', { userId: id });
      const reply = await by(eve).get('/get-session');
      expect([reply.status, reply.body.code]).toEqual([401, 'USER_BANNED']);
    });

    test('the list is an array for the seed era, an object once the query tells the latest (spec §1.14)', async () => {
      expect(Array.isArray((await browser.get('/api-key/list')).body)).toBe(true);
      expect((await browser.get('/api-key/list?limit=5')).body).toMatchObject({ limit: 5 });
    });

    test('metadata is refused while it is off', async () => {
      const reply = await browser.post('/api-key/create', { metadata: { a: 1 } });
      expect([reply.status, reply.body.code]).toEqual([400, 'METADATA_DISABLED']);
    });
  });
}
