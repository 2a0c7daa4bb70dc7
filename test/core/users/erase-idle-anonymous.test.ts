import { expect, test } from 'vitest';
import { days } from '../../../src/base/clock.ts';
import { asSystem } from '../../../src/core/acting.ts';
import { addMember } from '../../../src/core/orgs/add-member.ts';
import { createOrganization } from '../../../src/core/orgs/create-organization.ts';
import { anyIdleAnonymous, eraseIdleAnonymous } from '../../../src/core/users/erase-idle-anonymous.ts';
import { signUpAnonymously } from '../../../src/core/users/sign-up-anonymously.ts';
import { asUser, onEveryEngine, stranger } from '../../kit/core-world.ts';
import { aServer } from '../../kit/servers.ts';

onEveryEngine('Anonymous people whom nobody can come back as', {}, (world) => {
  const ctx = () => world.context('hexclave');
  const visit = async () => asUser(await signUpAnonymously(ctx(), stranger)).actor;
  const end = (sessionId: string) => asSystem(ctx(), (tx) => tx.sessions.end(sessionId));
  const isThere = async (id: string) => (await ctx().store.read.users.find(id)) !== null;

  test('are erased thirty days after they were last seen; others, and those with a session, are not', async () => {
    const [gone, seen, signedIn, person] = [await visit(), await visit(), await visit(), await world.person()];
    await end(gone.live.session.id);
    world.clock.advance(days(10));
    const use = { id: seen.live.session.id, at: world.clock.now() };
    await asSystem(ctx(), (tx) => tx.users.noteActivity([use], 0));
    await end(seen.live.session.id);
    world.clock.advance(days(20) - 1);
    expect(await anyIdleAnonymous(ctx(), 30)).toBe(false);
    expect(await eraseIdleAnonymous(ctx(), 30)).toBe(0);
    world.clock.advance(2);
    expect(await anyIdleAnonymous(ctx(), 30)).toBe(true);
    expect(await eraseIdleAnonymous(ctx(), 30)).toBe(1);
    const people = [gone.live.user, seen.live.user, signedIn.live.user, person];
    expect(await Promise.all(people.map(({ id }) => isThere(id)))).toEqual([false, true, true, true]);
    expect(await world.eventTypes(gone.live.user.id)).toContain('account.deleted');
  });

  test('the only owner of an organization that others belong to stays', async () => {
    const owner = await visit();
    const { organization } = await createOrganization(ctx(), owner, {
      ...{ name: 'Acme', slug: 'acme', image: null, metadata: null, makeActive: false },
    });
    await addMember(ctx(), aServer(), { organizationId: organization.id, userId: (await world.person()).id });
    await end(owner.live.session.id);
    world.clock.advance(days(31));
    await eraseIdleAnonymous(ctx(), 30);
    expect(await isThere(owner.live.user.id)).toBe(true);
  });
});
