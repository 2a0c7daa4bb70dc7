import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { type HexclaveProject, hexclaveOnOneEngine, type SignedIn } from '../../kit/hexclave.ts';
import { foundTeam, grant, joinTeam, outcome, verify } from '../../kit/hexclave-teams.ts';

const both = { 'apiKeys.enabled.user': true, 'apiKeys.enabled.team': true, 'teams.allowClientTeamCreation': true };
const unknown = '01890000-0000-7000-8000-000000000000';

const newKey = (more: object = {}) => ({ description: 'ci', expires_at_millis: null, ...more });
const userKey = async (project: HexclaveProject, user: SignedIn, more: object = {}) => {
  const reply = await project.request('POST /user-api-keys', {
    token: user.access_token,
    body: newKey({ user_id: 'me', ...more }),
  });
  expect(reply.status).toBe(200);
  return reply.body;
};
const teamKey = async (project: HexclaveProject, teamId: string, token: string, more: object = {}) => {
  const reply = await project.request('POST /team-api-keys', { token, body: newKey({ team_id: teamId, ...more }) });
  expect(reply.status).toBe(200);
  return reply.body;
};
const check = (project: HexclaveProject, kind: 'user' | 'team', api_key: string) =>
  project.request(`POST /${kind}-api-keys/check`, { access: 'server', body: { api_key } });
const leak = (project: HexclaveProject, api_key: string) =>
  project.request('POST /integrations/credential-scanning/revoke', { access: null, body: { api_key } });

