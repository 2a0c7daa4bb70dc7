import { describe, expect, test } from 'vitest';
import { days, hours, minutes } from '../../../src/base/clock.ts';
import { Refusal } from '../../../src/base/refusal.ts';
import { systemActor } from '../../../src/core/actor.ts';
import type { Context } from '../../../src/core/context.ts';
import { activateTotp } from '../../../src/core/factors/activate-totp.ts';
import { completeSecondFactor } from '../../../src/core/factors/complete-second-factor.ts';
import { stageTotpSecret } from '../../../src/core/factors/manage-factors.ts';
import { proveTotp } from '../../../src/core/factors/prove-factor.ts';
import { limitRules } from '../../../src/core/limit-rules.ts';
import { issueResetLink } from '../../../src/core/passwords/issue-reset-link.ts';
import { provePassword } from '../../../src/core/passwords/prove-password.ts';
import { resetPassword } from '../../../src/core/passwords/reset-password.ts';
import { resetPasswordWithCode } from '../../../src/core/passwords/reset-password-with-code.ts';
import { setPasswordForUser } from '../../../src/core/passwords/set-password-for-user.ts';
import { rawTransaction } from '../../../src/core/raw-transaction.ts';
import { impersonateUser } from '../../../src/core/sessions/impersonate-user.ts';
import { accountByEmail } from '../../../src/core/sign-in/password-tries.ts';
import { requestMailCode } from '../../../src/core/sign-in/request-mail-code.ts';
import { signInWithCode } from '../../../src/core/sign-in/sign-in-with-code.ts';
import { signInWithPassword } from '../../../src/core/sign-in/sign-in-with-password.ts';
import { StoreUnavailable } from '../../../src/core/store.ts';
import type { SurfaceName } from '../../../src/core/surface.ts';
import { tryOnce } from '../../../src/core/tries.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { type CoreWorld, onEveryEngine, onOneEngine, password } from '../../kit/core-world.ts';
import { movedTo, strangerAt } from '../../kit/from.ts';
import { outcomeOf, outcomes } from '../../kit/outcome.ts';
import { appCode } from '../../kit/totp.ts';

const home = '192.0.2.1';
const away = '198.51.100.7';
const surfaces: readonly SurfaceName[] = ['better-auth', 'hexclave', 'axumkit'];
const times = <T>(count: number, what: T): T[] => Array<T>(count).fill(what);

const attempt = (world: CoreWorld, who: Person | string, ip: string, given: string, change: Change = {}) =>
  signInWithPassword(change.ctx ?? world.context(change.surface), strangerAt(ip), {
    identifier: { email: typeof who === 'string' ? who : who.email!.value },
    ...{ password: given, persistent: true, verificationLink: null, trustToken: change.trustToken ?? null },
  });

interface Change {
  readonly surface?: SurfaceName;
  readonly ctx?: Context;
  readonly trustToken?: string;
}

/** A hundred wrong passwords from ten networks, over all dialects. */
async function aHundredTimes(world: CoreWorld, who: Person | string): Promise<string[]> {
  const found: string[] = [];
  for (let network = 0; network < 10; network += 1) {
    const surface = surfaces[network % 3]!;
    found.push(...(await outcomes(10, () => attempt(world, who, `203.0.${network}.9`, 'wrong one', { surface }))));
  }
  return found;
}

/** What that leaves of the tries that strangers share, without a hundred transactions. */
async function attacked(world: CoreWorld, { email }: Person): Promise<void> {
  const used = () => tryOnce(world.context(), limitRules.passwordTriesAnywhere, accountByEmail(email!.normal));
  await outcomes(limitRules.passwordTriesAnywhere.max, used);
}

