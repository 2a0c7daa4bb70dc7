import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnOneEngine } from '../../kit/hexclave.ts';

const admin = { access: 'admin' } as const;
const current = (project: HexclaveProject) => project.request('GET /internal/projects/current', admin);
const change = (project: HexclaveProject, body: object) =>
  project.request('PATCH /internal/projects/current', { ...admin, body });
const rendered = async (project: HexclaveProject) =>
  (await project.request('GET /internal/config', admin)).body.config_string as string;
const patch = (project: HexclaveProject, text: string | object, level = 'environment') =>
  project.request(`PATCH /internal/config/override/${level}`, {
    ...admin,
    body: { config_override_string: typeof text === 'string' ? text : JSON.stringify(text) },
  });
const levelOf = async (project: HexclaveProject, level: string) =>
  (await project.request(`GET /internal/config/override/${level}`, admin)).body.config_string as string;

const github = 'auth.oauth.providers.github';
/** Something of every kind that a configuration holds. */
const everything = {
  ...{ [`${github}.type`]: 'github', [`${github}.isShared`]: false, [`${github}.allowSignIn`]: true },
  ...{ [`${github}.clientId`]: 'id', [`${github}.clientSecret`]: 'secret' },
  ...{ 'auth.oauth.providers.lent.type': 'google', 'auth.oauth.providers.lent.allowConnectedAccounts': true },
  ...{ 'auth.oauth.providers.apple.type': 'apple', 'auth.oauth.providers.apple.isShared': false },
  'auth.oauth.providers.apple.appleBundles.one.bundleId': 'com.example.app',
  ...{ 'auth.signUpRules.one.enabled': true, 'auth.signUpRules.one.condition': 'email == "x"' },
  ...{ 'auth.signUpRules.off.displayName': 'later', 'auth.signUpRulesDefaultAction': 'allow' },
  ...{ 'domains.trustedDomains.shop.baseUrl': 'https://*.shop.example', 'apps.installed.teams.enabled': true },
  ...{ 'rbac.defaultPermissions.teamMember.team_admin': true, 'payments.items.seats.displayName': 'Seats' },
};

hexclaveOnOneEngine('what reads answer, writes take back (spec §4.3, §8)', {}, (stage) => {
  async function fullProject() {
    const project = await stage.project();
    expect((await patch(project, everything)).body).toEqual({ success: true });
    return project;
  }

  it('a whole project', async () => {
    const project = await fullProject();
    const before = await current(project);
    const config = await rendered(project);
    const after = await change(project, before.body);
    expect([after.status, after.body]).toEqual([200, before.body]);
    expect((await current(project)).body).toEqual(before.body);
    // Trusted domains and bundle ids are named anew; what they say is the same.
    const unnamed = (text: string) => text.replace('"shop":{', '"d001":{').replace('"one":{"bundle', '"b001":{"bundle');
    expect(JSON.parse(unnamed(await rendered(project)))).toEqual(JSON.parse(unnamed(config)));
  });

  it('a later path takes the place of those above and below it, and null removes', async () => {
    const project = await stage.project();
    const installed = {
      'apps.installed.a.b': 1,
      'apps.installed.a.c': 2,
      'apps.installed.d': 3,
      'apps.installed.e.f': 4,
    };
    await patch(project, installed);
    await patch(project, {
      'apps.installed.a': 5,
      'apps.installed.d.g': 6,
      'apps.installed.d.h': 7,
      'apps.installed.e': null,
    });
    const apps = async () =>
      Object.fromEntries(
        Object.entries(JSON.parse(await levelOf(project, 'environment'))).filter(([path]) => path.startsWith('apps')),
      );
    expect(await apps()).toEqual({
      ...{ 'apps.installed.a': 5, 'apps.installed.d.g': 6, 'apps.installed.d.h': 7 },
    });
    const gone = { ...admin, body: { keys: ['apps.installed.d', 'apps.install'] } };
    await project.request('POST /internal/config/override/environment/reset-keys', gone);
    expect(await apps()).toEqual({ 'apps.installed.a': 5 });
  });

  it('more than a level holds is refused before anybody looks at what it says', async () => {
    const project = await stage.project();
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`apps.installed.a${at}.enabled`, true]));
    const reply = await patch(project, many);
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('holds 200000 bytes of JSON at most')]);
    expect((await patch(project, { [`apps.${'a.'.repeat(50_000)}b`]: 1 })).body.code).toBe('SCHEMA_ERROR');
  });

  it('the whole configuration', async () => {
    const project = await fullProject();
    const before = await rendered(project);
    expect((await patch(project, before)).body).toEqual({ success: true });
    expect(JSON.parse(await rendered(project))).toEqual(JSON.parse(before));
  });

  it.each(['project', 'branch', 'environment'])('the level %s', async (level) => {
    const project = await stage.project();
    const { [`${github}.clientSecret`]: _secret, [`${github}.isShared`]: _own, ...open } = everything;
    await patch(project, level === 'environment' ? everything : open, level);
    const before = await levelOf(project, level);
    const put = await project.request(`PUT /internal/config/override/${level}`, {
      ...admin,
      body: { config_string: before },
    });
    expect(put.body).toEqual({ success: true });
    expect(await levelOf(project, level)).toBe(before);
  });

  it('a definition of a permission', async () => {
    const project = await stage.project();
    const define = (body: object) => project.request('POST /team-permission-definitions', { ...admin, body });
    const made = (await define({ id: 'guest', description: 'Looks', contained_permission_ids: ['$read_members'] }))
      .body;
    const again = await project.request('PATCH /team-permission-definitions/guest', { ...admin, body: made });
    expect([again.status, again.body]).toEqual([200, made]);
  });

  it('but not with another owner, id or date', async () => {
    const project = await stage.project();
    const { body } = await current(project);
    for (const other of [
      { id: 'internal' },
      { owner_team_id: crypto.randomUUID() },
      { created_at_millis: body.created_at_millis + 1 },
      { config: { enabled_oauth_providers: [{ id: 'github' }] } },
    ]) {
      expect((await change(project, { ...body, ...other })).body).toMatchObject({
        code: 'SCHEMA_ERROR',
        error: expect.stringContaining('cannot be changed'),
      });
    }
  });
});

