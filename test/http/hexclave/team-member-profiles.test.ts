import { expect, it } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { foundTeam, joinTeam, outcome, revoke } from '../../kit/hexclave-teams.ts';

const open = { 'teams.allowClientTeamCreation': true };
const unknown = '01890000-0000-7000-8000-000000000000';
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

hexclaveOnOneEngine('Team member profiles (spec §2.12)', {}, (stage) => {
  it('show what the person shows everywhere until they say something else here', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const { access_token: token, user_id } = team.owner;
    const ctx = await project.context();
    await asSystem(ctx, (tx) =>
      tx.users.update(user_id, { displayName: 'Ada', imageUrl: 'https://a.example/ada.png' }, ctx.clock.now()),
    );
    const at = `/team-member-profiles/${team.id}/me` as const;
    const own = { team_id: team.id, user_id, display_name: 'Ada', profile_image_url: 'https://a.example/ada.png' };
    expect((await project.request(`GET ${at}`, { token })).body).toEqual(own);
    const change = (body: object) => project.request(`PATCH ${at}`, { token, body });
    expect((await change({ display_name: 'Countess' })).body).toEqual({ ...own, display_name: 'Countess' });
    const pictured = await change({ profile_image_url: pixel });
    expect(pictured.body.display_name).toBe('Countess');
    expect(pictured.body.profile_image_url).toMatch(/\/team-member-profile-images\/[0-9a-f]{64}\.webp$/);
    expect((await change({ display_name: '', profile_image_url: null })).body).toEqual(own);
    expect((await change({})).body).toEqual(own);
    expect(outcome(await change({ profile_image_url: 'https://elsewhere.example/a.png' }))).toEqual([
      400,
      'Invalid profile image URL',
    ]);
    expect((await change({ user_id })).body.error).toContain('body contains unknown properties: user_id');
    expect((await project.request('GET /users/me', { token })).body.display_name).toBe('Ada');
  });

  it('of others need the right to read members; one’s own never do', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const { access_token: token, user_id } = member;
    const list = (query = `team_id=${team.id}`) => project.request(`GET /team-member-profiles?${query}`, { token });
    const read = (who: string) => project.request(`GET /team-member-profiles/${team.id}/${who}`, { token });
    expect((await list()).body).toMatchObject({ is_paginated: false, items: [{}, {}] });
    expect((await read(team.owner.user_id)).body.user_id).toBe(team.owner.user_id);
    expect(outcome(await read(unknown))).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);

    await revoke(project, team.id, user_id, 'team_member');
    for (const denied of [await list(), await read(team.owner.user_id)]) {
      expect(denied.body).toMatchObject({
        code: 'TEAM_PERMISSION_REQUIRED',
        details: { team_id: team.id, user_id, permission_id: '$read_members' },
      });
    }
    expect((await list(`team_id=${team.id}&user_id=me`)).body.items).toHaveLength(1);
    expect((await read('me')).body.user_id).toBe(user_id);
  });

  it('are nobody else’s to list or to change', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const stranger = await project.signUp();
    const ask = (route: `${string} /${string}`, token: string | undefined, body?: object) =>
      project.request(route, { ...(token !== undefined && { token }), ...(body && { body }) });
    const list = `GET /team-member-profiles?team_id=${team.id}` as const;
    expect(outcome(await ask('GET /team-member-profiles', member.access_token))).toEqual([
      400,
      'team_id is required for access type client',
    ]);
    expect(outcome(await ask(list, stranger.access_token))).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
    expect(outcome(await ask(list, undefined))).toEqual([400, 'CANNOT_GET_OWN_USER_WITHOUT_USER']);
    const other = `PATCH /team-member-profiles/${team.id}/${member.user_id}` as const;
    expect(outcome(await ask(other, team.owner.access_token, { display_name: 'X' }))).toEqual([
      403,
      "Cannot update another user's profile",
    ]);
    const mine = `PATCH /team-member-profiles/${team.id}/me` as const;
    expect(outcome(await ask(mine, stranger.access_token, { display_name: 'X' }))).toEqual([
      404,
      'TEAM_MEMBERSHIP_NOT_FOUND',
    ]);
  });

  it('servers list and change them all, with the user of each', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const changed = await project.request(`PATCH /team-member-profiles/${team.id}/${member.user_id}`, {
      access: 'server',
      body: { display_name: 'Grace', profile_image_url: 'https://elsewhere.example/g.png' },
    });
    expect(changed.body).toMatchObject({
      display_name: 'Grace',
      profile_image_url: 'https://elsewhere.example/g.png',
      user: { id: member.user_id, primary_email: member.email },
    });
    const all = await project.request('GET /team-member-profiles', { access: 'server' });
    expect(all.body.items.map((item: { user_id: string }) => item.user_id).toSorted()).toEqual(
      [team.owner.user_id, member.user_id].toSorted(),
    );
    const none = await project.request(`GET /team-member-profiles?team_id=${unknown}`, { access: 'server' });
    expect(outcome(none)).toEqual([404, 'TEAM_NOT_FOUND']);
    const missing = await project.request(`GET /team-member-profiles/${team.id}/${unknown}`, { access: 'server' });
    expect(outcome(missing)).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
  });
});