onEveryEngine('Wrong passwords', {}, (world) => {
  test('from strange networks are a hundred an hour together, for known and unknown accounts alike', async () => {
    const person = await world.person();
    for (const who of [person, 'nobody@example.org']) {
      expect(await aHundredTimes(world, who)).toEqual(times(100, 'credential_rejected'));
      for (const surface of surfaces) {
        expect(await outcomeOf(attempt(world, who, away, password, { surface }))).toBe('too_many_requests');
      }
    }
    world.clock.advance(hours(1));
    expect(await outcomeOf(attempt(world, person, away, password))).toBe('ok');
  });

  test('of strangers do not lock the owner out of a network they signed in from, on any dialect', async () => {
    const person = await world.person();
    await attempt(world, person, home, password);
    await attacked(world, person);
    expect(await outcomeOf(attempt(world, person, away, password))).toBe('too_many_requests');
    for (const surface of surfaces) {
      expect(await outcomeOf(attempt(world, person, '192.0.2.200', password, { surface }))).toBe('ok');
    }
    // The owner's sign-ins are no reason to let the strangers go on.
    expect(await outcomeOf(attempt(world, person, away, 'wrong one'))).toBe('too_many_requests');
  });

  test('at home are ten in a quarter of an hour, and a right one clears them', async () => {
    const person = await world.person();
    await attempt(world, person, home, password);
    const wrong = () => attempt(world, person, home, 'wrong one');
    expect(await outcomes(9, wrong)).toEqual(times(9, 'credential_rejected'));
    await attempt(world, person, home, password);
    expect(await outcomes(11, wrong)).toEqual([...times(10, 'credential_rejected'), 'too_many_requests']);
    world.clock.advance(minutes(15));
    expect(await outcomeOf(attempt(world, person, home, password))).toBe('ok');
  });

  test('refused because strangers used up theirs do not count for the network they come from', async () => {
    const person = await world.person();
    await attacked(world, person);
    expect(await outcomes(30, () => attempt(world, person, away, password))).toEqual(times(30, 'too_many_requests'));
    world.clock.advance(hours(1));
    expect(await outcomes(10, () => attempt(world, person, away, 'wrong one'))).toEqual(
      times(10, 'credential_rejected'),
    );
  });

  describe('locking a network out, the way is opened by', () => {
    test('a reset by a mailed link, from there', async () => {
      const person = await world.person();
      await attacked(world, person);
      await outcomes(10, () => attempt(world, person, away, 'wrong one'));
      const { url } = await issueResetLink(world.context('cli'), systemActor, person.id);
      const token = new URL(url).searchParams.get('token')!;
      await resetPassword(world.context(), strangerAt(away), { token, password: 'battery staple horse' });
      expect(await outcomeOf(attempt(world, person, away, 'battery staple horse'))).toBe('ok');
      // And stays open while the attack goes on.
      await attacked(world, person);
      expect(await outcomeOf(attempt(world, person, away, 'battery staple horse'))).toBe('ok');
    });

    test('a reset by a mailed code, also for the network that filled its own tries', async () => {
      const person = await world.person({ username: `user${world.clock.now()}` });
      const address = person.email!.value;
      await attempt(world, person, away, password);
      await outcomes(10, () => attempt(world, person, away, 'wrong one'));
      expect(await outcomeOf(attempt(world, person, away, password))).toBe('too_many_requests');
      await requestMailCode(world.context(), strangerAt(away), { purpose: 'password_reset_code', address });
      const [code] = /\b\d{6}\b/.exec((await world.mail(address)).text)!;
      await resetPasswordWithCode(world.context(), strangerAt(away), { address, code, password: 'battery staple' });
      expect(await outcomeOf(attempt(world, person, away, 'battery staple'))).toBe('ok');
    });

    test('a sign-in by mail', async () => {
      const person = await world.person();
      const address = person.email!.value;
      await attacked(world, person);
      await requestMailCode(world.context(), strangerAt(away), { purpose: 'sign_in_code', address });
      const [code] = /\b\d{6}\b/.exec((await world.mail(address)).text)!;
      const newcomer = { displayName: null, imageUrl: null, metadataClient: null, trustToken: null };
      await signInWithCode(world.context(), strangerAt(away), { address, code, ...newcomer });
      expect(await outcomeOf(attempt(world, person, away, password))).toBe('ok');
    });
  });

  test('a reset that fails opens nothing', async () => {
    const person = await world.person();
    await attacked(world, person);
    const input = { token: 'a'.repeat(45), password: 'battery staple horse' };
    expect(await outcomeOf(resetPassword(world.context(), strangerAt(away), input))).toBe('code_not_found');
    expect(await outcomeOf(attempt(world, person, away, password))).toBe('too_many_requests');
  });

  test('a trusted device of the person has tries of its own, wherever it is; another’s has none', async () => {
    const trusting = async () => {
      const person = await world.person();
      const { actor } = await world.signIn(person);
      const uri = `otpauth://totp/x?secret=${await stageTotpSecret(world.context(), actor)}`;
      await activateTotp(world.context(), actor, appCode(world.clock, uri));
      const admission = await attempt(world, person, home, password);
      if (admission.kind === 'session') throw new Error('no second factor was asked');
      const done = await completeSecondFactor(world.context(), strangerAt(home), {
        ...{ pendingToken: admission.token, code: appCode(world.clock, uri), accept: ['totp'], trustDevice: true },
      });
      return { person, trustToken: done.kind === 'session' ? done.deviceTrust!.token : '' };
    };
    const [{ person, trustToken }, other] = [await trusting(), await trusting()];
    await attacked(world, person);
    await outcomes(10, () => attempt(world, person, away, 'wrong one'));
    expect(await outcomeOf(attempt(world, person, away, password))).toBe('too_many_requests');
    expect(await outcomeOf(attempt(world, person, away, password, { trustToken: other.trustToken }))).toBe(
      'too_many_requests',
    );
    const wrong = () => attempt(world, person, away, 'wrong one', { trustToken });
    expect(await outcomes(9, wrong)).toEqual(times(9, 'credential_rejected'));
    expect(await outcomeOf(attempt(world, person, away, password, { trustToken }))).toBe('ok');
  });

  test('a right password clears nothing of another account’s, nor of the second factor', async () => {
    const [victim, attacker] = [await world.person(), await world.person()];
    await outcomes(10, () => attempt(world, victim, away, 'wrong one'));
    await attempt(world, attacker, away, password);
    expect(await outcomeOf(attempt(world, victim, away, 'wrong one'))).toBe('too_many_requests');
  });

  test('fifty at once count as fifty', async () => {
    const person = await world.person();
    const found = await Promise.all(
      Array.from({ length: 50 }, () => outcomeOf(attempt(world, person, away, 'wrong one'))),
    );
    expect(found.filter((each) => each === 'credential_rejected')).toHaveLength(10);
  });
});

