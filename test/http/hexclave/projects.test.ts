import { expect, it } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { type HexclaveProject, type HexclaveStage, hexclaveOnOneEngine, type SignedIn } from '../../kit/hexclave.ts';

/** Somebody of the internal project with a team of their own. */
async function dashboard(stage: HexclaveStage) {
  const internal = await stage.existing('internal');
  await internal.configure({ 'teams.allowClientTeamCreation': true, 'auth.allowSignUp': true });
  const user = await internal.signUp();
  const ctx = (await stage.world.app.projects.find('internal'))!.context('hexclave');
  const person = (await ctx.store.read.users.find(user.user_id))!;
  const teamId = ctx.ids.next();
  const now = ctx.clock.now();
  await asSystem(ctx, async (tx) => {
    await tx.organizations.insert({
      ...{
        id: teamId,
        name: 'Makers',
        slug: teamId,
        slugNormal: teamId,
        imageUrl: null,
        imageFileId: null,
        personalOfUserId: null,
      },
      ...{ metadataClient: null, metadataReadonly: null, metadataServer: null, createdBy: person.id },
      ...{ createdAt: now, updatedAt: now },
    });
    const [owner] = await tx.organizationRoles.named(teamId, ['owner']);
    const membershipId = ctx.ids.next();
    await tx.memberships.insert({ id: membershipId, organizationId: teamId, userId: person.id, createdAt: now });
    await tx.memberships.setRoles(membershipId, [owner!.id], null, now);
  });
  return { internal, user, teamId };
}

const createProject = (internal: HexclaveProject, user: SignedIn, owner_team_id: string, more: object = {}) =>
  internal.request('POST /internal/projects', {
    token: user.access_token,
    body: { display_name: 'Shop', owner_team_id, ...more },
  });

