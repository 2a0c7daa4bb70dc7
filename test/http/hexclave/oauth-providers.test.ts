import { decodeJwt } from 'jose';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { type HexclaveProject, hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { comesAs, oauthSite, ownProvider, sharedProvider } from '../../kit/hexclave-oauth.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

hexclaveOnOneEngine('oauth providers of a user (spec §2.7, §4.2)', { providers: [fake.config()] }, (stage) => {
  beforeEach(() => fake.reset());
  const open = async () => {
    const project = await stage.project({ ...sharedProvider('github'), ...ownProvider('spotify') });
    return { project, site: oauthSite(project) };
  };
  const comer = async (project: HexclaveProject) => {
    const account = comesAs(fake, stage.address());
    const { body } = await oauthSite(project).signIn();
    const token = body.access_token as string;
    const { items } = (await project.request('GET /oauth-providers?user_id=me', { token })).body;
    return { token, account, id: decodeJwt(token).sub!, item: items[0] };
  };
  const add = (project: HexclaveProject, user_id: string, change = {}) =>
    project.request('POST /oauth-providers', {
      access: 'server',
      body: {
        ...{ user_id, provider_config_id: 'spotify', account_id: crypto.randomUUID(), email: 'a@spotify.example' },
        ...{ allow_sign_in: true, allow_connected_accounts: true, ...change },
      },
    });

  it('shows clients their own, and servers the account id too', async () => {
    const { project } = await open();
    const { token, id, account, item } = await comer(project);
    const mine = {
      user_id: id,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: expect.stringContaining('@example.com'),
      provider_config_id: 'github',
      type: 'github',
      allow_sign_in: true,
      allow_connected_accounts: true,
    };
    expect(item).toEqual(mine);
    const one = await project.request(`GET /oauth-providers/me/${item.id}`, { token });
    expect([one.status, one.body]).toEqual([200, mine]);
    const asServer = await project.request(`GET /oauth-providers?user_id=${id}`, { access: 'server' });
    expect(asServer.body).toEqual({ items: [{ ...mine, account_id: account }], is_paginated: false });
  });

  it('refuses clients that name others, or nobody', async () => {
    const { project } = await open();
    const { id: other, item } = await comer(project);
    const { access_token: token } = await project.signUp();
    const patch = { token, body: { allow_sign_in: false } };
    for (const [route, verb, request] of [
      [`GET /oauth-providers?user_id=${other}`, 'list', { token }],
      ['GET /oauth-providers', 'list', { token }],
      [`GET /oauth-providers/${other}/${item.id}`, 'read', { token }],
      [`PATCH /oauth-providers/${other}/${item.id}`, 'update', patch],
      [`DELETE /oauth-providers/${other}/${item.id}`, 'delete', { token }],
    ] as const) {
      const reply = await project.request(route, request);
      expect([route, reply.status, reply.text]).toEqual([
        route,
        403,
        `Client can only ${verb} OAuth providers for their own user.`,
      ]);
    }
    for (const route of ['GET /oauth-providers', 'GET /oauth-providers?user_id=me'] as const) {
      expect((await project.request(route)).body.code).toBe('CANNOT_GET_OWN_USER_WITHOUT_USER');
    }
    const own = decodeJwt(token).sub!;
    for (const method of ['GET', 'DELETE'] as const) {
      const reply = await project.request(`${method} /oauth-providers/me/${item.id}`, { token });
      expect([reply.status, reply.text]).toEqual([404, `OAuth provider ${item.id} for user ${own} not found`]);
    }
    expect((await project.request(`PATCH /oauth-providers/me/${item.id}`, patch)).status).toBe(404);
    expect((await project.request('POST /oauth-providers', { token, body: {} })).body.code).toBe(
      'INSUFFICIENT_ACCESS_TYPE',
    );
  });

  it('lets servers add accounts, which then sign in', async () => {
    const { project, site } = await open();
    const { user_id } = await project.signUp();
    const account_id = comesAs(fake, stage.address());
    const made = await add(project, user_id, { provider_config_id: 'github', account_id });
    expect([made.status, made.body]).toEqual([
      201,
      {
        ...{ user_id, id: expect.any(String), email: 'a@spotify.example', provider_config_id: 'github' },
        ...{ type: 'github', allow_sign_in: true, allow_connected_accounts: true, account_id },
      },
    ]);
    expect(decodeJwt((await site.signIn()).body.access_token).sub).toBe(user_id);
    const unknown = await add(project, user_id, { provider_config_id: 'gitlab' });
    expect([unknown.status, unknown.text]).toEqual([404, 'OAuth provider gitlab not found or not configured']);
    expect((await add(project, crypto.randomUUID())).body.code).toBe('USER_NOT_FOUND');
  });

  it('keeps one account of a type for signing in, and an account for one person', async () => {
    const { project } = await open();
    const one = await project.signUp();
    const two = await project.signUp();
    const account_id = crypto.randomUUID();
    expect((await add(project, one.user_id, { account_id })).status).toBe(201);
    const second = await add(project, one.user_id);
    expect([second.status, second.text]).toEqual([
      400,
      'The same provider type with sign-in enabled already exists for this user.',
    ]);
    const connected = await add(project, one.user_id, { allow_sign_in: false });
    expect(connected.status).toBe(201);
    const turnedOn = await project.request(`PATCH /oauth-providers/me/${connected.body.id}`, {
      token: one.access_token,
      body: { allow_sign_in: true },
    });
    expect([turnedOn.status, turnedOn.text]).toEqual([second.status, second.text]);
    const twice = await add(project, one.user_id, { account_id, allow_sign_in: false });
    expect([twice.status, twice.text]).toEqual([
      400,
      'The same provider type with the same account ID already exists for this user.',
    ]);
    const renamed = await project.request(`PATCH /oauth-providers/${one.user_id}/${connected.body.id}`, {
      access: 'server',
      body: { account_id },
    });
    expect(renamed.text).toBe(twice.text);
    const taken = await add(project, two.user_id, { account_id });
    expect([taken.status, taken.body.code]).toEqual([400, 'OAUTH_PROVIDER_ACCOUNT_ID_ALREADY_USED_FOR_SIGN_IN']);
    expect((await add(project, two.user_id, { account_id, allow_sign_in: false })).status).toBe(201);
  });

  it('switches signing in and connecting, each for itself', async () => {
    const { project, site } = await open();
    const { token, item } = await comer(project);
    const patch = (body: object, by = {}) =>
      project.request(`PATCH /oauth-providers/me/${item.id}`, { token, body, ...by });
    expect((await patch({ allow_connected_accounts: false })).body).toMatchObject({ allow_connected_accounts: false });
    expect((await project.request('GET /connected-accounts/me', { token })).body.items).toEqual([]);
    const off = await patch({ allow_sign_in: false });
    expect([off.status, off.body]).toMatchObject([200, { allow_sign_in: false, allow_connected_accounts: false }]);
    // The address leads there no more either: that would undo what was switched off.
    const end = await site.roundTrip('github');
    expect(end.searchParams.get('errorCode')).toBe('CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE');
    await patch({ allow_sign_in: true });
    expect((await site.signIn()).body.is_new_user).toBe(false);
    for (const field of ['email', 'account_id', 'provider_config_id']) {
      const reply = await patch({ [field]: 'a@b.example' });
      expect(reply.body.error).toContain(`body contains unknown properties: ${field}`);
    }
  });

  it('lets servers say that it is another account, whose tokens are unknown', async () => {
    const { project, site } = await open();
    await project.configure(ownProvider('github'));
    const { id, item } = await comer(project);
    const account_id = comesAs(fake, stage.address());
    const reply = await project.request(`PATCH /oauth-providers/${id}/${item.id}`, {
      access: 'server',
      body: { account_id, email: 'new@example.com' },
    });
    expect([reply.status, reply.body]).toMatchObject([200, { account_id, email: 'new@example.com' }]);
    const path = `POST /connected-accounts/${id}/github/access-token` as const;
    const gone = await project.request(path, { access: 'server', body: {} });
    expect(gone.body.code).toBe('OAUTH_ACCESS_TOKEN_NOT_AVAILABLE');
    expect(decodeJwt((await site.signIn()).body.access_token).sub).toBe(id);
    const unknown = await project.request(`PATCH /oauth-providers/${id}/${item.id}`, {
      access: 'server',
      body: { provider_config_id: 'gitlab' },
    });
    expect(unknown.status).toBe(404);
  });

  it('takes an account away; the last way in is left to a person, but not to the server', async () => {
    const { project } = await open();
    const owner = await comer(project);
    // The verified address can still set a password, so nobody is locked out.
    const gone = await project.request(`DELETE /oauth-providers/me/${owner.item.id}`, { token: owner.token });
    expect([gone.status, gone.body]).toEqual([200, { success: true }]);
    expect((await project.request('GET /oauth-providers?user_id=me', { token: owner.token })).body.items).toEqual([]);

    comesAs(fake, null);
    const { body } = await oauthSite(project).signIn();
    const token = body.access_token;
    const [item] = (await project.request('GET /oauth-providers?user_id=me', { token })).body.items;
    const last = await project.request(`DELETE /oauth-providers/me/${item.id}`, { token });
    expect([last.status, last.text]).toEqual([400, 'The last way to sign in cannot be removed.']);
    const off = await project.request(`PATCH /oauth-providers/me/${item.id}`, {
      token,
      body: { allow_sign_in: false },
    });
    expect([off.status, off.text]).toEqual([last.status, last.text]);
    const { sub } = decodeJwt(token);
    const byServer = await project.request(`DELETE /oauth-providers/${sub}/${item.id}`, { access: 'server' });
    expect(byServer.body).toEqual({ success: true });
  });

  it('lists accounts of providers that are gone from the configuration', async () => {
    const { project } = await open();
    const { token, item } = await comer(project);
    await project.configure({ 'auth.oauth.providers.github.type': null });
    const reply = await project.request('GET /oauth-providers?user_id=me', { token });
    expect(reply.body.items).toEqual([item]);
  });
});
