import { describe, expect, test } from 'vitest';
import { hours, minutes, seconds } from '../../../src/base/clock.ts';
import type { Refusal } from '../../../src/base/refusal.ts';
import { act, asSystem } from '../../../src/core/acting.ts';
import type { UserActor } from '../../../src/core/actor.ts';
import { type CredentialChange, credentialChanges } from '../../../src/core/credentials/changes.ts';
import { admitUser, type Proof } from '../../../src/core/sessions/admit-user.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { asUser, type CoreWorld, onEveryEngine, password, stranger } from '../../kit/core-world.ts';
import { aServer } from '../../kit/servers.ts';

const changes = Object.keys(credentialChanges) as CredentialChange[];
const ofProof = (proof: string): CredentialChange[] => changes.filter((change) => credentialChanges[change] === proof);

/** What the door of the transaction answers. */
const asked = (world: CoreWorld, actor: UserActor, change: CredentialChange, more: object = {}): Promise<string> =>
  act(world.context(), actor, { change, ...more }, async () => 'changed').catch((refusal: Refusal) => refusal.code);

async function session(world: CoreWorld, person: Person, proof: Partial<Proof> = {}): Promise<UserActor> {
  const ctx = world.context();
  const admission = await asSystem(ctx, (tx) =>
    admitUser(ctx, tx, stranger, person, { method: 'password', strongFrom: null, persistent: true, ...proof } as Proof),
  );
  if (!('kind' in admission)) throw admission;
  return asUser(admission).actor;
}

async function withFactor(world: CoreWorld): Promise<Person> {
  const ctx = world.context();
  const person = await world.person();
  await asSystem(ctx, (tx) => tx.factors.enableMailCode(person.id, ctx.clock.now()));
  return (await ctx.store.read.users.find(person.id))!;
}