hexclaveOnOneEngine('projects (spec §4.3)', {}, (stage) => {
  it('have a name of one line: it stands in subjects of mails', async () => {
    const { internal, user, teamId } = await dashboard(stage);
    const named = async (display_name: string) => {
      const { status, body } = await createProject(internal, user, teamId, { display_name });
      return [status, body.code];
    };
    expect(await named('Shop\r\nBcc: a@example.com')).toEqual([400, 'SCHEMA_ERROR']);
    expect(await named('Shop\u2028')).toEqual([400, 'SCHEMA_ERROR']);
    expect((await named('Läden 🛒'))[0]).toBe(201);
  });

  it('are made by people of the internal project, for a team of theirs', async () => {
    const { internal, user, teamId } = await dashboard(stage);
    const made = await createProject(internal, user, teamId, {
      description: 'Sells things',
      config: { magic_link_enabled: true, domains: [{ domain: 'https://shop.example', handler_path: '/handler' }] },
    });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      display_name: 'Shop',
      description: 'Sells things',
      logo_url: null,
      logo_full_url: null,
      logo_dark_mode_url: null,
      logo_full_dark_mode_url: null,
      created_at_millis: expect.any(Number),
      is_production_mode: false,
      owner_team_id: teamId,
      onboarding_status: 'completed',
      config: {
        allow_localhost: true,
        sign_up_enabled: true,
        credential_enabled: true,
        magic_link_enabled: true,
        passkey_enabled: false,
        client_team_creation_enabled: false,
        client_user_deletion_enabled: false,
        allow_user_api_keys: false,
        allow_team_api_keys: false,
        create_team_on_sign_up: false,
        oauth_account_merge_strategy: 'link_method',
        oauth_providers: [],
        enabled_oauth_providers: [],
        domains: [{ domain: 'https://shop.example', handler_path: '/handler' }],
        email_config: { type: 'shared' },
        email_theme: expect.any(String),
        team_creator_default_permissions: [{ id: 'team_admin' }],
        team_member_default_permissions: [{ id: 'team_member' }],
        user_default_permissions: [],
      },
    });
    const listed = await internal.request('GET /internal/projects', { token: user.access_token });
    expect(listed.body.is_paginated).toBe(false);
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual([made.body.id]);
  });

  it('are made nowhere else, by nobody else, and for nobody else’s team', async () => {
    const { internal, user, teamId } = await dashboard(stage);
    const other = await stage.project();
    const stranger = await other.signUp();
    expect((await createProject(other, stranger, teamId)).body.code).toBe('EXPECTED_INTERNAL_PROJECT');
    const signedOut = await internal.request('POST /internal/projects', {
      body: { display_name: 'Shop', owner_team_id: teamId },
    });
    expect([signedOut.status, signedOut.body.code]).toEqual([401, 'USER_AUTHENTICATION_REQUIRED']);
    expect((await createProject(internal, user, crypto.randomUUID())).body.code).toBe('TEAM_MEMBERSHIP_NOT_FOUND');
    const odd = await createProject(internal, user, teamId, {
      config: { domains: [{ domain: 'ftp://shop.example', handler_path: '/' }] },
    });
    expect(odd.body.error).toContain('URL must start with http:// or https://');
    const unknown = await createProject(internal, user, teamId, {
      config: { user_default_permissions: [{ id: 'nowhere' }] },
    });
    expect(unknown.body.code).toBe('PERMISSION_NOT_FOUND');
    const listed = await internal.request('GET /internal/projects', { token: user.access_token });
    expect(listed.body.items).toEqual([]);
  });

  it('are administered with a token of whoever belongs to the owner, and of nobody else', async () => {
    const { internal, user, teamId } = await dashboard(stage);
    const { id } = (await createProject(internal, user, teamId)).body;
    const asAdmin = (token: string) =>
      internal.request('GET /internal/projects/current', {
        access: null,
        headers: { 'x-stack-access-type': 'admin', 'x-stack-project-id': id, 'x-stack-admin-access-token': token },
      });
    expect((await asAdmin(user.access_token)).body.id).toBe(id);
    const stranger = await internal.signUp();
    expect((await asAdmin(stranger.access_token)).body.code).toBe('ADMIN_ACCESS_TOKEN_IS_NOT_ADMIN');
    expect((await asAdmin('rubbish')).body.code).toBe('UNPARSABLE_ADMIN_ACCESS_TOKEN');
    const elsewhere = await (await stage.project()).signUp();
    expect((await asAdmin(elsewhere.access_token)).body.code).toBe('ADMIN_ACCESS_TOKEN_IS_NOT_ADMIN');
    await internal.request('DELETE /auth/sessions/current', { token: user.access_token });
    expect((await asAdmin(user.access_token)).body.code).toBe('ADMIN_ACCESS_TOKEN_EXPIRED');
  });

  it('change at once, and are gone at once', async () => {
    const project = await stage.project();
    const changed = await project.request('PATCH /internal/projects/current', {
      access: 'admin',
      body: { display_name: 'Renamed', config: { sign_up_enabled: false, allow_localhost: false } },
    });
    expect(changed.body).toMatchObject({ display_name: 'Renamed', config: { sign_up_enabled: false } });
    const { body } = await project.request('GET /projects/current');
    expect(body).toMatchObject({ display_name: 'Renamed', config: { sign_up_enabled: false } });
    const refused = await project.request('POST /auth/password/sign-up', {
      body: { email: stage.address(), password: 'correct horse' },
    });
    expect(refused.body.code).toBe('SIGN_UP_NOT_ENABLED');

    expect((await project.request('DELETE /internal/projects/current', { access: 'admin' })).body.success).toBe(true);
    expect((await project.request('GET /projects/current')).body.code).toBe('CURRENT_PROJECT_NOT_FOUND');
  });

  it('of the operator’s configuration are not deleted here', async () => {
    const { id } = stage.world.app.mainProject.project;
    const main = await stage.existing(id);
    const reply = await main.request('DELETE /internal/projects/current', { access: 'admin' });
    expect([reply.status, reply.headers.get('x-stack-known-error')]).toEqual([400, null]);
    expect((await main.request('GET /projects/current')).status).toBe(200);
  });
});

