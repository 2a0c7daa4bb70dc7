import { describe, expect, test } from 'vitest';
import { minutes } from '../../../src/base/clock.ts';
import type { UserActor } from '../../../src/core/actor.ts';
import { activateTotp } from '../../../src/core/factors/activate-totp.ts';
import { completeSecondFactor } from '../../../src/core/factors/complete-second-factor.ts';
import { sendProofCode, sendSecondFactorCode } from '../../../src/core/factors/mail-code.ts';
import {
  disableSecondFactorByCode,
  enableMailFactor,
  stageTotpSecret,
} from '../../../src/core/factors/manage-factors.ts';
import type { Accepted } from '../../../src/core/factors/match-factor.ts';
import { proveBackupCode, proveMailCode, proveTotp } from '../../../src/core/factors/prove-factor.ts';
import { signInWithPassword } from '../../../src/core/sign-in/sign-in-with-password.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { type CoreWorld, onEveryEngine, password } from '../../kit/core-world.ts';
import { movedTo, strangerAt } from '../../kit/from.ts';
import { outcomeOf, outcomes } from '../../kit/outcome.ts';
import { appCode } from '../../kit/totp.ts';

const home = '192.0.2.1';
const elsewhere = '198.51.100.1';
const everything: Accepted = ['totp', 'mail_code', 'backup_code'];
const times = <T>(count: number, what: T): T[] => Array<T>(count).fill(what);

/** Somebody who signed in at home and switched the authenticator app on, and a thief of their session. */
async function enrolled(world: CoreWorld, { mail = false } = {}) {
  const ctx = world.context();
  const person = await world.person();
  const { actor } = await world.signIn(person);
  const secret = await stageTotpSecret(ctx, actor);
  const uri = `otpauth://totp/x?secret=${secret}`;
  const code = () => appCode(world.clock, uri);
  const { backupCodes } = await activateTotp(ctx, actor, code());
  if (mail) await enableMailFactor(ctx, actor, password);
  world.clock.advance(minutes(15)); // nothing was tried within the window
  const wrong = () => (code() === '000000' ? '000001' : '000000');
  const thief = movedTo(elsewhere, actor);
  const disable = (as: UserActor, typed: string) =>
    disableSecondFactorByCode(world.context('axumkit'), as, typed, ['totp', 'backup_code']);
  const pending = async (ip: string): Promise<string> => {
    const admission = await signInWithPassword(ctx, strangerAt(ip), {
      ...{ identifier: { email: person.email!.value }, password, persistent: true, verificationLink: null },
    });
    if (admission.kind === 'session') throw new Error('no second factor was asked');
    return admission.token;
  };
  const complete = (pendingToken: string, ip: string, typed: string, accept: Accepted = everything) =>
    completeSecondFactor(ctx, strangerAt(ip), { pendingToken, code: typed, accept, trustDevice: false });
  return { ctx, person, actor, thief, code, wrong, backupCodes, disable, pending, complete };
}

/** The code in the newest mail. */
const mailed = async (world: CoreWorld, { email }: Person): Promise<string> =>
  /\b\d{6}\b/.exec((await world.mail(email!.value)).text)![0];

