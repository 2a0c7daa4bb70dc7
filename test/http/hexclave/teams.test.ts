import { decodeJwt } from 'jose';
import { expect, it } from 'vitest';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { foundTeam, grant, joinTeam, outcome, revoke } from '../../kit/hexclave-teams.ts';

const open = { 'teams.allowClientTeamCreation': true };
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const unknown = '01890000-0000-7000-8000-000000000000';

hexclaveOnOneEngine('Teams (spec §2.12)', {}, (stage) => {
  it('are made by people where the project lets them, and belong to whoever made them', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const make = (body: object, token = user.access_token) => project.request('POST /teams', { token, body });
    expect(outcome(await make({ display_name: 'Orchard' }))).toEqual([
      403,
      'Client team creation is disabled for this project',
    ]);
    await project.configure(open);
    const made = await make({ display_name: 'Orchard', client_metadata: { colour: 'green' } });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      display_name: 'Orchard',
      profile_image_url: null,
      client_metadata: { colour: 'green' },
      client_read_only_metadata: null,
    });
    const mine = await project.request('GET /team-permissions?user_id=me', { token: user.access_token });
    expect(mine.body.items).toEqual([{ id: 'team_admin', user_id: user.user_id, team_id: made.body.id }]);
  });

  it('are refused to nobody, for others, and with what only servers write', async () => {
    const project = await stage.project(open);
    const [user, other] = [await project.signUp(), await project.signUp()];
    const make = (body: object, token?: string) =>
      project.request('POST /teams', { body, ...(token !== undefined && { token }) });
    expect(outcome(await make({ display_name: 'A' }))).toEqual([401, 'USER_AUTHENTICATION_REQUIRED']);
    expect(outcome(await make({ display_name: 'A', creator_user_id: 'me' }))).toEqual([
      400,
      'CANNOT_GET_OWN_USER_WITHOUT_USER',
    ]);
    expect(outcome(await make({ display_name: 'A', creator_user_id: other.user_id }, user.access_token))).toEqual([
      403,
      "You cannot create a team as a user that is not yourself. Make sure you set the creator_user_id to 'me'.",
    ]);
    const fields = await make({ display_name: 'A', server_metadata: {} }, user.access_token);
    expect(fields.body.error).toContain('body contains unknown properties: server_metadata');
    expect((await make({}, user.access_token)).body.error).toContain('body.display_name must be defined');
    expect((await make({ display_name: '' }, user.access_token)).status).toBe(201);
  });

  it('are made by servers for somebody, or for nobody', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const make = (body: object) => project.request('POST /teams', { access: 'server', body });
    const empty = await make({ display_name: 'Empty', server_metadata: { plan: 2 }, client_read_only_metadata: [1] });
    expect(empty.body).toEqual({
      id: expect.any(String),
      display_name: 'Empty',
      profile_image_url: null,
      client_metadata: null,
      client_read_only_metadata: [1],
      server_metadata: { plan: 2 },
      created_at_millis: stage.world.clock.now(),
    });
    const members = await project.request(`GET /team-member-profiles?team_id=${empty.body.id}`, { access: 'server' });
    expect(members.body.items).toEqual([]);
    const founded = await make({ display_name: 'Hers', creator_user_id: user.user_id });
    expect((await project.request('GET /teams?user_id=me', { token: user.access_token })).body).toEqual({
      items: [expect.objectContaining({ id: founded.body.id })],
      is_paginated: false,
    });
    expect(outcome(await make({ display_name: 'A', creator_user_id: unknown }))).toEqual([404, 'USER_NOT_FOUND']);
  });

  it('are read by members and servers, changed and deleted with the right', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const member = await joinTeam(project, team.id);
    const stranger = await project.signUp();
    const at = `/teams/${team.id}` as const;
    const as = (route: string, token: string, body?: object) =>
      project.request(route as `GET /${string}`, { token, ...(body && { body }) });

    expect((await as(`GET ${at}`, member.access_token)).body.display_name).toBe('Orchard');
    const gone = await as(`GET ${at}`, stranger.access_token);
    expect(outcome(gone)).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
    expect(gone.body.details).toEqual({ team_id: team.id, user_id: stranger.user_id });
    expect(gone.body.error).toBe(`User ${stranger.user_id} is not found in team ${team.id}.`);
    const none = await as(`GET /teams/${unknown}`, stranger.access_token);
    expect(none.body).toEqual({
      code: 'TEAM_MEMBERSHIP_NOT_FOUND',
      details: { team_id: unknown, user_id: stranger.user_id },
      error: `User ${stranger.user_id} is not found in team ${unknown}.`,
    });
    const server = await project.request(`GET /teams/${unknown}`, { access: 'server' });
    expect(server.body).toEqual({
      code: 'TEAM_NOT_FOUND',
      details: { team_id: unknown },
      error: `Team ${unknown} not found.`,
    });
    expect((await project.request('GET /teams/nonsense', { access: 'server' })).body.error).toContain(
      'params.team_id must be a valid UUID',
    );

    for (const [route, permission, body] of [
      [`PATCH ${at}`, '$update_team', { display_name: 'B' }],
      [`DELETE ${at}`, '$delete_team', undefined],
    ] as const) {
      const denied = await as(route, member.access_token, body);
      expect(denied.body).toEqual({
        code: 'TEAM_PERMISSION_REQUIRED',
        details: { team_id: team.id, user_id: member.user_id, permission_id: permission },
        error: `User ${member.user_id} does not have permission ${permission} in team ${team.id}.`,
      });
      expect(denied.status).toBe(401);
      expect(outcome(await as(route, stranger.access_token, body))).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
    }
    await grant(project, team.id, member.user_id, '$update_team');
    const changed = await as(`PATCH ${at}`, member.access_token, { display_name: 'B', client_metadata: { a: 1 } });
    expect(changed.body).toMatchObject({ display_name: 'B', client_metadata: { a: 1 } });
    const kept = await as(`PATCH ${at}`, member.access_token, {});
    expect(kept.body).toEqual(changed.body);
    await revoke(project, team.id, member.user_id, '$update_team');
    expect((await as(`PATCH ${at}`, member.access_token, { display_name: 'C' })).status).toBe(401);

    expect((await as(`DELETE ${at}`, team.owner.access_token)).body).toEqual({ success: true });
    expect((await as(`GET ${at}`, member.access_token)).status).toBe(404);
    const left = await project.request(`GET /team-permissions?team_id=${team.id}`, { access: 'server' });
    expect(left.body.items).toEqual([]);
    expect((await project.request(`DELETE ${at}`, { access: 'server' })).body.code).toBe('TEAM_NOT_FOUND');
  });

  it('show pictures that clients send and servers may also name', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const { access_token: token } = team.owner;
    const set = (profile_image_url: unknown) =>
      project.request(`PATCH /teams/${team.id}`, { token, body: { profile_image_url } });
    const shown = (await set(pixel)).body.profile_image_url;
    expect(shown).toMatch(/\/team-profile-images\/[0-9a-f]{64}\.webp$/);
    const image = await fetch(shown);
    expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/webp']);
    for (const bad of [
      'https://elsewhere.example/a.png',
      'data:image/svg+xml;base64,AAAA',
      'data:image/png;base64,AAAA',
    ])
      expect(outcome(await set(bad))).toEqual([400, 'Invalid profile image URL']);
    expect((await set('not an address')).body.code).toBe('SCHEMA_ERROR');
    const address = 'https://elsewhere.example/a.png';
    const named = await project.request(`PATCH /teams/${team.id}`, {
      access: 'server',
      body: { profile_image_url: address },
    });
    expect(named.body.profile_image_url).toBe(address);
    expect((await set(null)).body.profile_image_url).toBeNull();
  });
});