hexclaveOnOneEngine('keys of a project (spec §4.3)', {}, (stage) => {
  const keysFor = (project: HexclaveProject, body: object) =>
    project.request('POST /internal/api-keys', { access: 'admin', body });

  it.each(['a\r\nb', 'a\u202eb', 'x'.repeat(257)])(
    'have descriptions of one line that is seen: not %j',
    async (description) => {
      const project = await stage.project();
      const reply = await keysFor(project, { description, expires_at_millis: 2e12, has_secret_server_key: true });
      expect([reply.status, reply.body.code]).toEqual([400, 'SCHEMA_ERROR']);
    },
  );

  it('are told once, open what they are for, and stop when they are revoked or over', async () => {
    const project = await stage.project();
    const { world } = stage;
    const hour = world.clock.now() + 3_600_000;
    const made = await keysFor(project, {
      description: 'ci',
      expires_at_millis: hour,
      has_secret_server_key: true,
      has_super_secret_admin_key: true,
    });
    expect(made.status).toBe(200);
    const { id, secret_server_key: server, super_secret_admin_key: admin } = made.body;
    expect(server).toMatch(/^ssk_[0-9a-hjkmnp-tv-z]{45}$/);
    expect(admin).toMatch(/^sak_/);
    expect(made.body).not.toHaveProperty('publishable_client_key');

    const open = (headers: Record<string, string>, access: string) =>
      project.request('GET /', {
        access: null,
        headers: { 'x-stack-project-id': project.id, 'x-stack-access-type': access, ...headers },
      });
    expect((await open({ 'x-stack-secret-server-key': server }, 'server')).status).toBe(200);
    expect((await open({ 'x-stack-super-secret-admin-key': server }, 'admin')).status).toBe(401);

    const listed = await project.request('GET /internal/api-keys', { access: 'admin' });
    expect(listed.body.items[0]).toEqual({
      id,
      description: 'ci',
      expires_at_millis: hour,
      created_at_millis: expect.any(Number),
      secret_server_key: { last_four: server.slice(-4) },
      super_secret_admin_key: { last_four: admin.slice(-4) },
    });
    expect(listed.text).not.toContain(server);

    const revoked = await project.request(`PATCH /internal/api-keys/${id}`, {
      access: 'admin',
      body: { revoked: true },
    });
    expect(revoked.body.manually_revoked_at_millis).toEqual(expect.any(Number));
    expect((await open({ 'x-stack-secret-server-key': server }, 'server')).body.code).toBe('INVALID_SECRET_SERVER_KEY');

    const short = await keysFor(project, {
      description: '',
      expires_at_millis: world.clock.now() + 1000,
      has_publishable_client_key: true,
    });
    const key = { 'x-stack-publishable-client-key': short.body.publishable_client_key };
    expect((await open(key, 'client')).status).toBe(200);
    world.clock.advance(1000);
    expect((await open(key, 'client')).body.code).toBe('INVALID_PUBLISHABLE_CLIENT_KEY');
  });

  it('are for administrators only, and of no other project', async () => {
    const project = await stage.project();
    const other = await stage.project();
    const asServer = await project.request('GET /internal/api-keys', { access: 'server' });
    expect(asServer.body).toMatchObject({
      code: 'INSUFFICIENT_ACCESS_TYPE',
      details: { actual_access_type: 'server', allowed_access_types: ['admin'] },
    });
    const { body } = await keysFor(other, { description: '', expires_at_millis: 9e15, has_secret_server_key: true });
    expect((await project.request(`GET /internal/api-keys/${body.id}`, { access: 'admin' })).status).toBe(404);
  });
});

