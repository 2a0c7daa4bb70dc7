import { expect, test } from 'vitest';
import type { OneTimeValue } from '../../src/core/codes/one-time-value.ts';
import { aCode, after, onEveryEngine, type ProjectWorld, times } from '../kit/store-world.ts';

onEveryEngine('Codes found by their address', (world) => {
  const address = 'a@example.org';
  const mailed = async ({ store }: ProjectWorld, change: Partial<OneTimeValue> = {}) => {
    const code = aCode(world.ids, { purpose: 'sign_in_code', addressNormal: address, maxAttempts: 3, ...change });
    await store.transaction((tx) => tx.codes.insert(code));
    return code;
  };

  test('the one mailed last, of this purpose and this project', async () => {
    const [ours, theirs] = [await world.project(), await world.project()];
    await mailed(ours);
    const last = await mailed(ours);
    await mailed(ours, { purpose: 'password_reset_code' });
    await mailed(ours, { addressNormal: 'b@example.org' });
    await mailed(theirs);
    expect(await ours.store.read.codes.findLatestTo('sign_in_code', address)).toEqual(last);
    expect(await ours.store.read.codes.findLatestTo('email_verification_code', address)).toBeNull();
  });

  test('voiding takes those of one purpose to one address', async () => {
    const [ours, theirs] = [await world.project(), await world.project()];
    const code = await mailed(ours);
    const kept = [
      await mailed(ours, { purpose: 'password_reset_code' }),
      await mailed(ours, { addressNormal: 'b@example.org' }),
    ];
    const foreign = await mailed(theirs);
    await ours.store.transaction((tx) => tx.codes.voidAllTo(address, 'sign_in_code', after(1)));
    const voidedAt = async ({ store }: ProjectWorld, { purpose, valueHash }: OneTimeValue) =>
      (await store.read.codes.find(purpose, valueHash))!.voidedAt;
    expect(await voidedAt(ours, code)).toBe(after(1));
    expect(await Promise.all(kept.map((each) => voidedAt(ours, each)))).toEqual([null, null]);
    expect(await voidedAt(theirs, foreign)).toBeNull();
  });

  test('of fifty tries at once three are counted; one taken back makes room for one', async () => {
    const { store } = await world.project();
    const code = aCode(world.ids, { purpose: 'sign_in_code', addressNormal: address, maxAttempts: 3 });
    await store.transaction((tx) => tx.codes.insert(code));
    const count = () => store.transaction((tx) => tx.codes.countAttempt(code.id));
    expect((await Promise.all(times(50, count))).filter(Boolean)).toHaveLength(3);
    await store.transaction((tx) => tx.codes.forgiveAttempt(code.id));
    expect([await count(), await count()]).toEqual([true, false]);
  });
});
