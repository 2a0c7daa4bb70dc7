import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/base/refusal.ts';
import { asSystem } from '../../../src/core/acting.ts';
import { systemActor, type UserActor } from '../../../src/core/actor.ts';
import type { Policy } from '../../../src/core/policy.ts';
import { banUser } from '../../../src/core/users/ban-user.ts';
import { deleteOwnUser, deleteUserByAdmin, requestUserDeletion } from '../../../src/core/users/delete-user.ts';
import { editUserByAdmin } from '../../../src/core/users/edit-user-by-admin.ts';
import { setUserRoles } from '../../../src/core/users/set-user-roles.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { type CoreWorld, onEveryEngine, password } from '../../kit/core-world.ts';
import { aServer } from '../../kit/servers.ts';

/** May administer people, and appoint nobody. */
const clerk = { users: ['list', 'update', 'ban', 'delete'] };
/** Appoints others without being called an administrator. */
const chief = { users: ['set_role'] };
const policy = { 'admin.customRoles': { clerk, chief }, 'users.selfDeletion': true };

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (fault: unknown) => (fault instanceof Refusal ? fault.code : Promise.reject(fault)),
  );

onEveryEngine('the last administrator of a project (rule 29)', { policy }, (world) => {
  const server = aServer();
  const ctx = () => world.context();
  const withUserIds = (ids: readonly string[]) => {
    const made = ctx();
    const { admin } = made.project.policy as Policy;
    const project = { ...made.project, policy: { ...made.project.policy, admin: { ...admin, userIds: ids } } };
    return Object.create(made, { project: { value: project } }) as typeof made;
  };
  /** Everybody who was there before has no rights any more. */
  async function alone(roles: readonly string[] = ['admin']): Promise<{ person: Person; actor: UserActor }> {
    const { read } = world.mainProject.store;
    for (const person of await read.users.list({ limit: 1000 })) {
      await setUserRoles(ctx(), systemActor, { userId: person.id, roles: [] });
    }
    return another(roles);
  }
  async function another(roles: readonly string[]): Promise<{ person: Person; actor: UserActor }> {
    const person = await world.person({ roles });
    return { person, actor: (await world.signIn(person)).actor };
  }
  const rolesOf = async (id: string) => (await world.mainProject.store.read.users.find(id))?.roles ?? [];
  const ends: Readonly<Record<string, (actor: UserActor) => Promise<unknown>>> = {
    'set-role': (actor) => setUserRoles(ctx(), actor, { userId: actor.live.user.id, roles: ['user'] }),
    edit: (actor) => editUserByAdmin(ctx(), actor, actor.live.user.id, { roles: [], displayName: 'Gone' }),
    'deletion with the password': (actor) => requestUserDeletion(ctx(), actor, { password, link: 'x{token}' }),
    deletion: (actor) => deleteOwnUser(ctx(), actor),
  };

  for (const [how, end] of Object.entries(ends)) {
    describe(how, () => {
      test('stays one, and nothing else of the edit is done', async () => {
        const { person, actor } = await alone();
        expect(await outcome(end(actor))).toBe('last_administrator');
        expect(await world.mainProject.store.read.users.find(person.id)).toMatchObject({
          roles: ['admin'],
          displayName: person.displayName,
        });
      });

      test('goes when another can appoint administrators, whatever the role is called', async () => {
        const { person, actor } = await alone();
        await another(['chief']);
        expect(await outcome(end(actor))).toBe('done');
        expect(await rolesOf(person.id)).not.toContain('admin');
      });

      test('does not go for those who cannot come in, or appoint nobody', async () => {
        const { person, actor } = await alone();
        await another(['clerk']);
        const { clock } = world.mainProject.context('cli');
        const banned = await another(['admin']);
        await banUser(ctx(), systemActor, { userId: banned.person.id, reason: null, seconds: 60 });
        const deactivated = await another(['admin']);
        await asSystem(ctx(), (tx) =>
          tx.users.update(deactivated.person.id, { deactivatedAt: clock.now() }, clock.now()),
        );
        expect(await outcome(end(actor))).toBe('last_administrator');
        // A ban that is over counts for nothing.
        world.clock.advance(60_000);
        expect(await outcome(end(actor))).toBe('done');
        expect(await rolesOf(person.id)).not.toContain('admin');
      });
    });
  }

  test('people of the configuration count while they exist', async () => {
    const { person, actor } = await alone();
    const demote = (ids: readonly string[]) =>
      outcome(setUserRoles(withUserIds(ids), actor, { userId: person.id, roles: [] }));
    expect(await demote(['nobody'])).toBe('last_administrator');
    const configured = await another([]);
    expect(await demote([configured.person.id])).toBe('done');
    // Whoever is configured stays one without any role, and is the last one now.
    const its = withUserIds([configured.person.id]);
    const { id } = configured.person;
    expect(await outcome(setUserRoles(its, configured.actor, { userId: id, roles: [] }))).toBe('done');
    expect(await outcome(deleteOwnUser(its, configured.actor))).toBe('last_administrator');
  });

  test('servers, operators and jobs may: they can appoint another', async () => {
    for (const actor of [server, systemActor]) {
      const one = await alone();
      expect(await outcome(setUserRoles(ctx(), actor, { userId: one.person.id, roles: [] }))).toBe('done');
      const two = await alone();
      expect(await outcome(banUser(ctx(), actor, { userId: two.person.id, reason: null, seconds: null }))).toBe('done');
      const three = await alone();
      expect(await outcome(deleteUserByAdmin(ctx(), actor, three.person.id))).toBe('done');
    }
  });

  test('whoever appoints nobody is not asked', async () => {
    await alone([]);
    const { actor } = await another(['clerk']);
    expect(await outcome(deleteOwnUser(ctx(), actor))).toBe('done');
  });

  const races: Readonly<Record<string, (by: UserActor, userId: string) => Promise<unknown>>> = {
    demote: (by, userId) => setUserRoles(ctx(), by, { userId, roles: ['user'] }),
    ban: (by, userId) => banUser(ctx(), by, { userId, reason: null, seconds: null }),
    erase: (by, userId) => deleteUserByAdmin(ctx(), by, userId),
  };
  for (const [what, act] of Object.entries(races)) {
    test(`of two who ${what} each other at once one stays`, async () => {
      for (let round = 0; round < 5; round += 1) {
        const [one, two] = [await alone(), await another(['admin'])];
        await Promise.all([outcome(act(one.actor, two.person.id)), outcome(act(two.actor, one.person.id))]);
        expect(await appointers(world)).toHaveLength(1);
      }
    });
    test(`of ${what} and one’s own resignation one is refused`, async () => {
      const [one, two] = [await alone(), await another(['admin'])];
      await Promise.all([outcome(act(one.actor, two.person.id)), outcome(ends['set-role']!(one.actor))]);
      expect(await appointers(world)).toHaveLength(1);
    });
  }
});

const appointers = async ({ mainProject, clock }: CoreWorld): Promise<readonly Person[]> =>
  (await mainProject.store.read.users.list({ limit: 1000 })).filter(
    ({ roles, bannedAt, banExpiresAt, deactivatedAt }) =>
      roles.includes('admin') &&
      deactivatedAt === null &&
      (bannedAt === null || (banExpiresAt !== null && banExpiresAt <= clock.now())),
  );
