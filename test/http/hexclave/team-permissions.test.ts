import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnEveryEngine, hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { foundTeam, grant, joinTeam, outcome, revoke } from '../../kit/hexclave-teams.ts';

const open = { 'teams.allowClientTeamCreation': true };
const unknown = '01890000-0000-7000-8000-000000000000';

const define = (project: HexclaveProject, body: object, scope = 'team') =>
  project.request(`POST /${scope}-permission-definitions`, { access: 'admin', body });
const ids = ({ body }: { body: { items: { id: string }[] } }) => body.items.map(({ id }) => id);

const system = [
  '$delete_team',
  '$invite_members',
  '$manage_api_keys',
  '$read_members',
  '$remove_members',
  '$update_team',
];

hexclaveOnEveryEngine('Permission definitions (spec §3.12, §4.2)', {}, (stage) => {
  it.each(['__proto__', 'constructor'])('%s is the name of none: every object has it', async (id) => {
    const project = await stage.project();
    expect((await define(project, { id })).status).toBe(400);
    expect((await define(project, { id: `${id}_` })).status).toBe(201);
  });

  it('start with the six of the system and two roles, sorted', async () => {
    const project = await stage.project();
    const list = await project.request('GET /team-permission-definitions', { access: 'server' });
    expect(ids(list)).toEqual([...system, 'team_admin', 'team_member']);
    expect(list.body.is_paginated).toBe(false);
    const of = (id: string) => list.body.items.find((item: { id: string }) => item.id === id);
    expect(of('$read_members')).toEqual({
      id: '$read_members',
      description: 'Read and list the other members of the team',
      contained_permission_ids: [],
    });
    expect(of('$invite_members').description).toBe('Invite other users to the team');
    expect(of('team_admin').contained_permission_ids).toEqual(system);
    expect(of('team_member').contained_permission_ids).toEqual(['$invite_members', '$read_members']);
    const ofProject = await project.request('GET /project-permission-definitions', { access: 'server' });
    expect(ofProject.body.items).toEqual([]);
  });

  it('in a configured project members may not invite (core map O6)', async () => {
    const internal = await stage.existing('internal');
    const list = await internal.request('GET /team-permission-definitions', { access: 'server' });
    const member = list.body.items.find(({ id }: { id: string }) => id === 'team_member');
    expect(member.contained_permission_ids).toEqual(['$read_members']);
  });

  it('are made, changed and removed by administrators', async () => {
    const project = await stage.project();
    const made = await define(project, { id: 'docs:read' });
    expect([made.status, made.body]).toEqual([201, { id: 'docs:read', contained_permission_ids: [] }]);
    const more = await define(project, {
      id: 'docs:all',
      description: 'Everything',
      contained_permission_ids: ['docs:read', '$read_members'],
    });
    expect(more.body).toEqual({
      id: 'docs:all',
      description: 'Everything',
      contained_permission_ids: ['$read_members', 'docs:read'],
    });
    const at = (id: string) => `/team-permission-definitions/${id}` as const;
    const change = (id: string, body: object) => project.request(`PATCH ${at(id)}`, { access: 'admin', body });
    const renamed = await change('docs:all', { id: 'docs_all', contained_permission_ids: ['docs:read'] });
    expect(renamed.body).toEqual({
      id: 'docs_all',
      description: 'Everything',
      contained_permission_ids: ['docs:read'],
    });
    expect(outcome(await change('docs:all', {}))).toEqual([404, 'PERMISSION_NOT_FOUND']);
    const removed = await project.request(`DELETE ${at('docs:read')}`, { access: 'admin' });
    expect(removed.body).toEqual({ success: true });
    const left = await project.request('GET /team-permission-definitions', { access: 'server' });
    expect(left.body.items.find(({ id }: { id: string }) => id === 'docs_all').contained_permission_ids).toEqual([]);
  });

  it('are refused when they clash, contain what is not there, or are not one’s own to change', async () => {
    const project = await stage.project();
    await define(project, { id: 'a' });
    const taken = await define(project, { id: 'a' }, 'project');
    expect(taken.body).toEqual({
      code: 'PERMISSION_ID_ALREADY_EXISTS',
      details: { permission_id: 'a' },
      error: 'Permission with ID "a" already exists. Choose a different ID.',
    });
    expect(outcome(await define(project, { id: 'team_admin' }))[1]).toBe('PERMISSION_ID_ALREADY_EXISTS');
    const contained = await define(project, { id: 'b', contained_permission_ids: ['nowhere'] });
    expect(contained.body).toEqual({
      code: 'CONTAINED_PERMISSION_NOT_FOUND',
      details: { permission_id: 'nowhere' },
      error: 'Contained permission with ID "nowhere" not found. Make sure you created it on the dashboard.',
    });
    // Of the other scope is not there either.
    expect((await define(project, { id: 'b', contained_permission_ids: ['a'] }, 'project')).status).toBe(400);
    for (const id of ['$mine', 'Upper', 'a b', '']) {
      expect((await define(project, { id })).body.code, id).toBe('SCHEMA_ERROR');
    }
    const change = (id: string) =>
      project.request(`PATCH /team-permission-definitions/${id}`, { access: 'admin', body: { description: 'x' } });
    expect(outcome(await change('$read_members'))).toEqual([400, 'System permissions cannot be changed.']);
    const remove = await project.request('DELETE /team-permission-definitions/team_member', { access: 'admin' });
    expect(remove.status).toBe(400);
    const wrong = await project.request('PATCH /project-permission-definitions/a', { access: 'admin', body: {} });
    expect(outcome(wrong)).toEqual([404, 'WRONG_PERMISSION_SCOPE']);
    const server = await project.request('POST /team-permission-definitions', { access: 'server', body: { id: 'c' } });
    expect(outcome(server)).toEqual([401, 'INSUFFICIENT_ACCESS_TYPE']);
  });

  it('of one name at once, one is made', async () => {
    const project = await stage.project();
    const all = await Promise.all(
      ['team', 'project', 'team', 'project'].map((scope) => define(project, { id: 'race' }, scope)),
    );
    expect(all.map(({ status }) => status).toSorted()).toEqual([201, 400, 400, 400]);
  });

  it('of the roles may change, and hold from then on', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const contain = (role: string, contained_permission_ids: readonly string[]) =>
      project.request(`PATCH /team-permission-definitions/${role}`, {
        access: 'admin',
        body: { contained_permission_ids },
      });
    const update = (token: string) =>
      project.request(`PATCH /teams/${team.id}`, { token, body: { display_name: 'New' } });
    expect((await update(member.access_token)).status).toBe(401);
    await contain('team_member', ['$update_team']);
    expect((await update(member.access_token)).status).toBe(200);
    const profiles = await project.request(`GET /team-member-profiles?team_id=${team.id}`, {
      token: member.access_token,
    });
    expect(profiles.body.details.permission_id).toBe('$read_members');
    const admin = await contain('team_admin', ['$read_members']);
    expect(admin.body.contained_permission_ids).toEqual(['$read_members']);
    expect((await update(team.owner.access_token)).status).toBe(401);
  });
});

