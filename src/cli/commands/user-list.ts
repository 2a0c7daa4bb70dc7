import { isoTime } from '../../base/clock.ts';
import { isBanned, type Person } from '../../core/users/user.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { note, print, table } from '../terminal.ts';
import { withProject } from '../with-project.ts';

export interface UserListOptions {
  readonly project: string;
  readonly search?: string;
  readonly limit: string;
  readonly json?: boolean;
}

const mostPeople = 10_000;

export async function userList(options: UserListOptions): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostPeople) {
    throw new CommandFailure(`--limit is a whole number from 1 to ${mostPeople}.`, exitCodes.usage);
  }
  await withProject(options.project, async ({ store, clock }) => {
    const now = clock.now();
    const found = await store.read.users.list({ ...(options.search && { search: options.search }), limit: limit + 1 });
    const people = found.slice(0, limit);
    if (options.json) {
      print(
        JSON.stringify(
          people.map((person) => asJson(person, isBanned(person, now))),
          null,
          2,
        ),
      );
      return;
    }
    const rows = people.map((person) => [
      person.id,
      person.email?.value ?? '–',
      person.usernameDisplay ?? '–',
      person.displayName ?? '–',
      person.roles.join(',') || '–',
      state(person, isBanned(person, now)),
    ]);
    print(table(['ID', 'E-MAIL', 'USERNAME', 'NAME', 'ROLES', 'STATE'], rows));
    if (found.length > limit) note(`There are more than ${limit}: narrow it with --search or raise --limit.`);
  });
}

function state(person: Person, banned: boolean): string {
  if (banned) return person.banExpiresAt === null ? 'banned' : `banned until ${isoTime(person.banExpiresAt)}`;
  if (person.deactivatedAt !== null) return 'deactivated';
  if (person.restrictedAt !== null) return 'restricted';
  return person.email && person.email.verifiedAt === null ? 'unverified' : 'active';
}

const asJson = (person: Person, banned: boolean) => ({
  id: person.id,
  email: person.email?.value ?? null,
  emailVerified: person.email?.verifiedAt != null,
  username: person.usernameNormal,
  name: person.displayName,
  roles: person.roles,
  banned,
  banReason: banned ? person.banReason : null,
  banExpiresAt: banned && person.banExpiresAt !== null ? isoTime(person.banExpiresAt) : null,
  createdAt: isoTime(person.createdAt),
});