onEveryEngine('Tries at a second factor', {}, (world) => {
  test('are not refilled by what was no guess, whatever it was and by whichever dialect', async () => {
    const { ctx, thief, wrong, disable } = await enrolled(world);
    expect(await outcomes(9, () => disable(thief, wrong()))).toEqual(times(9, 'second_factor_rejected'));
    // No code was mailed, so there is nothing to guess. The faults of old: this forgot the nine.
    expect(await outcomes(20, () => proveMailCode(ctx, thief, '123456'))).toEqual(times(20, 'code_expired'));
    expect(await outcomes(20, () => activateTotp(ctx, thief, '123456'))).toEqual(times(20, 'session_not_fresh'));
    expect(await outcomes(2, () => disable(thief, wrong()))).toEqual(['second_factor_rejected', 'temporarily_locked']);
  });

  test('that were no guesses cost none', async () => {
    const { ctx, actor, code } = await enrolled(world);
    await outcomes(30, () => activateTotp(ctx, actor, '123456'));
    expect(await proveTotp(ctx, actor, code())).toBeNull();
  });

  test('cost none where the mailed code had expired before it was compared', async () => {
    const { ctx, person, pending, complete } = await enrolled(world, { mail: true });
    const tooLate = async () => {
      const token = await pending(home);
      await sendSecondFactorCode(ctx, strangerAt(home), token);
      world.clock.advance(minutes(3));
      return outcomes(3, () => complete(token, home, '123456', ['mail_code']));
    };
    const found = [await tooLate(), await tooLate(), await tooLate(), await tooLate()].flat();
    expect(found).toEqual(times(12, 'code_expired'));
    const token = await pending(home);
    await sendSecondFactorCode(ctx, strangerAt(home), token);
    expect(await outcomeOf(complete(token, home, await mailed(world, person), ['mail_code']))).toBe('ok');
  });

  test('at the app are not refilled by a right mailed code or backup code', async () => {
    const { ctx, person, thief, wrong, disable, backupCodes } = await enrolled(world, { mail: true });
    await outcomes(9, () => disable(thief, wrong()));
    await sendProofCode(ctx, thief);
    await proveMailCode(ctx, thief, await mailed(world, person));
    await proveBackupCode(ctx, thief, backupCodes[0]!);
    expect(await outcomes(2, () => disable(thief, wrong()))).toEqual(['second_factor_rejected', 'temporarily_locked']);
  });

  test('at the app are cleared by a right code of the app', async () => {
    const { ctx, actor, code, wrong, disable } = await enrolled(world);
    await outcomes(9, () => disable(actor, wrong()));
    await proveTotp(ctx, actor, code());
    expect(await outcomes(11, () => disable(actor, wrong()))).toEqual([
      ...times(10, 'second_factor_rejected'),
      'temporarily_locked',
    ]);
  });

  test('are not refilled by the right password and new pending sign-ins', async () => {
    const { pending, complete, code, wrong } = await enrolled(world);
    const guess = async () => complete(await pending(elsewhere), elsewhere, wrong());
    expect(await outcomes(11, guess)).toEqual([...times(10, 'second_factor_rejected'), 'temporarily_locked']);
    // Nor from yet another network: strangers share one budget.
    const right = async () => complete(await pending('203.0.113.9'), '203.0.113.9', code());
    expect(await outcomeOf(right())).toBe('temporarily_locked');
  });

  test('are the thief’s own: who has the password elsewhere does not lock the owner out at home', async () => {
    const { pending, complete, code, wrong } = await enrolled(world);
    await outcomes(11, async () => complete(await pending(elsewhere), elsewhere, wrong()));
    expect(await outcomeOf(complete(await pending(home), home, code()))).toBe('ok');
    // That opens nothing for the thief.
    expect(await outcomeOf(complete(await pending(elsewhere), elsewhere, wrong()))).toBe('temporarily_locked');
  });

  test('count where the mailed code has expired and the app’s was compared', async () => {
    const { ctx, pending, complete, wrong } = await enrolled(world, { mail: true });
    const guess = async () => {
      const token = await pending(elsewhere);
      await sendSecondFactorCode(ctx, strangerAt(elsewhere), token);
      world.clock.advance(minutes(3));
      return complete(token, elsewhere, wrong());
    };
    expect(await outcomes(4, guess)).toEqual(times(4, 'second_factor_rejected'));
  });

  test('at a mailed code are not refilled by asking for another', async () => {
    const { ctx, person, pending, complete } = await enrolled(world, { mail: true });
    const guess = async () => {
      const token = await pending(elsewhere);
      await sendSecondFactorCode(ctx, strangerAt(elsewhere), token);
      const wrong = (await mailed(world, person)) === '000000' ? '000001' : '000000';
      return outcomes(3, () => complete(token, elsewhere, wrong, ['mail_code']));
    };
    const found = [await guess(), await guess(), await guess(), await guess()].flat();
    expect(found).toEqual([...times(10, 'second_factor_rejected'), ...times(2, 'temporarily_locked')]);
  });

  test('a mailed code that expired does not keep a backup code out', async () => {
    const { ctx, backupCodes, pending, complete } = await enrolled(world, { mail: true });
    const token = await pending(home);
    await sendSecondFactorCode(ctx, strangerAt(home), token);
    world.clock.advance(minutes(5));
    expect(await outcomeOf(complete(token, home, backupCodes[1]!))).toBe('ok');
  });

  describe('Mailed codes', () => {
    test('are few, whoever asks; the owner at home has their own', async () => {
      const { ctx, person, actor, thief, pending } = await enrolled(world, { mail: true });
      const ask = async () => sendSecondFactorCode(ctx, strangerAt(elsewhere), await pending(elsewhere));
      const before = (await world.mails(person.email!.value)).length;
      expect(await outcomes(6, ask)).toEqual([...times(5, 'ok'), 'too_many_requests']);
      expect(await outcomeOf(sendProofCode(ctx, thief))).toBe('too_many_requests');
      expect(await outcomeOf(sendProofCode(ctx, actor))).toBe('ok');
      expect((await world.mails(person.email!.value)).length - before).toBe(6);
    });

    test('belong to the session that asked: another session of the person cannot use them', async () => {
      const { ctx, person, actor, pending, complete, code } = await enrolled(world, { mail: true });
      const admission = await complete(await pending(home), home, code());
      if (admission.kind !== 'session') throw new Error('not signed in');
      const other: UserActor = { ...actor, live: admission.live };
      await sendProofCode(ctx, actor);
      const sent = await mailed(world, person);
      expect(await outcomeOf(proveMailCode(ctx, other, sent))).toBe('code_expired');
      expect(await outcomeOf(proveMailCode(ctx, actor, sent))).toBe('ok');
    });
  });
});
