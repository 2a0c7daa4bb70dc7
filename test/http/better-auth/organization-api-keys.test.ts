import { expect, test } from 'vitest';
import type { Browser } from '../../kit/browser.ts';
import { type Founded, organizations, refusal } from '../../kit/organization.ts';
import { onEveryEngine, onOneEngine, type Stage } from '../../kit/stage.ts';

const serviceToken = 'service-token-0123456789-0123456789';
const notMember = [403, 'USER_NOT_MEMBER_OF_ORGANIZATION'];
const mayNot = [403, 'INSUFFICIENT_API_KEY_PERMISSIONS'];

function keysOf(stage: Stage) {
  const service = () => stage.browser({ authorization: `Bearer ${serviceToken}` });
  async function create(browser: Browser, body: object) {
    const reply = await browser.post('/api-key/create', body);
    if (reply.status !== 200) throw new Error(`create answered ${reply.status} ${reply.text}`);
    return reply.body as { readonly id: string; readonly key: string; readonly [member: string]: unknown };
  }
  return {
    service,
    create,
    make: (organization: Founded, body: object = {}, by = organization.owner.browser) =>
      create(by, { organizationId: organization.id, ...body }),
    verify: async (key: string) => (await service().post('/api-key/verify', { key })).body,
    /** The refusals of every way to a key: the same for one person, whatever they try. */
    attempts: async (browser: Browser, organizationId: string, keyId: string) => [
      refusal(await browser.post('/api-key/create', { organizationId })),
      refusal(await browser.get(`/api-key/list?organizationId=${organizationId}`)),
      refusal(await browser.get(`/api-key/get?id=${keyId}`)),
      refusal(await browser.post('/api-key/update', { keyId, name: 'mine' })),
      refusal(await browser.post('/api-key/delete', { keyId })),
    ],
    events: (keyId: string) =>
      stage.world.database!.rows(
        'SELECT type, visibility, actor_id, subject_user_id, organization_id FROM event WHERE api_key_id = ? ORDER BY id',
        [keyId],
      ),
  };
}

const options = { betterAuth: { serviceToken }, policy: { 'organizations.dynamicRoles': true } };