onOneEngine('Networks of a person', {}, (world) => {
  const knows = async (person: Person, ip: string): Promise<boolean> => {
    await attacked(world, person);
    const known = (await outcomeOf(attempt(world, person, ip, password))) === 'ok';
    world.clock.advance(hours(1));
    return known;
  };

  test('are known for ninety days after the last sign-in', async () => {
    const person = await world.person();
    await attempt(world, person, home, password);
    world.clock.advance(days(90) - 1);
    expect(await knows(person, home)).toBe(true);
    world.clock.advance(days(90));
    expect(await knows(person, home)).toBe(false);
  });

  test('are not those of an administrator in their name', async () => {
    const [person, admin] = [await world.person(), await world.person({ roles: ['admin'] })];
    const { actor } = await world.signIn(admin);
    await impersonateUser(world.context(), movedTo(away, actor), person.id);
    expect(await knows(person, away)).toBe(false);
  });

  test('that somebody without an address asks from are none', async () => {
    const person = await world.person();
    const nowhere = { kind: 'anonymous', from: { ip: null, userAgent: null } } as const;
    const input = { password, persistent: true, verificationLink: null } as const;
    const from = () =>
      signInWithPassword(world.context(), nowhere, { identifier: { email: person.email!.value }, ...input });
    expect(await outcomeOf(from())).toBe('ok');
    await attacked(world, person);
    expect(await outcomeOf(from())).toBe('too_many_requests');
  });
});

