import { expect, it } from 'vitest';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { outcome } from '../../kit/hexclave-teams.ts';

const unknown = '01890000-0000-7000-8000-000000000000';

hexclaveOnOneEngine('Project permissions (spec §2.13, §4.2)', {}, (stage) => {
  const projectWith = async (...ids: string[]) => {
    const project = await stage.project();
    for (const id of ids) {
      const made = await project.request('POST /project-permission-definitions', { access: 'admin', body: { id } });
      expect(made.status).toBe(201);
    }
    return project;
  };

  it('are given and taken by servers, and listed by whoever has them', async () => {
    const project = await projectWith('reports', 'export');
    const user = await project.signUp();
    await project.request('PATCH /project-permission-definitions/reports', {
      access: 'admin',
      body: { contained_permission_ids: ['export'] },
    });
    const at = `/project-permissions/${user.user_id}/reports` as const;
    const granted = await project.request(`POST ${at}`, { access: 'server', body: {} });
    expect([granted.status, granted.body]).toEqual([201, { id: 'reports', user_id: user.user_id }]);
    const list = (query = '') =>
      project.request(`GET /project-permissions?user_id=me${query}`, { token: user.access_token });
    expect((await list()).body).toEqual({
      items: [{ id: 'reports', user_id: user.user_id }],
      is_paginated: false,
    });
    expect((await list('&recursive=true')).body.items.map(({ id }: { id: string }) => id)).toEqual([
      'export',
      'reports',
    ]);
    expect((await list('&recursive=true&permission_id=export')).body.items).toHaveLength(1);
    expect((await project.request(`DELETE ${at}`, { access: 'server' })).body).toEqual({ success: true });
    expect((await list()).body.items).toEqual([]);
    expect(outcome(await project.request(`DELETE ${at}`, { access: 'server' }))).toEqual([404, 'PERMISSION_NOT_FOUND']);
  });

  it('tell apart what is unknown and what is a team’s', async () => {
    const project = await projectWith();
    const user = await project.signUp();
    const give = (id: string, who = user.user_id) =>
      project.request(`POST /project-permissions/${who}/${id}`, { access: 'server', body: {} });
    expect(outcome(await give('nowhere'))).toEqual([404, 'PERMISSION_NOT_FOUND']);
    expect((await give('team_admin')).body.details).toEqual({
      permission_id: 'team_admin',
      expected_scope: 'project',
      actual_scope: 'team',
    });
    expect(outcome(await give('nowhere', unknown))).toEqual([404, 'USER_NOT_FOUND']);
    // Names of our own administration are none of an application's.
    expect(outcome(await give('admin'))).toEqual([404, 'PERMISSION_NOT_FOUND']);
  });

  it('that everybody starts with come with sign-up, on every path', async () => {
    const project = await projectWith('basic');
    await project.configure({ 'rbac.defaultPermissions.signUp.basic': true });
    const user = await project.signUp();
    const anonymous = (await project.request('POST /auth/anonymous/sign-up')).body;
    for (const { access_token: token } of [user, anonymous]) {
      const { body } = await project.request('GET /project-permissions?user_id=me', { token });
      expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['basic']);
    }
  });
});
