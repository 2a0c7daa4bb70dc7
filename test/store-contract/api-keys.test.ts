import { beforeEach, expect, test } from 'vitest';
import type { ApiKey } from '../../src/core/keys/api-key.ts';
import { readMetadata } from '../../src/core/metadata.ts';
import { after, anApiKey, NOW, onEveryEngine, type ProjectWorld, times } from '../kit/store-world.ts';

const page = { limit: null, offset: 0, sort: { field: 'id', direction: 'asc' } } as const;

onEveryEngine('API keys', (world) => {
  let project: ProjectWorld;
  let owner: string;
  beforeEach(async () => {
    project = await world.project();
    owner = (await project.person()).id;
  });

  async function put(change: Partial<ApiKey> = {}): Promise<ApiKey> {
    const key = anApiKey(world.ids, owner, change);
    await project.store.transaction((tx) => tx.apiKeys.insert(key));
    return key;
  }
  const use = (id: string, at = NOW) => project.store.transaction((tx) => tx.apiKeys.use(id, at));

  test('come back as they were put', async () => {
    const key = await put({
      permissions: { invoice: ['read'] },
      metadata: readMetadata('metadata', { a: [1] }),
      remaining: 3,
      expiresAt: after(1),
    });
    expect(await project.store.read.apiKeys.find(key.id)).toEqual(key);
    expect(await project.store.read.apiKeys.findByHash(key.keyHash)).toEqual(key);
  });

  test('of fifty uses of a key with ten left, ten count and none is below zero', async () => {
    const key = await put({ remaining: 10 });
    const used = await Promise.all(times(50, () => use(key.id)));
    expect(used.filter(Boolean)).toHaveLength(10);
    expect((await project.store.read.apiKeys.find(key.id))!.remaining).toBe(0);
  });

  test('of fifty uses of a key with a limit of ten, ten count', async () => {
    const key = await put({ rateEnabled: true, rateWindowMs: 1000, rateMax: 10 });
    const used = await Promise.all(times(50, () => use(key.id)));
    expect(used.filter(Boolean)).toHaveLength(10);
    expect((await project.store.read.apiKeys.find(key.id))!.rateCount).toBe(10);
  });

  test('a refill that is due happens once among fifty uses', async () => {
    const key = await put({ remaining: 0, refillAmount: 5, refillIntervalMs: 1000 });
    const used = await Promise.all(times(50, () => use(key.id, after(1001))));
    expect(used.filter(Boolean)).toHaveLength(5);
    expect(await project.store.read.apiKeys.find(key.id)).toMatchObject({ remaining: 0, lastRefillAt: after(1001) });
  });

  test('a use refused for one limit spends nothing of the other', async () => {
    const key = await put({ remaining: 5, rateEnabled: true, rateWindowMs: 1000, rateMax: 1 });
    expect(await use(key.id)).toMatchObject({ remaining: 4, rateCount: 1 });
    expect(await use(key.id)).toBeNull();
    expect(await project.store.read.apiKeys.find(key.id)).toMatchObject({ remaining: 4, rateCount: 1 });
    expect(await use(key.id, after(1001))).toMatchObject({ remaining: 3, rateCount: 1, rateStartedAt: after(1001) });
  });

  test('disabled, revoked and expired ones are not counted, and a change does not revive them', async () => {
    const [disabled, expired, revoked] = [await put({ enabled: false }), await put({ expiresAt: NOW }), await put()];
    await project.store.transaction(async (tx) => {
      expect(await tx.apiKeys.revoke(revoked.id, 'deleted', NOW)).toBe(true);
      expect(await tx.apiKeys.revoke(revoked.id, 'again', after(5))).toBe(false);
      expect(await tx.apiKeys.update(revoked.id, { enabled: true }, after(5))).toBeNull();
    });
    for (const { id } of [disabled, expired, revoked]) expect(await use(id)).toBeNull();
    expect(await project.store.read.apiKeys.find(revoked.id)).toMatchObject({ revokedAt: NOW, revokedWhy: 'deleted' });
  });

  test('are listed without the hidden ones, missing values last on both engines', async () => {
    const [b, none, a] = [await put({ name: 'b' }), await put(), await put({ name: 'a' })];
    const hidden = await put({ name: 'c' });
    await project.store.transaction((tx) => tx.apiKeys.revoke(hidden.id, 'deleted', NOW));
    const sorted = async (direction: 'asc' | 'desc') =>
      (await project.store.read.apiKeys.listOf(owner, { ...page, sort: { field: 'name', direction } })).keys;
    expect((await sorted('asc')).map(({ id }) => id)).toEqual([a.id, b.id, none.id]);
    expect((await sorted('desc')).map(({ id }) => id)).toEqual([b.id, a.id, none.id]);
    const second = await project.store.read.apiKeys.listOf(owner, { ...page, limit: 1, offset: 1 });
    expect([second.keys.map(({ id }) => id), second.total]).toEqual([[none.id], 3]);
  });

  test('of another project are not found, used, changed or listed (rule 31)', async () => {
    const key = await put();
    const { store } = await world.project();
    expect(await store.read.apiKeys.find(key.id)).toBeNull();
    expect(await store.read.apiKeys.findByHash(key.keyHash)).toBeNull();
    expect((await store.read.apiKeys.listOf(owner, page)).total).toBe(0);
    await store.transaction(async (tx) => {
      expect(await tx.apiKeys.use(key.id, NOW)).toBeNull();
      expect(await tx.apiKeys.update(key.id, { enabled: false }, NOW)).toBeNull();
      expect(await tx.apiKeys.revoke(key.id, 'x', NOW)).toBe(false);
      expect(await tx.apiKeys.revokeAllOf(owner, 'x', NOW)).toEqual([]);
    });
    expect(await project.store.read.apiKeys.find(key.id)).toEqual(key);
  });
});
