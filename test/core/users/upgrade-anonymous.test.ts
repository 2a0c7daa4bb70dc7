import { expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import type { Actor, UserActor } from '../../../src/core/actor.ts';
import { admitUser } from '../../../src/core/sessions/admit-user.ts';
import { openSessionForUser } from '../../../src/core/sessions/open-session-for-user.ts';
import { signInWithPassword } from '../../../src/core/sign-in/sign-in-with-password.ts';
import { signUpWithPassword } from '../../../src/core/users/sign-up-with-password.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { asUser, onOneEngine, password, stranger } from '../../kit/core-world.ts';
import { aServer } from '../../kit/servers.ts';

onOneEngine('Somebody anonymous', { betterAuth: { anonymous: true } }, (world) => {
  let people = 0;
  const anonymous = (): Promise<Person> =>
    world.person({ email: null, password: null, anonymous: true, emailVerified: false });
  async function own(person: Person): Promise<UserActor> {
    const ctx = world.context();
    const admission = await asSystem(ctx, (tx) =>
      admitUser(ctx, tx, stranger, person, { method: 'anonymous', persistent: true }),
    );
    if (!('kind' in admission)) throw admission;
    return asUser(admission).actor;
  }
  /** A server looks at what they see. */
  async function inTheirName({ id: userId }: Person): Promise<UserActor> {
    const asked = { userId, lifeSeconds: 3600, impersonation: true };
    const { live } = await openSessionForUser(world.context(), aServer(), asked);
    return { kind: 'user', from: stranger.from, live };
  }
  async function signUp(actor: Actor): Promise<string> {
    const { person } = await signUpWithPassword(world.context(), actor, {
      ...{ email: `newcomer${++people}@example.org`, password, displayName: 'Ada', persistent: true },
      verificationLink: 'https://example.org/{token}',
    });
    return person.id;
  }
  async function signIn(actor: Actor, email: string): Promise<void> {
    const given = { identifier: { email }, password, persistent: true, verificationLink: null };
    await signInWithPassword(world.context(), actor, given);
  }
  const find = (id: string) => world.context().store.read.users.find(id);

  test('keeps their id when they sign up', async () => {
    const person = await anonymous();
    expect(await signUp(await own(person))).toBe(person.id);
    expect((await find(person.id))!.anonymous).toBe(false);
  });

  test('does not become whoever signs up in a session that a server opened in their name', async () => {
    const person = await anonymous();
    expect(await signUp(await inTheirName(person))).not.toBe(person.id);
    expect((await find(person.id))!.anonymous).toBe(true);
  });

  test('is erased when they sign in as somebody who was there', async () => {
    const person = await anonymous();
    await signIn(await own(person), (await world.person()).email!.value);
    expect(await find(person.id)).toBeNull();
  });

  test('is not erased by a sign-in from a session that a server opened in their name', async () => {
    const person = await anonymous();
    await signIn(await inTheirName(person), (await world.person()).email!.value);
    expect(await find(person.id)).not.toBeNull();
  });
});
