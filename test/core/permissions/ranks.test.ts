import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/base/refusal.ts';
import type { UserActor } from '../../../src/core/actor.ts';
import { setPasswordForUser } from '../../../src/core/passwords/set-password-for-user.ts';
import { endAllSessionsOf, endSessionByAdmin } from '../../../src/core/sessions/administer-sessions.ts';
import { impersonateUser } from '../../../src/core/sessions/impersonate-user.ts';
import { banUser, unbanUser } from '../../../src/core/users/ban-user.ts';
import { createUser } from '../../../src/core/users/create-user.ts';
import { deleteUserByAdmin } from '../../../src/core/users/delete-user.ts';
import { editUserByAdmin, type UserEdit } from '../../../src/core/users/edit-user-by-admin.ts';
import { setUserRoles } from '../../../src/core/users/set-user-roles.ts';
import { onEveryEngine, type SignedInUser } from '../../kit/core-world.ts';

/** Everything an administrator may do but impersonating administrators, under another name. */
const support = {
  users: ['list', 'read', 'create', 'update', 'set_role', 'ban', 'impersonate', 'delete', 'set_password', 'set_email'],
  sessions: ['list', 'revoke'],
};
/** Rights of the application's own. */
const biller = { invoices: ['write'] };
/** Somebody with the same rights as support and one more. */
const lead = { ...support, teams: ['audit'] };

const customRoles = { support, biller, lead };

onEveryEngine(
  'nobody administers who holds more (rule 29)',
  { policy: { 'admin.customRoles': customRoles } },
  (world) => {
    const ctx = () => world.context();
    interface Case {
      readonly actor: UserActor;
      readonly id: string;
      readonly session: SignedInUser;
    }
    const edit = (change: UserEdit) => (of: Case) => editUserByAdmin(ctx(), of.actor, of.id, change);

    /** By use case, then by what is asked of it. */
    const useCases: Readonly<Record<string, Readonly<Record<string, (of: Case) => Promise<unknown>>>>> = {
      banUser: { ban: ({ actor, id: userId }) => banUser(ctx(), actor, { userId, reason: null, seconds: null }) },
      unbanUser: { unban: ({ actor, id }) => unbanUser(ctx(), actor, id) },
      setUserRoles: { none: ({ actor, id: userId }) => setUserRoles(ctx(), actor, { userId, roles: [] }) },
      deleteUserByAdmin: { remove: ({ actor, id }) => deleteUserByAdmin(ctx(), actor, id) },
      setPasswordForUser: {
        set: ({ actor, id: userId }) => setPasswordForUser(ctx(), actor, { userId, password: 'another password' }),
      },
      endSessionByAdmin: {
        'by handle': ({ actor, session }) => endSessionByAdmin(ctx(), actor, session.actor.live.session.id),
        'by token': ({ actor, session }) => endSessionByAdmin(ctx(), actor, session.token),
      },
      endAllSessionsOf: { all: ({ actor, id }) => endAllSessionsOf(ctx(), actor, id) },
      impersonateUser: { open: ({ actor, id }) => impersonateUser(ctx(), actor, id) },
      editUserByAdmin: {
        profile: edit({ displayName: 'Renamed' }),
        address: edit({ email: 'elsewhere@example.org' }),
        verification: edit({ emailVerified: false }),
        roles: edit({ roles: [] }),
        ban: edit({ banned: true }),
      },
    };
    /** Those that act on nobody who is there. */
    const withoutTarget = new Set([createUser.name]);

    test('every use case of administrators is in the list', () => {
      const found = sources('src/core').flatMap((text) => [
        ...text.matchAll(/export async function (\w+)\(\s*ctx: Context,\s*actor: AdminActor\b/g),
      ]);
      const names = found.map(([, name]) => name!).filter((name) => !withoutTarget.has(name));
      expect(names).toContain('banUser');
      for (const name of names) expect(Object.keys(useCases)).toContain(name);
    });

    const targets: Readonly<Record<string, readonly string[]>> = {
      'a lead': ['lead'],
      'somebody with rights of the application': ['biller'],
      'somebody with several roles': ['support', 'biller'],
    };
    const stateOf = async (id: string) => {
      const { read } = world.mainProject.store;
      const sessions = await read.sessions.listOf(id, world.clock.now());
      return { person: await read.users.find(id), password: await read.passwords.find(id), sessions };
    };
    const enter = async (roles: readonly string[]) => {
      const person = await world.person({ roles });
      return { person, session: await world.signIn(person) };
    };

    for (const [name, asked] of Object.entries(useCases)) {
      for (const [what, act] of Object.entries(asked)) {
        describe(`${name}, ${what}`, () => {
          test.each(Object.keys(targets))('%s is out of reach', async (target) => {
            const { person, session } = await enter(targets[target]!);
            const actor = (await enter(['support'])).session.actor;
            const before = await stateOf(person.id);
            const refused = await act({ actor, id: person.id, session }).catch((fault: unknown) => fault);
            expect(refused).toBeInstanceOf(Refusal);
            expect(['permission_denied', 'impersonation_forbidden']).toContain((refused as Refusal).code);
            expect(await stateOf(person.id)).toEqual(before);
          });

          test('somebody who holds less is not', async () => {
            const { person, session } = await enter(['user']);
            const actor = (await enter(['support'])).session.actor;
            const before = await stateOf(person.id);
            await act({ actor, id: person.id, session });
            // Lifting no ban changes nothing.
            if (name !== 'unbanUser') expect(await stateOf(person.id)).not.toEqual(before);
          });
        });
      }
    }

    test('ending sessions of nobody is done already', async () => {
      const { actor } = (await enter(['support'])).session;
      await endAllSessionsOf(ctx(), actor, '0190f6f0-0000-7000-8000-000000000000');
      await endSessionByAdmin(ctx(), actor, '0190f6f0-0000-7000-8000-000000000000');
    });
  },
);

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
