import { expect, test } from 'vitest';
import { days, seconds } from '../../../src/base/clock.ts';
import { asSystem } from '../../../src/core/acting.ts';
import { trustDevice } from '../../../src/core/factors/trusted-device.ts';
import { changePassword } from '../../../src/core/passwords/change-password.ts';
import { signInWithPassword } from '../../../src/core/sign-in/sign-in-with-password.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { type CoreWorld, onEveryEngine, password, stranger } from '../../kit/core-world.ts';

async function withFactor(world: CoreWorld): Promise<{ readonly person: Person; readonly trust: string }> {
  const ctx = world.context();
  const person = await world.person();
  const { token } = await asSystem(ctx, async (tx) => {
    await tx.factors.enableMailCode(person.id, ctx.clock.now());
    return trustDevice(ctx, tx, stranger, person);
  });
  return { person, trust: token };
}

/** What the browser that keeps this token is asked for after the password. */
async function signIn(world: CoreWorld, person: Person, trustToken: string | null, given = password) {
  const admission = await signInWithPassword(world.context(), stranger, {
    ...{ identifier: { email: person.email!.value }, password: given, persistent: true, trustToken },
    verificationLink: null,
  });
  return admission.kind === 'session' ? admission : null;
}

onEveryEngine('a trusted device', {}, (world) => {
  test('is not asked for the second factor, and gets a new token with every use', async () => {
    const { person, trust } = await withFactor(world);
    const first = await signIn(world, person, trust);
    expect(first?.live.session.secondFactor).toBe('trusted_device');
    expect(first?.deviceTrust?.token).not.toBe(trust);
    expect(await signIn(world, person, trust)).toBeNull();
    expect(await signIn(world, person, first!.deviceTrust!.token)).not.toBeNull();
  });

  test('of somebody else is asked', async () => {
    const mine = await withFactor(world);
    const theirs = await withFactor(world);
    expect(await signIn(world, mine.person, theirs.trust)).toBeNull();
    // Trying it elsewhere spent nothing.
    expect(await signIn(world, theirs.person, theirs.trust)).not.toBeNull();
  });

  test('is trusted for thirty days from its last use', async () => {
    const { person, trust } = await withFactor(world);
    world.clock.advance(days(30) - seconds(1));
    const used = await signIn(world, person, trust);
    expect(used).not.toBeNull();
    world.clock.advance(days(30));
    expect(await signIn(world, person, used!.deviceTrust!.token)).toBeNull();
  });

  test('is trusted no more once the password changed', async () => {
    const { person, trust } = await withFactor(world);
    const live = (await signIn(world, person, trust))!;
    const ctx = world.context();
    await asSystem(ctx, (tx) => tx.sessions.setSecondFactor(live.live.session.id, 'mail_code', ctx.clock.now()));
    const fresh = await ctx.store.read.sessions.findLive(live.live.session.id);
    const actor = { kind: 'user', from: stranger.from, live: fresh! } as const;
    await changePassword(ctx, actor, { current: password, next: 'another horse battery', newToken: false });
    expect(await signIn(world, person, live.deviceTrust!.token, 'another horse battery')).toBeNull();
  });

  test('from before the credentials changed is asked, even where nobody ended it', async () => {
    const { person, trust } = await withFactor(world);
    world.clock.advance(seconds(1));
    const now = world.clock.now();
    await asSystem(world.context(), (tx) => tx.users.update(person.id, { credentialsChangedAt: now }, now));
    expect(await signIn(world, person, trust)).toBeNull();
  });
});
