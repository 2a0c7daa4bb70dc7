import { expect, test } from 'vitest';
import { asSystem } from '../../src/core/acting.ts';
import { systemActor } from '../../src/core/actor.ts';
import { deleteUserByAdmin } from '../../src/core/users/delete-user.ts';
import { type Held, type TestDialect, testDialects } from '../kit/dialects.ts';
import { onOneEngine, otherPassword, password, type Stage } from '../kit/stage.ts';

/** Somebody came by the one dialect and goes on by the other: every ordered pair, so that no dialect is special. */
const pairs = Object.keys(testDialects).flatMap((made) =>
  Object.keys(testDialects).map((used) => [made, used] as const),
);

async function signedIn(outcome: unknown): Promise<Held> {
  if (typeof outcome === 'string') throw new Error(`sign-in was answered with ${outcome}`);
  return outcome as Held;
}

onOneEngine('people of one dialect in another', {}, (stage) => {
  const opened = new Map<string, TestDialect>();
  const dialect = (name: string): TestDialect => {
    const known = opened.get(name) ?? testDialects[name]!(stage);
    opened.set(name, known);
    return known;
  };
  const dialects = (made: string, used: string) => [dialect(made), dialect(used)] as const;
  const joined = async (made: string, used: string) => {
    const [a, b] = dialects(made, used);
    const account = await a.signUp(stage.address());
    return { a, b, account, held: await signedIn(await b.signIn(account.email)) };
  };

  test.each(pairs)('made by %s, signed in by %s: one person, whose sessions each dialect sees', async (made, used) => {
    const { account, held } = await joined(made, used);
    expect(await held.whoAmI()).toBe(account.id);
    expect(await account.held.whoAmI()).toBe(account.id);
    expect(await held.countSessions()).toBe(2);
    expect(await account.held.countSessions()).toBe(2);
  });

  test.each(pairs)('a session of %s is ended by %s, at once', async (made, used) => {
    const { account, held } = await joined(made, used);
    await held.endOthers();
    expect(await account.held.whoAmI()).toBeNull();
    expect(await held.whoAmI()).toBe(account.id);
    await held.signOut();
    expect(await held.whoAmI()).toBeNull();
  });

  test.each(pairs)('made by %s, the password is changed by %s: the old one is worth nothing', async (made, used) => {
    const { a, account, held } = await joined(made, used);
    await held.changePassword(password, otherPassword);
    expect(await account.held.whoAmI()).toBeNull();
    expect(await a.signIn(account.email)).toBe('refused');
    expect(await (await signedIn(await a.signIn(account.email, otherPassword))).whoAmI()).toBe(account.id);
  });

  test.each(pairs)('made by %s, a second factor set by %s is asked everywhere', async (made, used) => {
    const { a, b, account, held } = await joined(made, used);
    await held.enrolTotp();
    expect(await a.signIn(account.email)).toBe('second_factor');
    expect(await b.signIn(account.email)).toBe('second_factor');
  });

  test.each(pairs)(
    'made by %s, banned people are out of %s at once, and come back when they may',
    async (made, used) => {
      const { a, b, account, held } = await joined(made, used);
      await stage.ban(account.id);
      for (const session of [held, account.held]) expect(await session.whoAmI()).toBeNull();
      expect([await a.signIn(account.email), await b.signIn(account.email)]).toEqual(['refused', 'refused']);
      await stage.unban(account.id);
      expect(await (await signedIn(await b.signIn(account.email))).whoAmI()).toBe(account.id);
    },
  );

  test.each(pairs)('made by %s, deactivated people are out of %s', async (made, used) => {
    const { a, b, account, held } = await joined(made, used);
    await stage.deactivate(account.id);
    for (const session of [held, account.held]) expect(await session.whoAmI()).toBeNull();
    expect([await a.signIn(account.email), await b.signIn(account.email)]).toEqual(['refused', 'refused']);
  });

  test.each(pairs)('made by %s, restricted people have what %s gives them', async (made, used) => {
    const { b, account, held } = await joined(made, used);
    const seen = await signedIn(await b.signIn(account.email));
    await restrict(stage, account.id, true);
    const again = await b.signIn(account.email);
    expect(again === 'refused').toBe(!b.takesRestricted);
    // Asked with a session of its own: some clients drop one that is refused.
    if (!b.takesRestricted) expect(await seen.whoAmI()).toBeNull();
    // The session was kept: it is worth something again the moment the restriction is lifted.
    await restrict(stage, account.id, false);
    expect(await held.whoAmI()).toBe(account.id);
  });

  test.each(pairs)('made by %s, deleted people are unknown to %s', async (made, used) => {
    const { a, b, account, held } = await joined(made, used);
    const { store } = stage.world.app.mainProject;
    await deleteUserByAdmin(stage.world.app.mainProject.context('cli'), systemActor, account.id);
    for (const session of [held, account.held]) expect(await session.whoAmI()).toBeNull();
    expect([await a.signIn(account.email), await b.signIn(account.email)]).toEqual(['refused', 'refused']);
    expect(await store.read.users.find(account.id)).toBeNull();
    const anew = await b.signUp(account.email);
    expect(anew.id).not.toBe(account.id);
  });
});

async function restrict(stage: Stage, id: string, restricted: boolean): Promise<void> {
  const ctx = stage.world.app.mainProject.context('cli');
  const now = ctx.clock.now();
  await asSystem(ctx, (tx) => tx.users.update(id, { restrictedAt: restricted ? now : null }, now));
}
