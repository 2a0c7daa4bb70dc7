import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/base/refusal.ts';
import { asSystem } from '../../../src/core/acting.ts';
import { systemActor, type UserActor } from '../../../src/core/actor.ts';
import { addMember } from '../../../src/core/orgs/add-member.ts';
import { createOrganization } from '../../../src/core/orgs/create-organization.ts';
import { leaveOrganization, removeMember } from '../../../src/core/orgs/end-membership.ts';
import { inviteMembers } from '../../../src/core/orgs/invite-members.ts';
import { admitUser } from '../../../src/core/sessions/admit-user.ts';
import { banUser } from '../../../src/core/users/ban-user.ts';
import {
  deleteOwnUser,
  deleteUserByAdmin,
  deleteUserByLink,
  requestUserDeletion,
} from '../../../src/core/users/delete-user.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { onEveryEngine, password, stranger } from '../../kit/core-world.ts';
import { aServer } from '../../kit/servers.ts';

const server = aServer();

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (fault: unknown) => (fault instanceof Refusal ? fault.code : Promise.reject(fault)),
  );

onEveryEngine(
  'an organization and its last owner (core map O4)',
  { policy: { 'users.selfDeletion': true } },
  (world) => {
    // Where whoever is alone may leave.
    const ctx = () => world.context('hexclave');
    interface Founded {
      readonly id: string;
      readonly slug: string;
      readonly owner: Person;
      readonly actor: UserActor;
    }
    let count = 0;
    async function found(): Promise<Founded> {
      const owner = await world.person();
      const { actor } = await world.signIn(owner);
      count += 1;
      const { organization } = await createOrganization(ctx(), actor, {
        ...{ name: 'Acme', slug: `acme-${count}`, image: null, metadata: null, makeActive: true },
      });
      return { id: organization.id, slug: organization.slug, owner, actor };
    }
    async function join(organizationId: string): Promise<{ person: Person; actor: UserActor }> {
      const person = await world.person();
      await addMember(ctx(), server, { organizationId, userId: person.id });
      return { person, actor: (await world.signIn(person)).actor };
    }

    /** Every door through which the owner can go. */
    const doors: Readonly<Record<string, (of: Founded) => Promise<unknown>>> = {
      'an administrator erases them': async ({ owner }) => {
        const admin = await world.signIn(await world.person({ roles: ['admin'] }));
        await deleteUserByAdmin(ctx(), admin.actor, owner.id);
      },
      'the server erases them': ({ owner }) => deleteUserByAdmin(ctx(), server, owner.id),
      'an operator erases them': ({ owner }) => deleteUserByAdmin(ctx(), systemActor, owner.id),
      'they erase themselves': ({ actor }) => deleteOwnUser(ctx(), actor),
      'they erase themselves with the password': ({ actor }) =>
        requestUserDeletion(ctx(), actor, { password, link: 'https://app.example.com/{token}' }),
      'they erase themselves by a link': async ({ actor, owner }) => {
        const made = ctx();
        const users = { ...made.project.policy.users, deletionProof: 'mail' };
        const project = { ...made.project, policy: { ...made.project.policy, users } };
        const mailing = Object.create(made, { project: { value: project } }) as typeof made;
        await requestUserDeletion(mailing, actor, { password: null, link: 'https://app.example.com/{token}' });
        const token = (await world.mail(owner.email!.value)).links[0]!.split('/').at(-1)!;
        await deleteUserByLink(ctx(), actor, token).catch(async (refused) => {
          // The link is for later.
          expect(await outcome(deleteUserByLink(ctx(), actor, token))).toBe('organization_needs_owner');
          throw refused;
        });
      },
      'they leave': ({ actor, id }) => leaveOrganization(ctx(), actor, id),
      'the server takes them out': ({ id, owner }) =>
        removeMember(ctx(), server, { organizationId: id, member: { userId: owner.id } }),
      'they take themselves out': ({ id, owner, actor }) =>
        removeMember(ctx(), actor, { organizationId: id, member: { userId: owner.id } }),
    };

    for (const [door, go] of Object.entries(doors)) {
      describe(door, () => {
        test('not while others would be left without an owner; nothing is changed', async () => {
          const founded = await found();
          await join(founded.id);
          expect(await outcome(go(founded))).toBe('organization_needs_owner');
          const { read } = world.mainProject.store;
          expect((await read.users.find(founded.owner.id))?.id).toBe(founded.owner.id);
          expect((await read.memberships.findOf(founded.id, founded.owner.id))?.owner).toBe(true);
        });

        test('alone: the organization ends with them, and its slug is free', async () => {
          const founded = await found();
          const { read } = world.mainProject.store;
          const [invitation] = await inviteMembers(ctx(), founded.actor, {
            ...{ organizationId: founded.id, addresses: [`guest${count}@example.org`], roles: null, teamIds: [] },
            ...{ link: 'https://app.example.com/{token}', resend: false },
          });
          expect(await outcome(go(founded))).toBe('done');
          expect(await read.organizations.find(founded.id)).toBeNull();
          expect(await read.organizations.findBySlug(founded.slug)).toBeNull();
          expect(await read.memberships.count(founded.id)).toBe(0);
          expect((await read.invitations.find(invitation!.id))?.state).not.toBe('pending');
        });
      });
    }

    test('of two owners who are erased at once, with others in it, one stays', async () => {
      const founded = await found();
      const second = await join(founded.id);
      await join(founded.id);
      const { clock } = world;
      await asSystem(world.context('cli'), async (tx) => {
        const [one, two] = await Promise.all([
          tx.memberships.findOf(founded.id, founded.owner.id),
          tx.memberships.findOf(founded.id, second.person.id),
        ]);
        const owners = await tx.organizationRoles.heldBy(one!.id);
        await tx.memberships.setRoles(
          two!.id,
          owners.map(({ id }) => id),
          null,
          clock.now(),
        );
      });
      const erased = [founded.owner.id, second.person.id].map((id) => outcome(deleteUserByAdmin(ctx(), server, id)));
      expect((await Promise.all(erased)).toSorted()).toEqual(['done', 'organization_needs_owner']);
      expect(await world.context('cli').store.read.memberships.countOwners(founded.id)).toBe(1);
    });

    test('a ban is none of it', async () => {
      const founded = await found();
      await join(founded.id);
      const ban = { userId: founded.owner.id, reason: null, seconds: null };
      expect(await outcome(banUser(ctx(), systemActor, ban))).toBe('done');
    });

    test('whoever was anonymous and owns what others are in is left without a word at sign-in', async () => {
      const owner = await world.person({ email: null, password: null, anonymous: true, emailVerified: false });
      const better = world.context();
      const accepting = { ...better.surface, accepts: { ...better.surface.accepts, anonymous: true } };
      const made = Object.create(better, { surface: { value: accepting } }) as typeof better;
      const actor = await asSystem(made, async (tx): Promise<UserActor> => {
        const proof = { method: 'anonymous', persistent: true } as const;
        const admission = await admitUser(made, tx, stranger, owner, proof);
        if (admission instanceof Refusal || admission.kind !== 'session') throw new Error('not let in');
        return { kind: 'user', from: stranger.from, live: admission.live };
      });
      const { organization } = await createOrganization(made, server, {
        ...{ name: 'Acme', slug: null, image: null, metadata: null, makeActive: false },
        creatorId: owner.id,
      });
      await join(organization.id);
      const other = await world.person();
      await asSystem(made, (tx) =>
        admitUser(made, tx, actor, other, { method: 'password', strongFrom: null, persistent: true }),
      );
      expect((await made.store.read.users.find(owner.id))?.id).toBe(owner.id);
    });
  },
);
