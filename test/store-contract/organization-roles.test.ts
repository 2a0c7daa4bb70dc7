import { expect, test } from 'vitest';
import { organizationPermissions, permissionBundles } from '../../src/core/orgs/role.ts';
import { createSessionCache } from '../../src/core/sessions/session-cache.ts';
import { NOW, onEveryEngine, type ProjectWorld } from '../kit/store-world.ts';

onEveryEngine('Roles of organizations', (world) => {
  const { rows } = { rows: (text: string, values: readonly unknown[]) => world.database.rows(text, values) };

  async function organization({ store }: ProjectWorld): Promise<string> {
    const id = world.ids.next();
    await store.transaction((tx) =>
      tx.organizations.insert({
        id,
        name: 'O',
        slug: id,
        slugNormal: id,
        imageUrl: null,
        imageFileId: null,
        personalOfUserId: null,
        metadataClient: null,
        metadataReadonly: null,
        metadataServer: null,
        createdBy: null,
        createdAt: NOW,
        updatedAt: NOW,
      }),
    );
    return id;
  }

  async function node(project: ProjectWorld, key: string, kind: 'role' | 'permission'): Promise<string> {
    const id = world.ids.next();
    await rows(
      `INSERT INTO grantable (project_id, id, key, kind, scope, created_at, updated_at)
       VALUES (?, ?, ?, ?, 'organization', 1, 1) RETURNING id`,
      [project.id, id, key, kind],
    );
    return id;
  }

  const contain = ({ id }: ProjectWorld, parent: string, child: string) =>
    rows(
      `INSERT INTO grantable_contains (project_id, parent_id, child_id, created_at, updated_at)
       VALUES (?, ?, ?, 1, 1) RETURNING parent_id`,
      [id, parent, child],
    );

  test('every project has owner, admin and member with what they hold', async () => {
    const { store } = await world.project();
    const found = await store.read.organizationRoles.named('none', ['owner', 'admin', 'member']);
    const held = Object.fromEntries(found.map((role) => [role.key, role]));
    expect([...held.owner!.permissions].sort()).toEqual([...organizationPermissions].sort());
    expect(held.owner!.owner).toBe(true);
    expect([...held.admin!.permissions].sort()).toEqual(
      organizationPermissions.filter((permission) => permission !== 'org.delete').sort(),
    );
    expect([...held.member!.permissions].sort()).toEqual(['members.read', 'roles.read']);
  });

  test('a project made before organizations were gets them when it is opened next', async () => {
    const { id, key, store } = await world.project();
    await rows(`DELETE FROM grantable_contains WHERE project_id = ? RETURNING parent_id`, [id]);
    await rows(`DELETE FROM grantable WHERE project_id = ? AND scope = 'organization' RETURNING id`, [id]);
    const open = () => world.opened.projects.ensure({ key, displayName: 'A project' });
    await Promise.all([open(), open(), open()]);
    const found = await store.read.organizationRoles.named('none', ['owner', 'admin', 'member']);
    expect(found.map((role) => role.permissions.size).sort((a, b) => a - b)).toEqual([
      2,
      organizationPermissions.length - 1,
      organizationPermissions.length,
    ]);
    const count = `SELECT count(*) AS n FROM grantable WHERE project_id = ? AND scope = 'organization'`;
    expect(await rows(count, [id])).toEqual([
      { n: organizationPermissions.length + Object.keys(permissionBundles).length + 3 },
    ]);
  });

  test('projects made over the admin API let members invite, also those made before that was so (core map O6)', async () => {
    for (const preset of ['default', 'hexclave'] as const) {
      const id = crypto.randomUUID();
      const [key, tenancyId] = [id, world.ids.next()];
      await world.opened.projects.create({ id, key, tenancyId, displayName: 'A project', preset });
      const { read } = world.opened.forProject(id, { sessionCache: createSessionCache(10) });
      const mayInvite = async () => {
        const [member] = await read.organizationRoles.named('none', ['member']);
        return [...member!.permissions].includes('invitations.create');
      };
      expect(await mayInvite()).toBe(preset === 'hexclave');
      await rows(
        `DELETE FROM grantable_contains WHERE project_id = ? AND (
           child_id IN (SELECT id FROM grantable WHERE project_id = ? AND key LIKE 'bundle.%')
           OR parent_id IN (SELECT id FROM grantable WHERE project_id = ? AND key LIKE 'bundle.%')) RETURNING parent_id`,
        [id, id, id],
      );
      await rows(`DELETE FROM grantable WHERE project_id = ? AND key LIKE 'bundle.%' RETURNING id`, [id]);
      expect(await mayInvite()).toBe(false);
      await Promise.all([world.opened.projects.complete(id), world.opened.projects.complete(id)]);
      expect(await mayInvite()).toBe(preset === 'hexclave');
    }
  });

  test('what was taken from a built-in role stays taken', async () => {
    const { id, key, store } = await world.project();
    await rows(
      `DELETE FROM grantable_contains WHERE project_id = ?
          AND parent_id IN (SELECT id FROM grantable WHERE project_id = ? AND scope = 'organization' AND key = 'member')
       RETURNING parent_id`,
      [id, id],
    );
    await rows(`DELETE FROM grantable WHERE project_id = ? AND key = 'owner' RETURNING id`, [id]);
    await world.opened.projects.ensure({ key, displayName: 'A project' });
    const [member] = await store.read.organizationRoles.named('none', ['member']);
    expect(member!.permissions.size).toBe(0);
    expect(await store.read.organizationRoles.named('none', ['owner'])).toHaveLength(1);
  });

  test('expansion goes as deep as there is anything, and stands a cycle', async () => {
    const project = await world.project();
    const [a, b, c] = [
      await node(project, 'a', 'role'),
      await node(project, 'b', 'role'),
      await node(project, 'c', 'role'),
    ];
    const leaf = await node(project, 'deep.leaf', 'permission');
    for (const [parent, child] of [
      [a, b],
      [b, c],
      [c, a],
      [c, leaf],
      [b, b],
    ] as const) {
      await contain(project, parent, child);
    }
    for (const key of ['a', 'b', 'c']) {
      const [role] = await project.store.read.organizationRoles.named('none', [key]);
      expect([...role!.permissions]).toEqual(['deep.leaf']);
    }
  });

  test('whatever contains what holds all holds all', async () => {
    const project = await world.project();
    const top = await node(project, 'top', 'role');
    const [owner] = await project.store.read.organizationRoles.named('none', ['owner']);
    await contain(project, top, owner!.id);
    const [role] = await project.store.read.organizationRoles.named('none', ['top']);
    expect(role!.permissions.size).toBe(organizationPermissions.length);
    expect(role!.owner).toBe(false);
  });

  test('a member holds what was given to them, permissions without a role too', async () => {
    const project = await world.project();
    const { store } = project;
    const organizationId = await organization(project);
    const { id: userId } = await project.person();
    const [permission] = await rows(`SELECT id FROM grantable WHERE project_id = ? AND key = 'invitations.create'`, [
      project.id,
    ]);
    const membershipId = world.ids.next();
    await store.transaction(async (tx) => {
      await tx.memberships.insert({ id: membershipId, organizationId, userId, createdAt: NOW });
      await tx.memberships.setRoles(membershipId, [String(permission!.id)], null, NOW);
    });
    const held = await store.read.organizationRoles.heldBy(membershipId);
    expect(held.map(({ key, permissions }) => [key, [...permissions]])).toEqual([
      ['invitations.create', ['invitations.create']],
    ]);
    expect((await store.read.memberships.find(membershipId))!.roles).toEqual([]);
  });
});