onEveryEngine('API keys of an organization (spec §2.8, §3.7; core map O5)', options, (stage) => {
  const org = organizations(stage);
  const keys = keysOf(stage);

  test('belong to the organization, not to whoever made them', async () => {
    const organization = await org.found();
    const made = await keys.make(organization, { name: 'deploy', prefix: 'org_' });
    expect(made).toMatchObject({ name: 'deploy', prefix: 'org_', referenceId: organization.id, userId: null });
    const { key, ...shown } = made;
    const read = await organization.owner.browser.get(`/api-key/get?id=${made.id}`);
    expect(read.body).toEqual(shown);
    expect(JSON.stringify(await stage.world.database!.rows('SELECT * FROM api_key'))).not.toContain(key.slice(6));
  });

  test.each(['owner', 'admin'])('an %s makes, sees, changes and deletes them, whoever made them', async (role) => {
    const organization = await org.found();
    const { browser } = await org.join(organization, role);
    await keys.make(organization, {}, browser);
    const { id: keyId } = await keys.make(organization);
    expect((await browser.get(`/api-key/get?id=${keyId}`)).status).toBe(200);
    const updated = await browser.post('/api-key/update', { keyId, name: 'renamed', enabled: false });
    expect(updated.body).toMatchObject({ name: 'renamed', enabled: false, referenceId: organization.id });
    expect((await browser.get(`/api-key/list?organizationId=${organization.id}`)).body.total).toBe(2);
    expect((await browser.post('/api-key/delete', { keyId })).body).toEqual({ success: true });
    expect(refusal(await browser.get(`/api-key/get?id=${keyId}`))).toEqual([404, 'KEY_NOT_FOUND']);
    expect((await browser.get(`/api-key/list?organizationId=${organization.id}`)).body.total).toBe(1);
  });

  test('a member without the right may do none of it, and nothing is done', async () => {
    const organization = await org.found();
    const { browser } = await org.join(organization);
    const made = await keys.make(organization, { name: 'before' });
    expect(await keys.attempts(browser, organization.id, made.id)).toEqual(Array(5).fill(mayNot));
    const { body } = await organization.owner.browser.get(`/api-key/list?organizationId=${organization.id}`);
    expect([body.total, body.apiKeys[0].name]).toEqual([1, 'before']);
    expect((await keys.events(made.id)).map(({ type }) => type)).toEqual(['api_key.created']);
  });

  test('an outsider may do none of it, the owner of another organization included (rules 28, 31)', async () => {
    const organization = await org.found();
    const elsewhere = await org.found();
    const { id } = await keys.make(organization);
    expect(await keys.attempts(elsewhere.owner.browser, organization.id, id)).toEqual(Array(5).fill(notMember));
  });

  test('an organization that never was is one the user is no member of; none is 400', async () => {
    const { owner } = await org.found();
    const create = async (organizationId: string) =>
      refusal(await owner.browser.post('/api-key/create', { organizationId }));
    const list = async (organizationId: string) =>
      refusal(await owner.browser.get(`/api-key/list?organizationId=${organizationId}`));
    expect([await create('none'), await list('none')]).toEqual([notMember, notMember]);
    const required = [400, 'ORGANIZATION_ID_REQUIRED'];
    expect([await create(''), await list('')]).toEqual([required, required]);
  });

  test('nobody signed in is 401', async () => {
    const organization = await org.found();
    const { id } = await keys.make(organization);
    const answers = await keys.attempts(stage.browser(), organization.id, id);
    expect(answers).toEqual(Array(5).fill([401, 'UNAUTHORIZED_SESSION']));
  });

  test('what only servers set stays so, and a userId is refused', async () => {
    const { id: organizationId, owner } = await org.found();
    const create = async (body: object) =>
      refusal(await owner.browser.post('/api-key/create', { organizationId, ...body }));
    expect(await create({ remaining: 5 })).toEqual([400, 'SERVER_ONLY_PROPERTY']);
    expect(await create({ userId: owner.id })).toEqual([401, 'UNAUTHORIZED_SESSION']);
  });

  test('lists are apart: those of one organization, those of another, those of the user', async () => {
    const first = await org.found();
    const { browser } = first.owner;
    const { id: secondId } = (await browser.post('/organization/create', { name: 'Second', slug: org.slug() })).body;
    for (const name of ['b', 'c', 'a']) await keys.make(first, { name });
    await keys.create(browser, { organizationId: secondId, name: 'other' });
    await keys.create(browser, { name: 'own' });
    const list = async (query: string) => {
      const { apiKeys, total } = (await browser.get(`/api-key/list${query}`)).body;
      return [apiKeys.map(({ name }: { name: string }) => name), total];
    };
    expect(await list('')).toEqual([['own'], 1]);
    expect(await list(`?organizationId=${secondId}`)).toEqual([['other'], 1]);
    const sorted = `?organizationId=${first.id}&sortBy=name&sortDirection=desc`;
    expect(await list(sorted)).toEqual([['c', 'b', 'a'], 3]);
    expect(await list(`${sorted}&limit=1&offset=1`)).toEqual([['b'], 3]);
  });

  test('the right is told by has-permission, and a role can carry it', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    const role = { role: 'operator', permission: { apiKey: ['create', 'read', 'update', 'delete'] } };
    expect((await browser.post('/organization/create-role', role)).body.roleData.permission).toEqual(role.permission);
    const may = async (by: Browser) =>
      (await by.post('/organization/has-permission', { permissions: { apiKey: ['create'] } })).body.success;
    const operator = await org.join(organization, 'operator');
    const member = await org.join(organization);
    expect([await may(browser), await may(operator.browser), await may(member.browser)]).toEqual([true, true, false]);
    await keys.make(organization, {}, operator.browser);
    await browser.post('/organization/update-member-role', { memberId: operator.memberId, role: 'member' });
    const late = await operator.browser.post('/api-key/create', { organizationId: organization.id });
    expect(refusal(late)).toEqual(mayNot);
  });

  test('whoever leaves loses sight of the keys they made; the keys go on (core map §2)', async () => {
    const organization = await org.found();
    const admin = await org.join(organization, 'admin');
    const { id, key } = await keys.make(organization, {}, admin.browser);
    const removed = await organization.owner.browser.post('/organization/remove-member', {
      memberIdOrEmail: admin.memberId,
      organizationId: organization.id,
    });
    expect(removed.status).toBe(200);
    expect(await keys.attempts(admin.browser, organization.id, id)).toEqual(Array(5).fill(notMember));
    await stage.ban(admin.id);
    expect((await keys.verify(key)).valid).toBe(true);
    expect((await organization.owner.browser.get(`/api-key/get?id=${id}`)).status).toBe(200);
  });

  test('deleting the organization ends its keys at once, and no others', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    const { id, key } = await keys.make(organization);
    const own = await keys.create(browser, {});
    expect((await keys.verify(key)).valid).toBe(true);
    await browser.post('/organization/delete', { organizationId: organization.id });
    expect(await keys.verify(key)).toMatchObject({ valid: false, error: { code: 'KEY_DISABLED' }, key: null });
    expect((await keys.verify(own.key)).valid).toBe(true);
    expect(await keys.attempts(browser, organization.id, id)).toEqual(Array(5).fill(notMember));
    expect((await keys.events(id)).map(({ type }) => type)).toEqual([
      'api_key.created',
      'api_key.used',
      'api_key.revoked',
    ]);
    const rows = await stage.world.database!.rows('SELECT revoked_why FROM api_key WHERE id = ?', [id]);
    expect(rows).toEqual([{ revoked_why: 'organization_deleted' }]);
  });

  test('of keys made while the organization is deleted, none outlives it', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    const organizationId = organization.id;
    const [, ...made] = await Promise.all([
      browser.post('/organization/delete', { organizationId }),
      ...Array.from({ length: 8 }, () => browser.post('/api-key/create', { organizationId })),
    ]);
    for (const reply of made) {
      if (reply.status === 200) expect((await keys.verify(reply.body.key)).valid).toBe(false);
      else expect(refusal(reply)).toEqual(notMember);
    }
  });

  test('every change is an event of the organization (core map §5.4)', async () => {
    const organization = await org.found();
    const { owner } = organization;
    const { id: keyId, key } = await keys.make(organization);
    await owner.browser.post('/api-key/update', { keyId, name: 'renamed' });
    await keys.verify(key);
    await owner.browser.post('/api-key/delete', { keyId });
    const common = { visibility: 'organization', subject_user_id: null, organization_id: organization.id };
    expect(await keys.events(keyId)).toEqual([
      { type: 'api_key.created', actor_id: owner.id, ...common },
      { type: 'api_key.updated', actor_id: owner.id, ...common },
      { type: 'api_key.used', actor_id: null, ...common },
      { type: 'api_key.revoked', actor_id: owner.id, ...common },
    ]);
  });

  test('services verify them and read whose they are', async () => {
    const organization = await org.found();
    const { id, key } = await keys.make(organization);
    expect(await keys.verify(key)).toMatchObject({
      valid: true,
      error: null,
      key: { id, referenceId: organization.id, userId: null, requestCount: 1 },
    });
  });

  test('services make them, with limits; in the name of a person, only as that person may', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const create = (body: object) =>
      keys.service().post('/api-key/create', { organizationId: organization.id, ...body });
    const limited = await create({ remaining: 3 });
    expect(limited.body).toMatchObject({ referenceId: organization.id, userId: null, remaining: 3 });
    expect((await create({ userId: organization.owner.id })).body.referenceId).toBe(organization.id);
    expect(refusal(await create({ userId: member.id }))).toEqual(mayNot);
    expect(refusal(await create({ organizationId: 'none' }))).toEqual(notMember);
  });

  test('of forty uses at once, no more count than remain or than the limit allows (rule 32)', async () => {
    const { id: organizationId } = await org.found();
    const create = (body: object) => keys.create(keys.service(), { organizationId, ...body });
    const quota = await create({ remaining: 7, rateLimitEnabled: false });
    const limited = await create({ rateLimitMax: 7, rateLimitTimeWindow: 60_000 });
    for (const { key } of [quota, limited]) {
      const answers = await Promise.all(Array.from({ length: 40 }, () => keys.verify(key)));
      expect(answers.filter(({ valid }) => valid)).toHaveLength(7);
    }
  });
});

