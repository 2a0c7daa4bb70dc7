import type { Policy } from '../policy.ts';

/** What can be allowed over a whole project (core map O5). */
export const projectPermissions = [
  'users.list',
  'users.read',
  'users.create',
  'users.update',
  'users.set_role',
  'users.ban',
  'users.impersonate',
  'users.impersonate_admins',
  'users.delete',
  'users.set_password',
  'users.set_email',
  'sessions.list',
  'sessions.revoke',
] as const;
export type ProjectPermission = (typeof projectPermissions)[number];

const known: ReadonlySet<string> = new Set(projectPermissions);
export const isProjectPermission = (text: string): text is ProjectPermission => known.has(text);

export interface ProjectRole {
  readonly key: string;
  readonly description: string;
  readonly holds: readonly string[];
}

/** Roles of a project as its operator wants them: the two that are always there, then the configured ones. */
export const projectRoles = (policy: Pick<Policy, 'admin'>): readonly ProjectRole[] => [
  {
    key: 'admin',
    description: 'May administer the people of this project',
    holds: projectPermissions.filter((permission) => permission !== 'users.impersonate_admins'),
  },
  { key: 'user', description: 'Every person of this project', holds: [] },
  ...Object.entries(policy.admin.customRoles).map(([key, grants]) => ({
    key,
    description: 'Configured',
    holds: Object.entries(grants).flatMap(([resource, actions]) => actions.map((action) => `${resource}.${action}`)),
  })),
];