hexclaveOnOneEngine('Team permissions (spec §2.13, §4.2)', {}, (stage) => {
  it('are listed directly, or with all they contain, however they contain each other', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const { access_token: token, user_id } = team.owner;
    const list = async (query = '') =>
      ids(await project.request(`GET /team-permissions?user_id=me${query}`, { token }));
    expect(await list()).toEqual(['team_admin']);
    expect(await list('&recursive=true')).toEqual([...system, 'team_admin']);
    expect(await list('&recursive=true&permission_id=$update_team')).toEqual(['$update_team']);
    expect(await list(`&team_id=${unknown}`)).toEqual([]);

    await define(project, { id: 'x' });
    await define(project, { id: 'y', contained_permission_ids: ['x'] });
    await project.request('PATCH /team-permission-definitions/x', {
      access: 'admin',
      body: { contained_permission_ids: ['y', 'team_member'] },
    });
    const member = await joinTeam(project, team.id);
    await revoke(project, team.id, member.user_id, 'team_member');
    const granted = await grant(project, team.id, member.user_id, 'y');
    expect([granted.status, granted.body]).toEqual([201, { id: 'y', user_id: member.user_id, team_id: team.id }]);
    const all = await project.request(`GET /team-permissions?user_id=me&recursive=true&team_id=${team.id}`, {
      token: member.access_token,
    });
    expect(ids(all)).toEqual(['$invite_members', '$read_members', 'team_member', 'x', 'y']);
    const server = await project.request(`GET /team-permissions?team_id=${team.id}`, { access: 'server' });
    expect(server.body).toEqual({
      items: [
        { id: 'team_admin', user_id, team_id: team.id },
        { id: 'y', user_id: member.user_id, team_id: team.id },
      ].toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1)),
      is_paginated: false,
    });
    await project.request('DELETE /team-permission-definitions/y', { access: 'admin' });
    const gone = await project.request(`GET /team-permissions?user_id=${member.user_id}`, { access: 'server' });
    expect(gone.body.items).toEqual([]);
  });

  it('of others are not for clients to list, nor any for them to give', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const { access_token: token, user_id } = team.owner;
    const words =
      'Client can only list permissions for their own user. user_id must be either "me" or the ID of the current user';
    for (const query of ['', `?user_id=${unknown}`]) {
      expect(outcome(await project.request(`GET /team-permissions${query}`, { token }))).toEqual([403, words]);
      expect(outcome(await project.request(`GET /project-permissions${query}`, { token }))).toEqual([403, words]);
    }
    for (const method of ['POST', 'DELETE'] as const) {
      const own = await project.request(`${method} /team-permissions/${team.id}/${user_id}/$update_team`, {
        token,
        body: {},
      });
      expect(outcome(own)).toEqual([401, 'INSUFFICIENT_ACCESS_TYPE']);
    }
  });

  it('are given and taken by servers; what is not there is told apart', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const { user_id } = member;
    await define(project, { id: 'of_project' }, 'project');
    for (const act of [grant, revoke]) {
      expect((await act(project, team.id, user_id, 'nowhere')).body).toEqual({
        code: 'PERMISSION_NOT_FOUND',
        details: { permission_id: 'nowhere' },
        error: 'Permission "nowhere" not found. Make sure you created it on the dashboard.',
      });
      expect((await act(project, team.id, user_id, 'of_project')).body).toEqual({
        code: 'WRONG_PERMISSION_SCOPE',
        details: { permission_id: 'of_project', expected_scope: 'team', actual_scope: 'project' },
        error:
          'Permission "of_project" not found. (It was found for a different scope "project", but scope "team" was expected.)',
      });
      expect(outcome(await act(project, team.id, unknown, 'team_member'))).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
      expect(outcome(await act(project, unknown, user_id, 'team_member'))).toEqual([404, 'TEAM_NOT_FOUND']);
    }
    const twice = [
      await grant(project, team.id, user_id, '$update_team'),
      await grant(project, team.id, user_id, '$update_team'),
    ];
    expect(twice.map(({ status }) => status)).toEqual([201, 201]);
    expect((await revoke(project, team.id, user_id, '$update_team')).body).toEqual({ success: true });
    const missing = await revoke(project, team.id, user_id, '$update_team');
    expect([missing.status, missing.body]).toEqual([
      401,
      {
        code: 'TEAM_PERMISSION_NOT_FOUND',
        details: { team_id: team.id, user_id, permission_id: '$update_team' },
        error: `User ${user_id} does not have permission $update_team in team ${team.id}.`,
      },
    ]);
  });

  it('start as the project says: founders, members', async () => {
    const project = await stage.project(open);
    await define(project, { id: 'founder' });
    await define(project, { id: 'guest' });
    await project.configure({
      'rbac.defaultPermissions.teamCreator.founder': true,
      'rbac.defaultPermissions.teamMember.guest': true,
      'rbac.defaultPermissions.teamMember.team_member': false,
      'rbac.defaultPermissions.teamMember.gone': true,
    });
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const of = async (user: string) =>
      ids(await project.request(`GET /team-permissions?user_id=${user}`, { access: 'server' }));
    expect(await of(team.owner.user_id)).toEqual(['founder', 'team_admin']);
    expect(await of(member.user_id)).toEqual(['guest']);
    const denied = await project.request(`GET /team-member-profiles?team_id=${team.id}`, {
      token: member.access_token,
    });
    expect(denied.body.code).toBe('TEAM_PERMISSION_REQUIRED');
  });
});