hexclaveOnOneEngine('Lists of teams (spec §2.12)', {}, (stage) => {
  it('hold one’s own; nobody asks for another’s', async () => {
    const project = await stage.project(open);
    const team = await foundTeam(project);
    const words =
      'Client can only list teams for their own user. user_id must be either "me" or the ID of the current user';
    const { access_token: token, user_id } = team.owner;
    expect(outcome(await project.request('GET /teams', { token }))).toEqual([403, words]);
    expect(outcome(await project.request(`GET /teams?user_id=${unknown}`, { token }))).toEqual([403, words]);
    expect(outcome(await project.request('GET /teams?user_id=me'))).toEqual([400, 'CANNOT_GET_OWN_USER_WITHOUT_USER']);
    expect(outcome(await project.request('GET /teams'))).toEqual([400, 'CANNOT_GET_OWN_USER_WITHOUT_USER']);
    const own = await project.request(`GET /teams?user_id=${user_id}`, { token });
    expect(own.body).toEqual({ items: [expect.objectContaining({ id: team.id })], is_paginated: false });
  });

  it('come oldest first, or turned round, in pages, or by a search', async () => {
    const project = await stage.project();
    const ids: string[] = [];
    for (const display_name of ['Apple', 'Pear', 'Pineapple', 'a_b']) {
      const { body } = await project.request('POST /teams', { access: 'server', body: { display_name } });
      ids.push(body.id);
      stage.world.clock.advance(1000);
    }
    const list = async (query: string) => {
      const { body } = await project.request(`GET /teams${query}`, { access: 'server' });
      return { ids: body.items?.map((item: { id: string }) => ids.indexOf(item.id)), body };
    };
    expect((await list('')).ids).toEqual([0, 1, 2, 3]);
    expect((await list('?order_by=created_at&desc=true')).ids).toEqual([3, 2, 1, 0]);
    const first = await list('?limit=3');
    expect(first.ids).toEqual([0, 1, 2]);
    expect(first.body).toMatchObject({ is_paginated: true, pagination: { next_cursor: ids[3] } });
    const rest = await list(`?limit=3&cursor=${ids[3]}`);
    expect([rest.ids, rest.body.pagination]).toEqual([[3], { next_cursor: null }]);
    expect((await list(`?limit=2&desc=true&cursor=${ids[2]}`)).ids).toEqual([2, 1]);
    expect((await list('?query=APPLE')).ids).toEqual([0, 2]);
    expect((await list(`?query=${ids[1]}`)).ids).toEqual([1]);
    expect((await list('?query=a_b')).ids).toEqual([3]);
    expect((await list('?query=%25')).ids).toEqual([]);
    expect((await list(`?cursor=${ids[1]}`)).body.code).toBe('SCHEMA_ERROR');
    expect((await list(`?limit=2&cursor=${unknown}`)).ids).toEqual([]);
    expect((await list('?limit=0')).body.code).toBe('SCHEMA_ERROR');
    expect((await list('?order_by=name')).body.code).toBe('SCHEMA_ERROR');
  });

  it('never hold teams of another project', async () => {
    const [here, there] = [await stage.project(open), await stage.project(open)];
    const team = await foundTeam(there);
    expect((await here.request('GET /teams', { access: 'server' })).body.items).toEqual([]);
    expect((await here.request(`GET /teams/${team.id}`, { access: 'server' })).body.code).toBe('TEAM_NOT_FOUND');
  });
});