hexclaveOnOneEngine('the rendered configuration (spec §8)', {}, (stage) => {
  it('has every section and the defaults of every entry, whatever was written', async () => {
    const project = await stage.project();
    expect(JSON.parse(await rendered(project))).toMatchObject({
      auth: { oauth: { accountMergeStrategy: 'link_method', providers: {} }, signUpRules: {} },
      domains: { trustedDomains: {} },
      rbac: {
        defaultPermissions: { teamCreator: { team_admin: true }, teamMember: { team_member: true }, signUp: {} },
      },
      emails: { server: { isShared: true, provider: 'smtp' } },
      payments: { testMode: true, blockNewPurchases: false },
    });
    await patch(project, {
      'auth.oauth.providers.google.type': 'google',
      'auth.signUpRules.one.displayName': 'One',
      'domains.trustedDomains.one.baseUrl': 'https://shop.example',
    });
    expect(JSON.parse(await rendered(project))).toMatchObject({
      auth: {
        oauth: { providers: { google: { isShared: true, allowSignIn: false, allowConnectedAccounts: false } } },
        signUpRules: { one: { enabled: false, priority: 0, action: { type: 'allow' } } },
      },
      domains: { trustedDomains: { one: { handlerPath: '/handler' } } },
    });
  });
});

hexclaveOnOneEngine('trusted domains', {}, (stage) => {
  it('may be every name below localhost, and no top-level domain', async () => {
    const project = await stage.project({ 'domains.allowLocalhost': false, 'auth.otp.allowSignIn': true });
    const base = (baseUrl: string) => patch(project, { 'domains.trustedDomains.dev.baseUrl': baseUrl });
    expect((await base('http://*.com')).body.error).toContain('is not a valid URL');
    expect((await base('http://*.localhost:3000')).status).toBe(200);
    const send = async (callback_url: string) =>
      (await project.request('POST /auth/otp/send-sign-in-code', { body: { email: stage.address(), callback_url } }))
        .status;
    expect(await send('http://shop.localhost:3000/handler')).toBe(200);
    expect(await send('http://shop.localhost:4000/handler')).toBe(400);
  });
});