onEveryEngine('proofs for changes of one’s own credentials', {}, (world) => {
  describe.each(changes)('%s', (change) => {
    test('is never made by a session that an administrator opened in the person’s name', async () => {
      const [person, administrator] = [await world.person(), await world.person()];
      const own = await session(world, administrator);
      const impersonated = [
        await session(world, person, {
          method: 'impersonation',
          impersonator: { userId: administrator.id, sessionId: own.live.session.id, seconds: 3600 },
        }),
        // Opened by a server, which names no administrator.
        await session(world, person, { method: 'impersonation' }),
      ];
      for (const actor of impersonated) expect(await asked(world, actor, change)).toBe('impersonated_session');
    });

    test('is not made by a session that ended, by one that expired, or by somebody who is kept out', async () => {
      const ctx = world.context();
      const ended = await session(world, await world.person());
      await asSystem(ctx, (tx) => tx.sessions.end(ended.live.session.id));
      const banned = await session(world, await world.person());
      await asSystem(ctx, (tx) => tx.users.update(banned.live.user.id, { bannedAt: ctx.clock.now() }, ctx.clock.now()));
      for (const actor of [ended, banned]) expect(await asked(world, actor, change)).toBe('not_signed_in');
    });

    test('is made right after a sign-in', async () => {
      expect(await asked(world, await session(world, await world.person()), change)).toBe('changed');
    });
  });

  describe.each([
    ['recent', hours(24)],
    ['strong', minutes(10)],
  ] as const)('a %s proof', (proof, life) => {
    test.each(ofProof(proof))('%s is refused once the sign-in is too old', async (change) => {
      const actor = await session(world, await world.person());
      world.clock.advance(life - 1);
      expect(await asked(world, actor, change)).toBe('changed');
      world.clock.advance(1);
      expect(await asked(world, actor, change)).toBe('session_not_fresh');
    });

    test.each(ofProof(proof))(
      '%s wants the second factor of whoever has one; a trusted device is none',
      async (change) => {
        const person = await withFactor(world);
        for (const [secondFactor, answer] of [
          ['totp', 'changed'],
          ['mail_code', 'changed'],
          ['backup_code', 'changed'],
          ['user_verified', 'changed'],
          ['trusted_device', 'session_not_fresh'],
        ] as const) {
          expect([secondFactor, await asked(world, await session(world, person, { secondFactor }), change)]).toEqual([
            secondFactor,
            answer,
          ]);
        }
      },
    );

    test.each(ofProof(proof))(
      '%s: the password in the call stands in for the sign-in, not for the factor',
      async (change) => {
        const ctx = world.context();
        const shown = async (person: Person) => ({ password: await ctx.store.read.passwords.find(person.id) });
        const plain = await world.person();
        const factored = await withFactor(world);
        const old = await session(world, plain);
        const oldFactored = await session(world, factored, { secondFactor: 'totp' });
        world.clock.advance(life);
        expect(await asked(world, old, change, await shown(plain))).toBe('changed');
        expect(await asked(world, oldFactored, change, await shown(factored))).toBe('session_not_fresh');
        const young = await session(world, factored, { secondFactor: 'totp' });
        expect(await asked(world, young, change, await shown(factored))).toBe('changed');
      },
    );

    test.each(ofProof(proof))('%s: a code of the factor in the call is proof enough', async (change) => {
      const actor = await session(world, await withFactor(world), { secondFactor: 'trusted_device' });
      world.clock.advance(life);
      expect(await asked(world, actor, change, { spendsFactorCode: true })).toBe('changed');
    });
  });

  test('a factor that was set up in an old session counts from when it was set up', async () => {
    const ctx = world.context();
    const person = await world.person();
    const actor = await session(world, person);
    world.clock.advance(hours(2));
    await asSystem(ctx, async (tx) => {
      await tx.factors.enableMailCode(person.id, ctx.clock.now());
      await tx.sessions.setSecondFactor(actor.live.session.id, 'enrolled', ctx.clock.now());
    });
    const withPassword = { password: await ctx.store.read.passwords.find(person.id) };
    expect(await asked(world, actor, 'factor_removed', withPassword)).toBe('changed');
    // Without the password the sign-in of two hours ago is the proof, and it is too old.
    expect(await asked(world, actor, 'factor_removed')).toBe('session_not_fresh');
  });

  test('a password that was changed since it was verified is no proof', async () => {
    const ctx = world.context();
    const person = await world.person({ password });
    const actor = await session(world, person);
    const before = (await ctx.store.read.passwords.find(person.id))!;
    await asSystem(ctx, (tx) => tx.passwords.set({ ...before, hash: 'another', changedAt: ctx.clock.now() }));
    expect(await asked(world, actor, 'password_changed', { password: before })).toBe('password_wrong');
  });

  test('whoever is anonymous has nothing stronger to show, however old the session is', async () => {
    const person = await world.person({ email: null, password: null, anonymous: true, emailVerified: false });
    const ctx = world.context('hexclave');
    const admission = await asSystem(ctx, (tx) =>
      admitUser(ctx, tx, stranger, person, { method: 'anonymous', persistent: true }),
    );
    if (!('kind' in admission)) throw admission;
    const { actor } = asUser(admission);
    world.clock.advance(hours(30));
    expect(await act(ctx, actor, { change: 'passkey_added' }, async () => 'changed')).toBe('changed');
  });

  test('servers, operators and the system owe no proof', async () => {
    for (const change of changes) {
      expect(
        await act(world.context(), aServer('server'), { change }, async (_tx, me) => me.refuseChange(change)),
      ).toBe(null);
    }
  });
});

onEveryEngine(
  'a policy that asks for no proof',
  {
    policy: { 'session.freshSeconds': 0, 'credentials.strongProofSeconds': 0 },
  },
  (world) => {
    test.each(changes)('%s is made by any session that is the person’s own', async (change) => {
      const actor = await session(world, await withFactor(world), { secondFactor: 'trusted_device' });
      world.clock.advance(seconds(86_401));
      expect(await asked(world, actor, change)).toBe('changed');
    });
  },
);
