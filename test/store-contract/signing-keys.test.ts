import { expect, test } from 'vitest';
import type { SigningKey } from '../../src/core/signing/signing-key.ts';
import { Conflict } from '../../src/core/store.ts';
import { after, hashOf, NOW, onEveryEngine, type ProjectWorld } from '../kit/store-world.ts';

onEveryEngine('Signing keys', (world) => {
  const stored = async ({ store }: ProjectWorld, change: Partial<SigningKey> = {}) => {
    const id = world.ids.next();
    const key: SigningKey = {
      id,
      purpose: 'b_session',
      kid: id,
      alg: 'EdDSA',
      publicJwk: { kty: 'OKP', x: 'x' },
      privateKey: Uint8Array.from(hashOf(id)),
      state: 'next',
      activatedAt: null,
      retireAt: null,
      createdAt: NOW,
      ...change,
    };
    await store.transaction((tx) => tx.signingKeys.insert(key));
    return key;
  };
  const listed = ({ store }: ProjectWorld) => store.read.signingKeys.listOf('b_session');

  test('come back value for value, oldest first, without the retired ones', async () => {
    const [ours, theirs] = [await world.project(), await world.project()];
    const active = await stored(ours, { state: 'active', activatedAt: NOW });
    const next = await stored(ours);
    await stored(ours, { state: 'retired' });
    expect(await listed(ours)).toEqual([active, next]);
    expect(await listed(theirs)).toEqual([]);
  });

  test('move between states, in their own project only', async () => {
    const [ours, theirs] = [await world.project(), await world.project()];
    const key = await stored(ours, { state: 'active', activatedAt: NOW });
    await theirs.store.transaction((tx) => tx.signingKeys.move(key.id, 'retired', {}, NOW));
    await ours.store.transaction((tx) => tx.signingKeys.move(key.id, 'retiring', { retireAt: after(9) }, after(1)));
    expect(await listed(ours)).toEqual([{ ...key, state: 'retiring', retireAt: after(9) }]);
  });

  test('one of a purpose is active at a time', async () => {
    const project = await world.project();
    await stored(project, { state: 'active', activatedAt: NOW });
    const second = stored(project, { state: 'active', activatedAt: NOW });
    await expect(second).rejects.toMatchObject({ index: 'signing_key_active' });
    await expect(second).rejects.toBeInstanceOf(Conflict);
  });
});
