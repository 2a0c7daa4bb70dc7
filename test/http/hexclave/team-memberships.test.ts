import { expect, it } from 'vitest';
import { hexclaveOnEveryEngine } from '../../kit/hexclave.ts';
import { foundTeam, grant, joinTeam, outcome } from '../../kit/hexclave-teams.ts';

const open = { 'teams.allowClientTeamCreation': true };
const unknown = '01890000-0000-7000-8000-000000000000';

hexclaveOnEveryEngine('Team memberships (spec §2.12, §4.2)', {}, (stage) => {
  it('are made by servers alone, once, and bring what members get', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const user = await project.signUp();
    const at = `/team-memberships/${team.id}/${user.user_id}` as const;
    const client = await project.request(`POST ${at}`, { token: team.owner.access_token, body: {} });
    expect(outcome(client)).toEqual([401, 'INSUFFICIENT_ACCESS_TYPE']);
    const server = (route: `${string} /${string}`) => project.request(route, { access: 'server', body: {} });
    const added = await server(`POST ${at}`);
    expect([added.status, added.body]).toEqual([201, { team_id: team.id, user_id: user.user_id }]);
    expect(outcome(await server(`POST ${at}`))).toEqual([409, 'TEAM_MEMBERSHIP_ALREADY_EXISTS']);
    expect(outcome(await server(`POST /team-memberships/${unknown}/${user.user_id}`))).toEqual([404, 'TEAM_NOT_FOUND']);
    expect(outcome(await server(`POST /team-memberships/${team.id}/${unknown}`))).toEqual([404, 'USER_NOT_FOUND']);
    const { body } = await project.request('GET /team-permissions?user_id=me', { token: user.access_token });
    expect(body.items).toEqual([{ id: 'team_member', user_id: user.user_id, team_id: team.id }]);
  });

  it('`me` is whoever asks, in the path too', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const left = await project.request(`DELETE /team-memberships/${team.id}/me`, {
      token: member.access_token,
      body: {},
    });
    expect([left.status, left.body]).toEqual([200, { success: true }]);
    const again = await project.request(`DELETE /team-memberships/${team.id}/me`, { token: member.access_token });
    expect(outcome(again)).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
    expect(outcome(await project.request(`DELETE /team-memberships/${team.id}/me`))).toEqual([
      400,
      'CANNOT_GET_OWN_USER_WITHOUT_USER',
    ]);
  });

  it('others are taken out with the right to, which members lack', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const [a, b] = [await joinTeam(project, team.id), await joinTeam(project, team.id)];
    const remove = (who: string, token: string) =>
      project.request(`DELETE /team-memberships/${team.id}/${who}`, { token });
    const denied = await remove(b.user_id, a.access_token);
    expect(denied.body).toMatchObject({
      code: 'TEAM_PERMISSION_REQUIRED',
      details: { team_id: team.id, user_id: a.user_id, permission_id: '$remove_members' },
    });
    await grant(project, team.id, a.user_id, '$remove_members');
    // Rights over members are none over owners.
    expect(outcome(await remove(team.owner.user_id, a.access_token))[0]).toBe(403);
    expect((await remove(b.user_id, a.access_token)).body).toEqual({ success: true });
    expect(outcome(await remove(b.user_id, a.access_token))).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
    const stranger = await project.signUp();
    expect(outcome(await remove(a.user_id, stranger.access_token))).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
  });

  it('the last owner stays while others are there, whoever asks; alone they may go', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const at = `/team-memberships/${team.id}` as const;
    const leave = () => project.request(`DELETE ${at}/me`, { token: team.owner.access_token });
    const words = 'A team with other members needs an administrator.';
    expect(outcome(await leave())).toEqual([403, words]);
    const server = await project.request(`DELETE ${at}/${team.owner.user_id}`, { access: 'server' });
    expect(outcome(server)).toEqual([403, words]);
    const demote = await project.request(`DELETE /team-permissions/${team.id}/${team.owner.user_id}/team_admin`, {
      access: 'server',
    });
    expect(outcome(demote)).toEqual([403, words]);
    await project.request(`DELETE ${at}/me`, { token: member.access_token });
    expect((await leave()).body).toEqual({ success: true });
    // Nobody could manage it: it went with them.
    expect((await project.request(`GET /teams/${team.id}`, { access: 'server' })).body.code).toBe('TEAM_NOT_FOUND');
  });

  it('the last owner is not erased while others are there, whoever asks', async () => {
    const project = await stage.project({ ...open, 'users.allowClientUserDeletion': true });
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const { user_id: id, access_token: token } = team.owner;
    const refused = [
      409,
      'The user is the only administrator of a team with other members. Give the team another one first.',
    ];
    const byServer = () => project.request(`DELETE /users/${id}`, { access: 'server' });
    expect(outcome(await byServer())).toEqual(refused);
    expect((await byServer()).headers.get('x-stack-known-error')).toBeNull();
    expect(outcome(await project.request('DELETE /users/me', { token }))).toEqual(refused);
    await grant(project, team.id, member.user_id, 'team_admin');
    expect((await byServer()).body).toEqual({ success: true });
  });

  it('of two owners who leave at once, one stays', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const second = await joinTeam(project, team.id);
    await joinTeam(project, team.id);
    await grant(project, team.id, second.user_id, 'team_admin');
    const leave = (token: string) => project.request(`DELETE /team-memberships/${team.id}/me`, { token });
    const both = await Promise.all([leave(team.owner.access_token), leave(second.access_token)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 403]);
  });

  it('of many additions of one person, one is made', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const user = await project.signUp();
    const add = () =>
      project.request(`POST /team-memberships/${team.id}/${user.user_id}`, { access: 'server', body: {} });
    const all = await Promise.all(Array.from({ length: 10 }, add));
    expect(all.map(({ status }) => status).toSorted()).toEqual([201, ...Array(9).fill(409)]);
  });

  it('the team that is left is selected no longer', async () => {
    const project = await stage.project({ ...open, 'teams.createPersonalTeamOnSignUp': true });
    const user = await project.signUp();
    const me = () => project.request('GET /users/me', { token: user.access_token });
    const { selected_team_id } = (await me()).body;
    await project.request(`DELETE /team-memberships/${selected_team_id}/me`, { token: user.access_token });
    expect((await me()).body.selected_team_id).toBeNull();
  });
});
