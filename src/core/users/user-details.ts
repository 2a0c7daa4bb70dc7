import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import type { Organization } from '../orgs/organization.ts';
import type { Person } from './user.ts';

/** How somebody signs in, without anything secret. */
export interface Credentials {
  readonly password: boolean;
  readonly passkey: boolean;
  /** In the order in which they were linked. */
  readonly identities: readonly {
    readonly provider: string;
    readonly subject: string;
    readonly email: string | null;
  }[];
}

/** What wires that show all of a person add to the person. */
export interface UserDetails {
  readonly credentials: Credentials;
  readonly selectedOrganization: Organization | null;
}

const none: Credentials = { password: false, passkey: false, identities: [] };

/** @returns in the order of the people */
export async function readDetails(
  ctx: Pick<Context, 'store'>,
  people: readonly Person[],
): Promise<readonly UserDetails[]> {
  const { read } = ctx.store;
  const credentials = await read.users.credentials(people.map(({ id }) => id));
  const organizations = new Map<Id, Organization | null>();
  for (const { selectedOrganizationId: id } of people) {
    if (id !== null && !organizations.has(id)) organizations.set(id, await read.organizations.find(id));
  }
  return people.map(({ id, selectedOrganizationId }) => ({
    credentials: credentials.get(id) ?? none,
    selectedOrganization: (selectedOrganizationId && organizations.get(selectedOrganizationId)) || null,
  }));
}