onOneEngine('A password sign-in', {}, (world) => {
  test('is refused when the password was changed while it was compared (core map M5)', async () => {
    const person = await world.person();
    const made = world.context();
    const passwords = {
      ...made.passwords,
      async verify(given: string, hash: string | null) {
        const answer = await made.passwords.verify(given, hash);
        await setPasswordForUser(world.context('cli'), systemActor, { userId: person.id, password: 'battery staple' });
        return answer;
      },
    };
    const ctx: Context = Object.create(made, { passwords: { value: passwords } });
    expect(await outcomeOf(attempt(world, person, home, password, { ctx }))).toBe('credential_rejected');
    expect(await world.mainProject.store.read.sessions.listOf(person.id, world.clock.now())).toEqual([]);
  });

  test('that the hashing queue had no room for is no try', async () => {
    const person = await world.person();
    const made = world.context();

    const verify = () => Promise.reject(new Refusal('busy', { retryAfterSeconds: 1 }));
    const ctx: Context = Object.create(made, { passwords: { value: { ...made.passwords, verify } } });
    expect(await outcomes(20, () => attempt(world, person, home, password, { ctx }))).toEqual(times(20, 'busy'));
    const { actor } = await world.signIn(person);
    expect(await outcomes(30, () => provePassword(ctx, actor, password))).toEqual(times(30, 'busy'));
    expect(await outcomeOf(provePassword(made, actor, password))).toBe('ok');
  });
});

onOneEngine('Proving the password again', {}, (world) => {
  test('in a stolen session elsewhere leaves the owner their tries at home', async () => {
    const person = await world.person();
    const { actor } = await world.signIn(person);
    const thief = movedTo(away, actor);
    const guess = () => provePassword(world.context(), thief, 'wrong one');
    expect(await outcomes(21, guess)).toEqual([...times(20, 'password_wrong'), 'too_many_requests']);
    expect(await outcomeOf(provePassword(world.context(), actor, password))).toBe('ok');
    expect(await outcomeOf(guess())).toBe('too_many_requests');
  });
});

onOneEngine('While the store does not answer', {}, (world) => {
  const broken = (): Context => ({
    ...world.context(),
    [rawTransaction]: () => Promise.reject(new StoreUnavailable(new Error('cut'))),
  });

  test('right passwords are not counted as guesses: nobody is locked out afterwards', async () => {
    const person = await world.person();
    for (let n = 0; n < 12; n += 1) {
      const tried = attempt(world, person, home, password, { ctx: broken() });
      await expect(tried).rejects.toBeInstanceOf(StoreUnavailable);
    }
    expect(await outcomes(10, () => attempt(world, person, home, 'wrong one'))).toEqual(
      times(10, 'credential_rejected'),
    );
    expect(await outcomeOf(attempt(world, person, home, password))).toBe('too_many_requests');
  });

  test('codes of a second factor are not counted as guesses', async () => {
    const { actor } = await world.signIn(await world.person());
    for (let n = 0; n < 12; n += 1) {
      await expect(proveTotp(broken(), actor, '123456')).rejects.toBeInstanceOf(StoreUnavailable);
    }
    expect(await outcomeOf(proveTotp(world.context(), actor, '123456'))).toBe('totp_not_set_up');
  });

  test('nor are those of the second step of a sign-in', async () => {
    const person = await world.person();
    const { actor } = await world.signIn(person);
    const uri = `otpauth://totp/x?secret=${await stageTotpSecret(world.context(), actor)}`;
    await activateTotp(world.context(), actor, appCode(world.clock, uri));
    const admission = await attempt(world, person, home, password);
    if (admission.kind !== 'second_factor_required') throw new Error('no second factor was asked for');
    const proof = { pendingToken: admission.token, code: '123456', accept: ['totp'] as const, trustDevice: false };
    const guess = (ctx: Context) => completeSecondFactor(ctx, strangerAt(home), proof);
    for (let n = 0; n < 12; n += 1) await expect(guess(broken())).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await outcomeOf(guess(world.context()))).toBe('second_factor_rejected');
  });
});