hexclaveOnOneEngine('configuration (spec §4.3, §8)', {}, (stage) => {
  const override = (project: HexclaveProject, method: string, level: string, body?: object) =>
    project.request(`${method} /internal/config/override/${level}`, { access: 'admin', body });

  it('is stacked in levels, the later one wins, and null removes', async () => {
    const project = await stage.project();
    const enabled = async () => (await project.request('GET /projects/current')).body.config.magic_link_enabled;
    const patch = (level: string, paths: object) =>
      override(project, 'PATCH', level, { config_override_string: JSON.stringify(paths) });
    expect((await patch('project', { auth: { otp: { allowSignIn: true } } })).body).toEqual({ success: true });
    expect(await enabled()).toBe(true);
    await patch('branch', { 'auth.otp.allowSignIn': false });
    expect(await enabled()).toBe(false);
    await patch('branch', { 'auth.otp': null });
    expect(await enabled()).toBe(true);
    const { body } = await override(project, 'GET', 'project');
    expect(JSON.parse(body.config_string)).toEqual({ 'auth.otp.allowSignIn': true });
    const rendered = await project.request('GET /internal/config', { access: 'admin' });
    expect(JSON.parse(rendered.body.config_string)).toMatchObject({
      auth: { otp: { allowSignIn: true }, password: { allowSignIn: true } },
      rbac: { permissions: { team_member: { scope: 'team', containedPermissionIds: { $read_members: true } } } },
    });
    await project.request('POST /internal/config/override/project/reset-keys', {
      access: 'admin',
      body: { keys: ['auth.otp.allowSignIn'] },
    });
    expect(await enabled()).toBe(false);
  });

  it('keeps secrets sealed, and gives them back to administrators alone', async () => {
    const project = await stage.project();
    const paths = {
      'auth.oauth.providers.github.type': 'github',
      'auth.oauth.providers.github.isShared': false,
      'auth.oauth.providers.github.allowSignIn': true,
      'auth.oauth.providers.github.clientId': 'abc',
      'auth.oauth.providers.github.clientSecret': 'canary-of-the-secret',
    };
    await override(project, 'PATCH', 'environment', { config_override_string: JSON.stringify(paths) });
    const open = (await stage.world.app.projects.find(project.id))!;
    expect(JSON.stringify(await open.store.read.project.overrides())).not.toContain('canary-of-the-secret');
    expect(JSON.stringify(open.config)).not.toContain('canary-of-the-secret');
    const { body } = await project.request('GET /internal/projects/current', { access: 'admin' });
    expect(body.config.oauth_providers).toMatchObject([{ id: 'github', client_secret: 'canary-of-the-secret' }]);
    const asClient = await project.request('GET /projects/current');
    expect(asClient.body.config.enabled_oauth_providers).toEqual([{ id: 'github' }]);
    expect(asClient.text).not.toContain('canary');
  });

  it('refuses paths it does not know and values of the wrong form, and changes nothing then', async () => {
    const project = await stage.project();
    const put = (text: string) => override(project, 'PUT', 'branch', { config_string: text });
    expect((await put('[')).body.code).toBe('SCHEMA_ERROR');
    expect((await put('{"auth":{"allowSignup":false}}')).body.error).toContain('is not a known configuration path');
    expect((await put('{"auth.allowSignUp":"maybe"}')).body.error).toContain('must be a `boolean` type');
    expect((await put('{"domains.trustedDomains.a.baseUrl":"https://*.com"}')).body.code).toBe('SCHEMA_ERROR');
    const { body } = await override(project, 'GET', 'branch');
    expect(body.config_string).toBe('{}');
    const asServer = await project.request('GET /internal/config/override/project', { access: 'server' });
    expect([asServer.status, asServer.text]).toEqual([403, 'Server access can only manage branch config overrides.']);
  });

  it('decides where people may be sent back to', async () => {
    const project = await stage.project({ 'domains.allowLocalhost': false });
    const signUp = (verification_callback_url: string) =>
      project.request('POST /auth/password/sign-up', {
        body: { email: stage.address(), password: 'correct horse', verification_callback_url },
      });
    expect((await signUp('http://localhost:3000/verify')).body).toMatchObject({
      code: 'REDIRECT_URL_NOT_WHITELISTED',
      details: { redirect_url: 'http://localhost:3000/verify' },
    });
    await project.configure({ 'domains.trustedDomains.a.baseUrl': 'https://*.shop.example/ignored' });
    expect((await signUp('https://www.shop.example/verify?x=1')).status).toBe(200);
    expect((await signUp('https://shop.example.evil.example/')).body.code).toBe('REDIRECT_URL_NOT_WHITELISTED');
  });
});