const acting = { betterAuth: { serviceToken, apiKeysActAsOwner: true } };

onOneEngine('An organization’s key where keys act as their owner (spec §3.7)', acting, (stage) => {
  const org = organizations(stage);
  const keys = keysOf(stage);

  test('opens no session, and a refused request is not counted', async () => {
    const organization = await org.found();
    const { id, key } = await keys.make(organization);
    for (const path of ['/get-session', '/list-accounts', `/api-key/list?organizationId=${organization.id}`]) {
      const reply = await stage.browser({ 'x-api-key': key }).get(path);
      expect(refusal(reply), path).toEqual([401, 'INVALID_REFERENCE_ID_FROM_API_KEY']);
    }
    expect((await organization.owner.browser.get(`/api-key/get?id=${id}`)).body.requestCount).toBe(0);
  });

  test('a person’s own key makes none and changes none', async () => {
    const organization = await org.found();
    const { id: keyId } = await keys.make(organization);
    const { key } = await keys.create(organization.owner.browser, {});
    const by = stage.browser({ 'x-api-key': key });
    const cannot = [403, 'API_KEY_CANNOT_ACT'];
    expect(refusal(await by.post('/api-key/create', { organizationId: organization.id }))).toEqual(cannot);
    expect(refusal(await by.post('/api-key/update', { keyId, name: 'x' }))).toEqual(cannot);
    expect(refusal(await by.post('/api-key/delete', { keyId }))).toEqual(cannot);
  });
});
