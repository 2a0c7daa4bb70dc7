import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/** What can be allowed inside an organization (core map O5). */
export const organizationPermissions = [
  'org.update',
  'org.delete',
  'members.read',
  'members.add',
  'members.remove',
  'members.change_role',
  'invitations.create',
  'invitations.read',
  'invitations.cancel',
  'teams.create',
  'teams.update',
  'teams.delete',
  'roles.create',
  'roles.read',
  'roles.update',
  'roles.delete',
  'keys.manage',
  'billing.manage',
  'events.read',
] as const;
export type OrganizationPermission = (typeof organizationPermissions)[number];

/** Permissions of ours that stand for others, where applications know several of ours under one name (core map O5). */
export const permissionBundles = {
  'bundle.remove_members': ['members.remove', 'invitations.cancel'],
  'bundle.invite_members': ['invitations.create', 'invitations.read'],
} as const satisfies Record<string, readonly OrganizationPermission[]>;
export type PermissionBundle = keyof typeof permissionBundles;

/** Roles that every organization of a project has. */
export const ownerRole = 'owner';
export const adminRole = 'admin';
export const memberRole = 'member';

export interface BuiltInRole {
  readonly key: string;
  readonly description: string;
  readonly owner: boolean;
  /** `all` also holds permissions that later versions add. */
  readonly holds: 'all' | readonly (OrganizationPermission | PermissionBundle)[];
  /** And this in projects made over the admin API (core map O6). */
  readonly holdsInHexclave?: readonly PermissionBundle[];
  readonly hexclaveId: string | null;
}

export const builtInRoles: readonly BuiltInRole[] = [
  {
    key: ownerRole,
    description: 'May do everything in the organization',
    owner: true,
    holds: 'all',
    hexclaveId: 'team_admin',
  },
  {
    key: adminRole,
    description: 'May do everything but delete the organization or touch its owners',
    owner: false,
    holds: [
      ...organizationPermissions.filter((permission) => permission !== 'org.delete'),
      'bundle.remove_members',
      'bundle.invite_members',
    ],
    hexclaveId: null,
  },
  {
    key: memberRole,
    description: 'Belongs to the organization',
    owner: false,
    holds: ['members.read', 'roles.read'],
    holdsInHexclave: ['bundle.invite_members'],
    hexclaveId: 'team_member',
  },
];

/** Something a member holds, with all that it contains, however deep. */
export interface OrganizationRole {
  readonly id: Id;
  readonly key: string;
  /** Null: a role of the project, in every organization. */
  readonly organizationId: Id | null;
  readonly owner: boolean;
  readonly permissions: ReadonlySet<string>;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface OrganizationRoleReads {
  /** Those of the project and of this organization that have one of the names. */
  named(organizationId: Id, keys: readonly string[]): Promise<readonly OrganizationRole[]>;
  /** Those that the organization made for itself, oldest first. */
  ownOf(organizationId: Id): Promise<readonly OrganizationRole[]>;
  heldBy(membershipId: Id): Promise<readonly OrganizationRole[]>;
  isHeld(roleId: Id): Promise<boolean>;
}

export interface OrganizationRoleWrites {
  insert(role: Omit<OrganizationRole, 'owner' | 'updatedAt'> & { readonly organizationId: Id }): Promise<void>;
  update(
    id: Id,
    change: { readonly key?: string; readonly permissions?: ReadonlySet<string> },
    now: Instant,
  ): Promise<void>;
  remove(id: Id): Promise<void>;
  /** Nobody holds one of them any more. */
  removeAllOf(organizationId: Id): Promise<void>;
}
