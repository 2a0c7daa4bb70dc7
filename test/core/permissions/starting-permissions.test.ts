import { expect, test } from 'vitest';
import {
  createPermission,
  removePermission,
  updatePermission,
} from '../../../src/core/permissions/define-permission.ts';
import type { GrantScope } from '../../../src/core/permissions/grant-graph.ts';
import { type ConfigLevel, type ConfigOverrides, configLevels } from '../../../src/core/projects/project-record.ts';
import { updateProject } from '../../../src/core/projects/write-config.ts';
import { onEveryEngine, onOneEngine } from '../../kit/core-world.ts';
import { aServer } from '../../kit/servers.ts';

// What people start with is a list of permissions that exist: it follows their names, and forgets those that are removed.

const at = (set: string, name: string) => `rbac.defaultPermissions.${set}.${name}`;

onEveryEngine('permissions that people start with', {}, (world) => {
  const ctx = () => world.context('hexclave');
  const define = (name: string, scope: GrantScope) =>
    createPermission(ctx(), aServer(), { scope, name, description: null, contains: [] });
  const write = (overrides: ConfigOverrides, level: ConfigLevel = 'environment') =>
    updateProject(ctx(), aServer(), { level, overrides: () => overrides });
  const levels = () => ctx().store.read.project.overrides();

  test.each([
    ['teamCreator', 'nowhere', { field: 'nowhere' }],
    ['teamMember', 'nowhere', { field: 'nowhere' }],
    ['signUp', 'team_member', { field: 'team_member', given: 'organization' }],
  ])('are known in their scope: %s does not take %s', async (set, name, detail) => {
    await expect(write({ [at(set, name)]: true })).rejects.toMatchObject({ code: 'role_not_found', detail });
    expect((await levels()).environment).toEqual({});
  });

  test('follow a new name on every level, and are gone with the permission', async () => {
    await define('guest', 'organization');
    for (const level of configLevels)
      await write({ [at('teamMember', 'guest')]: true, 'auth.allowSignUp': true }, level);
    await updatePermission(ctx(), aServer(), { scope: 'organization', name: 'guest', change: { name: 'visitor' } });
    const renamed = { [at('teamMember', 'visitor')]: true, 'auth.allowSignUp': true };
    expect(await levels()).toEqual({ project: renamed, branch: renamed, environment: renamed });
    expect(ctx().project.policy.organizations.memberGrants).toEqual(['team_member', 'visitor']);

    await removePermission(ctx(), aServer(), { scope: 'organization', name: 'visitor' });
    const rest = { 'auth.allowSignUp': true };
    expect(await levels()).toEqual({ project: rest, branch: rest, environment: rest });
    expect(ctx().project.policy.organizations.memberGrants).toBeNull();
    for (const level of configLevels) await write({}, level);
  });

  test('of whom an older version kept a name that means nothing are changed all the same', async () => {
    await define('member_of_choir', 'organization');
    await write({ [at('teamMember', 'member_of_choir')]: true });
    const { store } = world.mainProject;
    const graph = await store.read.grants.graph('organization');
    const gone = graph.find(({ publicName }) => publicName === 'member_of_choir')!;
    await store.transaction((tx) => tx.grants.remove(gone.id));
    await write({ [at('teamMember', 'member_of_choir')]: true, 'auth.allowSignUp': false });
    expect(ctx().project.policy.signUp.enabled).toBe(false);
    await write({});
  });

  test('are right also when one is removed while it is put into a list', async () => {
    await define('racer', 'project');
    await Promise.allSettled([
      removePermission(ctx(), aServer(), { scope: 'project', name: 'racer' }),
      write({ [at('signUp', 'racer')]: true }),
    ]);
    expect((await levels()).environment).not.toHaveProperty([at('signUp', 'racer')]);
  });
});

const policy = { 'users.signUpGrants': ['reader'] };
onOneEngine('permissions that the operator’s file lets people start with', { policy }, (world) => {
  test('are neither renamed nor removed over an API, for the file would name what is not there', async () => {
    const ctx = world.context('hexclave');
    const reader = { scope: 'project', name: 'reader' } as const;
    await createPermission(ctx, aServer(), { ...reader, description: null, contains: [] });
    const rename = updatePermission(ctx, aServer(), { ...reader, change: { name: 'other' } });
    await expect(rename).rejects.toMatchObject({ code: 'role_held' });
    await expect(removePermission(ctx, aServer(), reader)).rejects.toMatchObject({ code: 'role_held' });
    const graph = await ctx.store.read.grants.graph('project');
    expect(graph.some(({ publicName }) => publicName === 'reader')).toBe(true);
  });
});