hexclaveOnOneEngine('API keys of users (spec §2.14, §3.13)', {}, (stage) => {
  it('tell their text once, in the form that scanners know', async () => {
    const project = await stage.project(both);
    const user = await project.signUp();
    for (const is_public of [false, true]) {
      const made = await userKey(project, user, { is_public });
      expect(made).toEqual({
        id: expect.any(String),
        description: 'ci',
        created_at_millis: stage.world.clock.now(),
        is_public,
        type: 'user',
        user_id: user.user_id,
        value: expect.any(String),
      });
      const form = /^(sk|pk)_([0-9a-hjkmnp-tv-z]{45})([0-9a-f]{32})user([13])574ck4u7h([0-9a-f]{8})$/;
      const [, prefix, , id, scanner, sum] = form.exec(made.value)!;
      expect([prefix, scanner]).toEqual(is_public ? ['pk', '3'] : ['sk', '1']);
      expect(id).toBe(made.id.replaceAll('-', ''));
      expect(Number.parseInt(sum!, 16)).toBe(crc32(made.value.slice(0, -8)));
      const read = await project.request(`GET /user-api-keys/${made.id}`, { token: user.access_token });
      expect(read.body).toEqual({ ...made, value: { last_four: made.value.slice(-4) } });
    }
  });

  it('are listed newest first, described anew, and revoked once', async () => {
    const project = await stage.project(both);
    const user = await project.signUp();
    const { access_token: token } = user;
    const first = await userKey(project, user);
    stage.world.clock.advance(1000);
    const second = await userKey(project, user, { expires_at_millis: stage.world.clock.now() + 5000 });
    const list = await project.request('GET /user-api-keys?user_id=me', { token });
    expect(list.body.is_paginated).toBe(false);
    expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual([second.id, first.id]);
    expect(list.body.items[0].expires_at_millis).toBe(second.expires_at_millis);
    expect(list.body.items[1]).not.toHaveProperty('expires_at_millis');

    const patch = (body: object) => project.request(`PATCH /user-api-keys/${first.id}?user_id=me`, { token, body });
    expect((await patch({ description: 'deploy' })).body.description).toBe('deploy');
    expect((await patch({})).body.description).toBe('deploy');
    const at = stage.world.clock.now();
    expect((await patch({ revoked: true })).body.manually_revoked_at_millis).toBe(at);
    stage.world.clock.advance(1000);
    const again = await patch({ revoked: true, description: 'old' });
    expect(again.body).toMatchObject({ manually_revoked_at_millis: at, description: 'old' });
    expect((await patch({ user_id: unknown })).body.error).toContain('body contains unknown properties: user_id');
    expect((await patch({ revoked: false })).body.code).toBe('SCHEMA_ERROR');
    const kept = await project.request('GET /user-api-keys?user_id=me', { token });
    expect(kept.body.items).toHaveLength(2);
  });

  it('are nobody else’s, and nobody’s where the project has none', async () => {
    const project = await stage.project(both);
    const [user, other] = [await project.signUp(), await project.signUp()];
    const key = await userKey(project, user);
    const as = (route: `${string} /${string}`, token?: string, body?: object) =>
      project.request(route, { ...(token !== undefined && { token }), ...(body && { body }) });
    const words = 'Client can only manage their own api keys';
    expect(outcome(await as(`GET /user-api-keys?user_id=${user.user_id}`, other.access_token))).toEqual([403, words]);
    const forHer = newKey({ user_id: user.user_id });
    expect(outcome(await as('POST /user-api-keys', other.access_token, forHer))).toEqual([403, words]);
    expect(outcome(await as(`GET /user-api-keys/${key.id}`, other.access_token))).toEqual([404, 'API_KEY_NOT_FOUND']);
    expect(outcome(await as(`PATCH /user-api-keys/${key.id}`, other.access_token, { revoked: true }))).toEqual([
      404,
      'API_KEY_NOT_FOUND',
    ]);
    expect(outcome(await as(`GET /user-api-keys/${unknown}`, user.access_token))).toEqual([404, 'API_KEY_NOT_FOUND']);
    expect(outcome(await as(`GET /user-api-keys/${key.id}`))).toEqual([401, 'USER_AUTHENTICATION_REQUIRED']);
    const missing = await as('GET /user-api-keys', user.access_token);
    expect(missing.body).toEqual({
      code: 'SCHEMA_ERROR',
      details: { message: 'user_id is required for user API keys' },
      error: 'user_id is required for user API keys',
    });
    expect((await as('POST /user-api-keys', user.access_token, { description: 'x' })).body.error).toContain(
      'body.expires_at_millis must be defined',
    );
    await project.configure({ 'apiKeys.enabled.user': false });
    for (const route of ['GET /user-api-keys?user_id=me', `GET /user-api-keys/${key.id}`] as const) {
      expect(outcome(await as(route, user.access_token))).toEqual([
        400,
        'User API keys are not enabled for this project.',
      ]);
    }
    expect(outcome(await as('POST /user-api-keys', user.access_token, newKey({ user_id: 'me' })))[0]).toBe(400);
    expect(outcome(await check(project, 'user', key.value))[0]).toBe(400);
  });

  it('are made and managed by servers for anybody', async () => {
    const project = await stage.project(both);
    const user = await project.signUp();
    const server = (route: `${string} /${string}`, body?: object) =>
      project.request(route, { access: 'server', ...(body && { body }) });
    const made = await server('POST /user-api-keys', newKey({ user_id: user.user_id }));
    expect(made.body).toMatchObject({ type: 'user', user_id: user.user_id });
    expect((await server(`GET /user-api-keys?user_id=${user.user_id}`)).body.items).toHaveLength(1);
    const at = `/user-api-keys/${made.body.id}` as const;
    expect((await server(`GET ${at}`)).status).toBe(200);
    expect(outcome(await server(`GET ${at}?user_id=${unknown}`))).toEqual([404, 'API_KEY_NOT_FOUND']);
    expect((await server(`PATCH ${at}`, { revoked: true })).body).toHaveProperty('manually_revoked_at_millis');
    expect(outcome(await server('POST /user-api-keys', newKey({ user_id: unknown })))).toEqual([404, 'USER_NOT_FOUND']);
  });
});

