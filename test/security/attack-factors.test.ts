import { expect, test } from 'vitest';
import { hours } from '../../src/base/clock.ts';
import type { Refusal } from '../../src/base/refusal.ts';
import { activateTotp } from '../../src/core/factors/activate-totp.ts';
import { completeSecondFactor } from '../../src/core/factors/complete-second-factor.ts';
import { enableMailFactor, stageTotp, stageTotpSecret } from '../../src/core/factors/manage-factors.ts';
import { signInWithPassword } from '../../src/core/sign-in/sign-in-with-password.ts';
import { editUser } from '../../src/core/users/edit-user.ts';
import type { Person } from '../../src/core/users/user.ts';
import { type CoreWorld, onOneEngine, password, stranger } from '../kit/core-world.ts';

const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'done').catch((r: Refusal) => r.code);

/** The second step of a sign-in by password. */
async function signInByBackupCode(world: CoreWorld, person: Person, code: string): Promise<string> {
  const ctx = world.context();
  const first = await signInWithPassword(ctx, stranger, {
    ...{ identifier: { email: person.email!.value }, password, persistent: true, verificationLink: null },
  });
  if (first.kind !== 'second_factor_required') return 'no second factor';
  return codeOf(
    completeSecondFactor(ctx, stranger, {
      ...{ pendingToken: first.token, code, accept: ['backup_code'], trustDevice: false },
    }),
  );
}

onOneEngine('Backup codes that a thief of the password had made before there was a factor', {}, (world) => {
  const planted = async () => {
    const person = await world.person();
    const { actor } = await world.signIn(person);
    const { backupCodes } = await stageTotp(world.context(), actor, password);
    return { person, thief: actor, code: backupCodes[0]! };
  };

  test('open nothing once the owner sets an authenticator app up on Hexclave', async () => {
    const { person, code } = await planted();
    const { actor } = await world.signIn(person, { surface: 'hexclave' });
    await editUser(world.context('hexclave'), actor, person.id, { totpSecret: Buffer.alloc(20, 7) });
    expect(await signInByBackupCode(world, person, code)).not.toBe('done');
  });

  test('open nothing once the owner lets codes be mailed', async () => {
    const { person, code } = await planted();
    const { actor } = await world.signIn(person);
    await enableMailFactor(world.context(), actor, password);
    expect(await signInByBackupCode(world, person, code)).not.toBe('done');
  });

  test('but those that the same session was shown with the mailed factor stay', async () => {
    const { person, thief: owner, code } = await planted();
    await enableMailFactor(world.context(), owner, password);
    expect(await signInByBackupCode(world, person, code)).toBe('done');
  });
});

onOneEngine('Backup codes of a factor that is on', {}, (world) => {
  test('are not replaced by setting up another factor with less than the proof that renewing them owes', async () => {
    const ctx = world.context('axumkit');
    const { id } = await world.person();
    const { actor } = await world.signIn((await ctx.store.read.users.find(id))!);
    await enableMailFactor(world.context(), actor, password);
    world.clock.advance(hours(2));
    const live = (await ctx.store.read.sessions.findLive(actor.live.session.id))!;
    const later = { ...actor, live };
    expect(await codeOf(stageTotpSecret(ctx, later))).toBe('session_not_fresh');
    expect(await codeOf(activateTotp(ctx, later, '123456'))).toBe('session_not_fresh');
  });
});