hexclaveOnOneEngine('settings that would do nothing are refused', {}, (stage) => {
  const own = { id: 'github', type: 'standard', client_id: 'id' };
  it.each([
    [{ onboarding_status: 'welcome' }, 'body.onboarding_status must be one of the following values: completed'],
    [{ config: { email_theme: 'a0172b5d-cff0-463b-83bb-85124697373a' } }, 'body.config.email_theme must be one of'],
    [{ config: { email_config: { type: 'standard', host: 'mail.example' } } }, 'server of the operator'],
    [{ config: { email_config: { type: 'shared', host: 'mail.example' } } }, 'server of the operator'],
    [{ config: { oauth_providers: [own] } }, 'oauth_providers[0].client_secret must be defined'],
    [{ config: { oauth_providers: [{ ...own, client_secret: '' }] } }, 'client_secret must not be empty'],
    [{ config: { oauth_providers: [{ ...own, type: 'shared' }] } }, 'the provider is shared'],
    [{ config: { oauth_providers: [{ ...own, client_secret: 's', apple_bundle_ids: ['a.b'] }] } }, 'for Apple only'],
    [
      {
        config: {
          oauth_providers: [
            { id: 'x', type: 'shared' },
            { id: 'x', type: 'shared' },
          ],
        },
      },
      'twice',
    ],
  ])('of a project: %j', async (body, words) => {
    const project = await stage.project();
    const reply = await change(project, body);
    expect([reply.status, reply.body.code]).toEqual([400, 'SCHEMA_ERROR']);
    expect(reply.body.error).toContain(words);
  });

  it.each([
    [{ 'emails.server.host': 'mail.example' }, 'server of the operator'],
    [{ 'emails.server.isShared': false }, 'must be one of the following values: true'],
    [{ 'emails.selectedThemeId': 'a0172b5d-cff0-463b-83bb-85124697373a' }, 'must be one of the following values'],
    [{ 'dbSync.externalDatabases.a.connectionString': 'postgres://x' }, 'database of the operator'],
    [{ 'sourceOfTruth.type': 'postgres' }, 'must be one of the following values: hosted'],
    [{ 'auth.signUpRules.one.condition': 'x'.repeat(4_001) }, 'must be at most 4000 characters'],
    [{ [`${github}.clientSecret`]: '' }, 'must not be empty'],
    [{ 'auth.allowSignUp': {} }, 'must be a `boolean` type'],
    [{ nonsense: {} }, 'is not a known configuration path'],
    ['{"__proto__": 1}', 'is not a known configuration path'],
    [{ 'rbac.permissions.team_member.description': 'Other' }, 'permission definition endpoints'],
  ])('of the configuration: %j', async (paths, words) => {
    const project = await stage.project();
    const reply = await patch(project, paths);
    expect([reply.status, reply.body.code]).toEqual([400, 'SCHEMA_ERROR']);
    expect(reply.body.error).toContain(words);
  });

  it('as are conditions that cannot be asked, secrets where a server reads them, and half of a provider', async () => {
    const project = await stage.project();
    const condition = await patch(project, { 'auth.signUpRules.one.condition': 'email ==' });
    expect([condition.status, condition.text]).toEqual([
      400,
      expect.stringContaining('The condition of the sign-up rule "one" cannot be asked: '),
    ]);
    const secret = await patch(project, { [`${github}.clientSecret`]: 'canary' }, 'branch');
    expect([secret.status, secret.text]).toEqual([400, expect.stringContaining('is a secret')]);
    const half = await patch(project, { [`${github}.type`]: 'github', [`${github}.isShared`]: false });
    expect([half.status, half.text]).toEqual([
      400,
      expect.stringContaining(`${github} is not shared and has no clientId`),
    ]);
    const { auth } = JSON.parse(await rendered(project));
    expect([auth.signUpRules, auth.oauth.providers]).toEqual([{}, {}]);
  });

  it('a shared provider of which the operator has no client is kept, and not among those that are enabled', async () => {
    const project = await stage.project();
    const { body } = await change(project, { config: { oauth_providers: [{ id: 'google', type: 'shared' }] } });
    expect(body.config).toMatchObject({
      oauth_providers: [{ provider_config_id: 'google', id: 'google', type: 'shared' }],
      enabled_oauth_providers: [],
    });
  });
});

hexclaveOnOneEngine('default permissions over the wire (spec §3.12)', {}, (stage) => {
  const defaults = async (project: HexclaveProject) => (await current(project)).body.config;

  it('are permissions of their scope', async () => {
    const project = await stage.project();
    const unknown = await change(project, { config: { team_member_default_permissions: [{ id: 'nowhere' }] } });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'PERMISSION_NOT_FOUND']);
    const elsewhere = await change(project, { config: { user_default_permissions: [{ id: 'team_member' }] } });
    expect(elsewhere.body.code).toBe('WRONG_PERMISSION_SCOPE');
    expect(await defaults(project)).toMatchObject({
      team_member_default_permissions: [{ id: 'team_member' }],
      user_default_permissions: [],
    });
  });

  it('follow the permission: another name, then none', async () => {
    const project = await stage.project();
    await project.request('POST /project-permission-definitions', { ...admin, body: { id: 'reader' } });
    await change(project, { config: { user_default_permissions: [{ id: 'reader' }] } });
    const one = 'project-permission-definitions/reader';
    const renamed = await project.request(`PATCH /${one}`, { ...admin, body: { id: 'viewer' } });
    expect([renamed.status, renamed.body.id]).toEqual([200, 'viewer']);
    expect((await defaults(project)).user_default_permissions).toEqual([{ id: 'viewer' }]);
    await project.request('DELETE /project-permission-definitions/viewer', admin);
    expect((await defaults(project)).user_default_permissions).toEqual([]);
  });
});