hexclaveOnOneEngine('API keys of teams (spec §2.14)', {}, (stage) => {
  it('are managed by whoever may; to others they are not there', async () => {
    const project = await stage.project(both);
    const team = await foundTeam(project);
    const [member, stranger] = [await joinTeam(project, team.id), await project.signUp()];
    const key = await teamKey(project, team.id, team.owner.access_token);
    expect(key).toMatchObject({ type: 'team', team_id: team.id, is_public: false });
    expect(key.value).toMatch(/team1574ck4u7h[0-9a-f]{8}$/);
    expect(key).not.toHaveProperty('user_id');
    const as = (token: string) =>
      [
        ['GET', `/team-api-keys?team_id=${team.id}`],
        ['GET', `/team-api-keys/${key.id}?team_id=${team.id}`],
        ['POST', '/team-api-keys', newKey({ team_id: team.id })],
        ['PATCH', `/team-api-keys/${key.id}?team_id=${team.id}`, { description: 'x' }],
      ].map(([method, path, body]) =>
        project.request(`${method} ${path}` as `GET /${string}`, { token, ...(body !== undefined && { body }) }),
      );
    for (const { access_token } of [member, stranger]) {
      for (const refused of await Promise.all(as(access_token)))
        expect(outcome(refused)).toEqual([404, 'API_KEY_NOT_FOUND']);
    }
    // However the right is held.
    await project.request('POST /team-permission-definitions', {
      access: 'admin',
      body: { id: 'keys', contained_permission_ids: ['$manage_api_keys'] },
    });
    await grant(project, team.id, member.user_id, 'keys');
    for (const allowed of await Promise.all(as(member.access_token))) expect(allowed.status).toBe(200);
    const user = await project.request(`GET /user-api-keys/${key.id}`, { token: team.owner.access_token });
    expect(outcome(user)).toEqual([404, 'API_KEY_NOT_FOUND']);
    const nowhere = await project.request('GET /team-api-keys', { token: team.owner.access_token });
    expect(nowhere.body.error).toContain('query.team_id must be defined');
  });

  it('have a switch of their own, and end with the team', async () => {
    const project = await stage.project({ ...both, 'apiKeys.enabled.user': false });
    const team = await foundTeam(project);
    const key = await teamKey(project, team.id, team.owner.access_token);
    expect((await check(project, 'team', key.value)).body).toMatchObject({ id: key.id, team_id: team.id });
    const { access_token: token } = team.owner;
    await project.configure({ 'apiKeys.enabled.team': false });
    const off = await project.request(`GET /team-api-keys?team_id=${team.id}`, { token });
    expect(outcome(off)).toEqual([400, 'Team API keys are not enabled for this project.']);
    await project.configure({ 'apiKeys.enabled.team': true });
    await project.request(`DELETE /teams/${team.id}`, { token });
    expect(outcome(await check(project, 'team', key.value))).toEqual([401, 'API_KEY_REVOKED']);
  });
});

