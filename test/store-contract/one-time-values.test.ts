import { expect, test } from 'vitest';
import type { OneTimeValue } from '../../src/core/codes/one-time-value.ts';
import { aCode, after, hashOf, NOW, onEveryEngine, type ProjectWorld, times } from '../kit/store-world.ts';

onEveryEngine('One-time values', (world) => {
  const stored = async ({ store }: ProjectWorld, change: Partial<OneTimeValue> = {}) => {
    const code = aCode(world.ids, change);
    await store.transaction((tx) => tx.codes.insert(code));
    return code;
  };
  const spend = ({ store }: ProjectWorld, code: OneTimeValue, at = NOW) =>
    store.transaction((tx) => tx.codes.spend(code.id, at));

  test('what was stored comes back, value for value', async () => {
    const project = await world.project();
    const { id: userId } = await project.person();
    const code = await stored(project, {
      userId,
      emailId: world.ids.next(),
      addressNormal: 'a@example.org',
      sessionId: world.ids.next(),
      browserHash: hashOf('browser'),
      payload: Uint8Array.of(0, 255, 7),
    });
    expect(await project.store.read.codes.find(code.purpose, code.valueHash)).toEqual(code);
  });

  test("another purpose's value is unknown (rule 6)", async () => {
    const project = await world.project();
    const code = await stored(project);
    expect(await project.store.read.codes.find('email_verification', code.valueHash)).toBeNull();
  });

  test('of fifty spends at once, one wins', async () => {
    const project = await world.project();
    const code = await stored(project);
    const outcomes = await Promise.all(times(50, () => spend(project, code)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  });

  test('a spent value stays, so that "used" can be told from "unknown"', async () => {
    const project = await world.project();
    const code = await stored(project);
    expect(await spend(project, code, after(3))).toBe(true);
    expect((await project.store.read.codes.find(code.purpose, code.valueHash))?.usedAt).toBe(after(3));
    expect(await spend(project, code, after(4))).toBe(false);
  });

  test.each([
    ['expired, from its last millisecond on', { expiresAt: NOW }],
    ['voided', { voidedAt: NOW }],
    ['out of attempts', { attempts: 3, maxAttempts: 3 }],
  ])('a value that is %s cannot be spent', async (_, change) => {
    const project = await world.project();
    expect(await spend(project, await stored(project, change))).toBe(false);
  });

  test('a spend that was rolled back was none', async () => {
    const project = await world.project();
    const code = await stored(project);
    const fault = new Error('after the spend');
    const broken = project.store.transaction(async (tx) => {
      expect(await tx.codes.spend(code.id, NOW)).toBe(true);
      throw fault;
    });
    await expect(broken).rejects.toBe(fault);
    expect(await spend(project, code)).toBe(true);
  });

  test('voiding takes the live values of the named purposes', async () => {
    const project = await world.project();
    const { id: userId } = await project.person();
    const reset = await stored(project, { userId });
    const verification = await stored(project, { userId, purpose: 'email_verification' });
    const theirs = await stored(project, { userId: (await project.person()).id });
    const voidAll = (purposes: readonly OneTimeValue['purpose'][] | 'all') =>
      project.store.transaction((tx) => tx.codes.voidAllOf(userId, purposes, after(1)));
    await voidAll([]);
    await voidAll(['password_reset']);
    expect(await Promise.all([reset, verification, theirs].map((code) => spend(project, code)))).toEqual([
      false,
      true,
      true,
    ]);
    const another = await stored(project, { userId, purpose: 'email_change' });
    await voidAll('all');
    expect(await spend(project, another)).toBe(false);
  });

  test('a sweep takes what expired long enough ago', async () => {
    const project = await world.project();
    const code = await stored(project, { expiresAt: after(10) });
    const sweep = (at: number) => project.store.transaction((tx) => tx.ended.sweep('one_time_value', after(at), 10));
    expect(await sweep(10)).toBe(0);
    expect(await sweep(11)).toBe(1);
    expect(await project.store.read.codes.find(code.purpose, code.valueHash)).toBeNull();
  });
});
