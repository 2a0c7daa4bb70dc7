import { describe, expect, test } from 'vitest';
import type { Actor, UserActor } from '../../../src/core/actor.ts';
import { addEmail } from '../../../src/core/emails/manage-emails.ts';
import { endSession } from '../../../src/core/sessions/end-session.ts';
import { impersonateUser } from '../../../src/core/sessions/impersonate-user.ts';
import { openSessionForUser } from '../../../src/core/sessions/open-session-for-user.ts';
import { requestMailCode } from '../../../src/core/sign-in/request-mail-code.ts';
import { signInWithCode } from '../../../src/core/sign-in/sign-in-with-code.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { onOneEngine, stranger } from '../../kit/core-world.ts';
import { outcomeOf } from '../../kit/outcome.ts';
import { aServer } from '../../kit/servers.ts';

onOneEngine('The first proof of a mailbox', {}, (world) => {
  async function signIn(actor: Actor, address: string): Promise<string> {
    const ctx = world.context();
    await requestMailCode(ctx, stranger, { purpose: 'sign_in_code', address });
    const [code] = /\b\d{6}\b/.exec((await world.mail(address)).text)!;
    const newcomer = { displayName: null, imageUrl: null, metadataClient: null, trustToken: null };
    return outcomeOf(signInWithCode(ctx, actor, { address, code, ...newcomer }));
  }
  const hasPassword = async ({ id }: Person) => (await world.context().store.read.passwords.find(id)) !== null;

  const sessions: Readonly<Record<string, (person: Person) => Promise<Actor>>> = {
    'nobody who is signed in': async () => stranger,
    'an administrator in the person’s name': async (person) => {
      const { actor } = await world.signIn(await world.person({ roles: ['admin'] }));
      const { live } = await impersonateUser(world.context(), actor, person.id);
      return { ...actor, live };
    },
    'a server in the person’s name': async ({ id: userId }) => {
      const asked = { userId, lifeSeconds: 3600, impersonation: true };
      const { live } = await openSessionForUser(world.context('hexclave'), aServer(), asked);
      return { kind: 'user', from: stranger.from, live } satisfies UserActor;
    },
    'a session of the person that has ended': async (person) => {
      const { actor } = await world.signIn(person);
      await endSession(world.context(), actor);
      return actor;
    },
  };

  describe('drops what was set up before, for it may be a stranger’s', () => {
    test.each(Object.keys(sessions))('asked by %s', async (who) => {
      const person = await world.person({ emailVerified: false });
      expect(await signIn(await sessions[who]!(person), person.email!.value)).toBe('ok');
      expect(await hasPassword(person)).toBe(false);
    });
  });

  test('drops nothing where its person is signed in', async () => {
    const person = await world.person({ emailVerified: false });
    const { actor } = await world.signIn(person);
    expect(await signIn(actor, person.email!.value)).toBe('ok');
    expect(await hasPassword(person)).toBe(true);
  });

  test('opens nothing for the holder of a second address while the first one is proven', async () => {
    const person = await world.person();
    const address = `second-${person.id}@example.org`;
    const use = { isPrimary: false, usedForAuth: true, verified: false };
    await addEmail(world.context('hexclave'), aServer(), { userId: person.id, address, ...use });
    expect(await signIn(stranger, address)).toBe('code_address_changed');
    expect(await hasPassword(person)).toBe(true);
    expect(await signIn((await world.signIn(person)).actor, address)).toBe('ok');
  });
});