hexclaveOnOneEngine('Checking API keys (spec §2.14)', {}, (stage) => {
  it('says whose a key is: unknown, of the other kind, revoked, expired, in this order', async () => {
    const project = await stage.project(both);
    const other = await stage.project(both);
    const team = await foundTeam(project);
    const expires_at_millis = stage.world.clock.now() + 1000;
    const key = await userKey(project, team.owner, { expires_at_millis });
    const good = await check(project, 'user', key.value);
    expect(good.body).toEqual({ ...key, value: { last_four: key.value.slice(-4) } });
    for (const text of ['', 'x', `${key.value}0`, key.value.replace('sk_', 'pk_')])
      expect(outcome(await check(project, 'user', text))).toEqual([404, 'API_KEY_NOT_FOUND']);
    expect(outcome(await check(other, 'user', key.value))).toEqual([404, 'API_KEY_NOT_FOUND']);
    stage.world.clock.advance(1000);
    const wrong = await check(project, 'team', key.value);
    expect([wrong.status, wrong.body]).toEqual([
      400,
      {
        code: 'WRONG_API_KEY_TYPE',
        details: { expected_type: 'team', actual_type: 'user' },
        error: 'This endpoint is for team API keys, but a user API key was provided.',
      },
    ]);
    expect(outcome(await check(project, 'user', key.value))).toEqual([401, 'API_KEY_EXPIRED']);
    await project.request(`PATCH /user-api-keys/${key.id}`, { access: 'server', body: { revoked: true } });
    expect(outcome(await check(project, 'user', key.value))).toEqual([401, 'API_KEY_REVOKED']);
    const client = await project.request('POST /user-api-keys/check', { body: { api_key: key.value } });
    expect(outcome(client)).toEqual([401, 'INSUFFICIENT_ACCESS_TYPE']);
  });

  it('lets no key of somebody banned or deleted pass', async () => {
    const project = await stage.project(both);
    const [banned, deleted] = [await project.signUp(), await project.signUp()];
    const [a, b] = [await userKey(project, banned), await userKey(project, deleted)];
    const ctx = await project.context();
    await asSystem(ctx, async (tx) => {
      await tx.users.update(banned.user_id, { bannedAt: ctx.clock.now() }, ctx.clock.now());
      await tx.users.erase(deleted.user_id);
    });
    expect(outcome(await check(project, 'user', a.value))).toEqual([401, 'API_KEY_REVOKED']);
    expect(outcome(await check(project, 'user', b.value))).toEqual([404, 'API_KEY_NOT_FOUND']);
  });
});

hexclaveOnOneEngine('Leaked API keys (spec §3.13)', {}, (stage) => {
  it('of a user end at once, in whichever project; the owner is told once', async () => {
    const project = await stage.project(both);
    const user = await project.signUp();
    const key = await userKey(project, user);
    for (const _ of [1, 2]) expect((await leak(project, key.value)).body).toEqual({ success: true });
    expect(outcome(await check(project, 'user', key.value))).toEqual([401, 'API_KEY_REVOKED']);
    const told = (await project.mails(user.email)).filter(({ subject }) => subject.includes('API key'));
    expect(told).toHaveLength(1);
    expect(told[0]!.text).toContain(key.value.slice(-4));
    expect(told[0]!.text).not.toContain(key.value);
  });

  it('of a team are told to those who manage its keys', async () => {
    const project = await stage.project(both);
    const team = await foundTeam(project);
    const [plain, manager] = [await joinTeam(project, team.id), await joinTeam(project, team.id)];
    await grant(project, team.id, manager.user_id, '$manage_api_keys');
    await verify(project, manager.user_id);
    const key = await teamKey(project, team.id, team.owner.access_token);
    await leak(project, key.value);
    for (const [email, count] of [
      [team.owner.email, 1],
      [manager.email, 1],
      [plain.email, 0],
    ] as const) {
      const told = (await project.mails(email)).filter(({ subject }) => subject.includes('API key'));
      expect(told, email).toHaveLength(count);
    }
  });

  it('are left alone when they are public, unknown or over', async () => {
    const project = await stage.project(both);
    const user = await project.signUp();
    const open = await userKey(project, user, { is_public: true });
    expect(outcome(await leak(project, open.value))).toEqual([400, 'PUBLIC_API_KEY_CANNOT_BE_REVOKED']);
    expect((await check(project, 'user', open.value)).status).toBe(200);
    expect(outcome(await leak(project, 'sk_nothing'))).toEqual([404, 'API_KEY_NOT_FOUND']);
    const short = await userKey(project, user, { expires_at_millis: stage.world.clock.now() + 1 });
    stage.world.clock.advance(1);
    expect(outcome(await leak(project, short.value))).toEqual([401, 'API_KEY_EXPIRED']);
  });
});