hexclaveOnOneEngine('Personal teams (spec §8)', {}, (stage) => {
  const personal = { 'teams.createPersonalTeamOnSignUp': true };

  it('are made at sign-up, named after the person, owned and selected', async () => {
    const project = await stage.project(personal);
    const user = await project.signUp();
    const { body } = await project.request('GET /teams?user_id=me', { token: user.access_token });
    expect(body.items).toEqual([expect.objectContaining({ display_name: `${user.email}'s Team` })]);
    const me = await project.request('GET /users/me', { token: user.access_token });
    expect(me.body.selected_team_id).toBe(body.items[0].id);
    expect(decodeJwt(user.access_token).selected_team_id).toBe(body.items[0].id);
    const rights = await project.request('GET /team-permissions?user_id=me', { token: user.access_token });
    expect(rights.body.items.map(({ id }: { id: string }) => id)).toEqual(['team_admin']);
    const ctx = await project.context();
    const [session] = await ctx.store.read.sessions.listOf(user.user_id, ctx.clock.now());
    expect(session?.activeOrganizationId).toBe(body.items[0].id);
  });

  it('are not made where the project does not say so', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    expect((await project.request('GET /teams?user_id=me', { token: user.access_token })).body.items).toEqual([]);
    expect(decodeJwt(user.access_token).selected_team_id).toBeNull();
  });

  it('of anonymous people take the new name at the upgrade, unless they were given another', async () => {
    const project = await stage.project({ ...personal, ...open });
    const upgrade = async (rename: string | null) => {
      const { body } = await project.request('POST /auth/anonymous/sign-up');
      const token = body.access_token;
      const teams = async (t: string) => (await project.request('GET /teams?user_id=me', { token: t })).body.items;
      const [team] = await teams(token);
      expect(team.display_name).toBe('Personal Team');
      if (rename) await project.request(`PATCH /teams/${team.id}`, { token, body: { display_name: rename } });
      const email = stage.address();
      const signUp = { body: { email, password: 'correct horse' }, token };
      const full = await project.request('POST /auth/password/sign-up', signUp);
      expect(full.body.user_id).toBe(body.user_id);
      const after = await teams(full.body.access_token);
      expect(after).toHaveLength(1);
      return { email, name: after[0].display_name };
    };
    const plain = await upgrade(null);
    expect(plain.name).not.toBe('Personal Team');
    expect(plain.name).toMatch(/'s Team$/);
    expect((await upgrade('Den')).name).toBe('Den');
  });

  it('are deselected when they go', async () => {
    const project = await stage.project(personal);
    const user = await project.signUp();
    const { access_token: token } = user;
    const { selected_team_id } = (await project.request('GET /users/me', { token })).body;
    await project.request(`DELETE /teams/${selected_team_id}`, { token });
    expect((await project.request('GET /users/me', { token })).body.selected_team_id).toBeNull();
  });
});
