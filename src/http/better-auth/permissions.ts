import type { OrganizationPermission } from '../../core/orgs/role.ts';

/** The wire's `{resource: [action]}` in core's words (core map O5, spec §3.8). */
const table = {
  organization: { update: ['org.update'], delete: ['org.delete'] },
  member: { create: ['members.add'], update: ['members.change_role'], delete: ['members.remove'] },
  // Whoever invites sees who is invited (upstream since 1.7.24).
  invitation: { create: ['invitations.create', 'invitations.read'], cancel: ['invitations.cancel'] },
  team: { create: ['teams.create'], update: ['teams.update'], delete: ['teams.delete'] },
  apiKey: { create: ['keys.manage'], read: ['keys.manage'], update: ['keys.manage'], delete: ['keys.manage'] },
  ac: { create: ['roles.create'], read: ['roles.read'], update: ['roles.update'], delete: ['roles.delete'] },
} as const satisfies Record<string, Record<string, readonly OrganizationPermission[]>>;

export type Statements = Readonly<Record<string, readonly string[]>>;

const rows = Object.entries(table).flatMap(([resource, actions]) =>
  Object.entries(actions).map(([action, permissions]) => ({
    resource,
    action,
    permissions: permissions as readonly OrganizationPermission[],
  })),
);

/** What nobody knows becomes a permission that nobody holds. */
export const permissionsOf = (statements: Statements): readonly string[] =>
  Object.entries(statements).flatMap(([resource, actions]) =>
    actions.flatMap((action): readonly string[] => {
      const row = rows.find((known) => known.resource === resource && known.action === action);
      return row?.permissions ?? [`unknown ${resource}:${action}`];
    }),
  );

export function statementsOf(permissions: ReadonlySet<string>): Record<string, string[]> {
  const statements: Record<string, string[]> = {};
  for (const { resource, action, permissions: needed } of rows) {
    if (!needed.every((permission) => permissions.has(permission))) continue;
    statements[resource] ??= [];
    statements[resource].push(action);
  }
  return statements;
}

/** `resource:action` of each; what the wire has no word for is left out. */
export const permissionWords = (permissions: readonly string[]): readonly string[] =>
  rows
    .filter((row) => row.permissions.some((permission) => permissions.includes(permission)))
    .map(({ resource, action }) => `${resource}:${action}`);
