import { expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { organizations, refusal } from '../../kit/organization.ts';
import { onOneEngine } from '../../kit/stage.ts';

onOneEngine('The active member', {}, (stage) => {
  const org = organizations(stage);

  test('get-active-member shows the user as a member', async () => {
    const { id, owner } = await org.found();
    const { body } = await owner.browser.get('/organization/get-active-member');
    expect(body).toMatchObject({ id: owner.memberId, organizationId: id, userId: owner.id, role: 'owner' });
    expect(body.user).toEqual({ id: owner.id, name: 'Ada', email: owner.email, image: null });
  });

  test('without an active organization it is 400', async () => {
    const { browser } = await stage.member();
    for (const path of ['/organization/get-active-member', '/organization/get-active-member-role']) {
      expect(refusal(await browser.get(path))).toEqual([400, 'NO_ACTIVE_ORGANIZATION']);
    }
  });

  test('get-active-member-role tells one’s own role, and another member’s', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const path = '/organization/get-active-member-role';
    expect((await member.browser.get(path)).body).toEqual({ role: 'member' });
    expect((await member.browser.get(`${path}?userId=${organization.owner.id}`)).body).toEqual({ role: 'owner' });
    const stranger = await stage.member();
    const outside = [403, 'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION'];
    expect(refusal(await member.browser.get(`${path}?userId=${stranger.id}`))).toEqual(outside);
    expect(refusal(await stranger.browser.get(`${path}?organizationSlug=${organization.slug}`))).toEqual(outside);
    await member.browser.post('/sign-out');
    expect((await member.browser.get(path)).status).toBe(401);
  });
});

onOneEngine('POST /organization/update-member-role', {}, (stage) => {
  const org = organizations(stage);
  const path = '/organization/update-member-role';

  test('gives several roles, as a list or with commas between', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const { browser } = organization.owner;
    const listed = await browser.post(path, { memberId: member.memberId, role: ['admin', 'member'] });
    expect(listed.body).toMatchObject({ id: member.memberId, userId: member.id, role: 'admin,member' });
    const joined = await browser.post(path, { memberId: member.memberId, role: 'member, admin' });
    expect(joined.body.role).toBe('member,admin');
    expect(await stage.world.eventTypes(member.id)).toContain('organization.roles_changed');
  });

  test.each([
    ['an unknown role', 'nonsense', 400, 'ROLE_NOT_FOUND'],
    ['no role', [], 400, 'VALIDATION_ERROR'],
    ['only commas', ' , ', 400, 'VALIDATION_ERROR'],
  ])('refused: %s', async (_what, role, status, code) => {
    const organization = await org.found();
    const member = await org.join(organization);
    const reply = await organization.owner.browser.post(path, { memberId: member.memberId, role });
    expect(refusal(reply)).toEqual([status, code]);
    if (code === 'ROLE_NOT_FOUND') expect(reply.body.message).toBe('ROLE_NOT_FOUND: nonsense');
    expect((await org.roles(organization))[member.id]).toBe('member');
  });

  test('only owners give or take the owner’s role, however it is written', async () => {
    const organization = await org.found();
    const [admin, member] = [await org.join(organization, 'admin'), await org.join(organization)];
    const forbidden = [403, 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER'];
    for (const role of ['owner', 'admin,owner', ['member', 'owner'], ['admin, owner']]) {
      expect(refusal(await admin.browser.post(path, { memberId: member.memberId, role }))).toEqual(forbidden);
      expect(refusal(await admin.browser.post(path, { memberId: admin.memberId, role }))).toEqual(forbidden);
    }
    const { memberId } = organization.owner;
    expect(refusal(await admin.browser.post(path, { memberId, role: 'member' }))).toEqual(forbidden);
    expect(refusal(await admin.browser.post(path, { memberId, role: ['owner', 'member'] }))).toEqual(forbidden);
    expect(await org.roles(organization)).toEqual({
      [organization.owner.id]: 'owner',
      [admin.id]: 'admin',
      [member.id]: 'member',
    });
  });

  test('an owner steps down only while there is another', async () => {
    const organization = await org.found();
    const { browser, memberId, id } = organization.owner;
    const second = await org.join(organization);
    const alone = await browser.post(path, { memberId, role: 'admin' });
    expect(refusal(alone)).toEqual([400, 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER']);
    await browser.post(path, { memberId: second.memberId, role: 'owner' });
    expect((await browser.post(path, { memberId, role: 'admin' })).body.role).toBe('admin');
    expect((await org.roles(organization))[id]).toBe('admin');
  });

  test('unknown member 400, another organization’s 403, no right 403, no member oneself 400', async () => {
    const [here, there] = [await org.found(), await org.found()];
    const member = await org.join(here);
    const unknown = await here.owner.browser.post(path, { memberId: 'nobody', role: 'admin' });
    expect(refusal(unknown)).toEqual([400, 'MEMBER_NOT_FOUND']);
    const foreign = await here.owner.browser.post(path, { memberId: there.owner.memberId, role: 'member' });
    expect(refusal(foreign)).toEqual([403, 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER']);
    const powerless = await member.browser.post(path, { memberId: member.memberId, role: 'admin' });
    expect(refusal(powerless)).toEqual([403, 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER']);
    const outside = await there.owner.browser.post(path, {
      memberId: member.memberId,
      role: 'admin',
      organizationId: here.id,
    });
    expect(refusal(outside)).toEqual([400, 'MEMBER_NOT_FOUND']);
    expect((await org.roles(here))[member.id]).toBe('member');
  });
});

onOneEngine('Leaving and removing', {}, (stage) => {
  const org = organizations(stage);
  const remove = '/organization/remove-member';

  test('leave answers the member with user, and clears the active organization of all their sessions', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const second = await stage.signIn(member);
    await second.post('/organization/set-active', { organizationId: organization.id });
    const reply = await member.browser.post('/organization/leave', { organizationId: organization.id });
    expect(reply.body).toMatchObject({ id: member.memberId, role: 'member', user: { email: member.email } });
    for (const browser of [member.browser, second]) expect((await org.active(browser)).organization).toBeNull();
    const again = await member.browser.post('/organization/leave', { organizationId: organization.id });
    expect(refusal(again)).toEqual([400, 'MEMBER_NOT_FOUND']);
  });

  test('by id and by address; what they had is gone on the next request', async () => {
    const organization = await org.found();
    const [first, second] = [await org.join(organization), await org.join(organization, 'admin')];
    const { browser } = organization.owner;
    const byId = await browser.post(remove, { memberIdOrEmail: first.memberId });
    expect(byId.body.member).toMatchObject({ id: first.memberId, userId: first.id, role: 'member' });
    const byAddress = await browser.post(remove, { memberIdOrEmail: second.email.toUpperCase() });
    expect(byAddress.body.member.userId).toBe(second.id);
    expect((await org.active(second.browser)).organization).toBeNull();
    const late = await second.browser.post('/organization/update', {
      organizationId: organization.id,
      data: { name: 'Mine' },
    });
    expect(refusal(late)).toEqual([400, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION']);
    expect(await stage.world.eventTypes(second.id)).toContain('organization.member_removed');
  });

  test('the last owner stays: by leaving, by removal of oneself, by an admin', async () => {
    const organization = await org.found();
    const admin = await org.join(organization, 'admin');
    const lastOwner = [400, 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER'];
    const { browser, memberId, id } = organization.owner;
    expect(refusal(await browser.post('/organization/leave', { organizationId: organization.id }))).toEqual(lastOwner);
    expect(refusal(await browser.post(remove, { memberIdOrEmail: memberId }))).toEqual(lastOwner);
    expect(refusal(await admin.browser.post(remove, { memberIdOrEmail: memberId }))).toEqual(lastOwner);
    expect((await org.roles(organization))[id]).toBe('owner');
  });

  test('an owner may go once there is another', async () => {
    const organization = await org.found();
    const second = await org.join(organization, 'owner');
    const reply = await organization.owner.browser.post('/organization/leave', { organizationId: organization.id });
    expect(reply.status).toBe(200);
    expect((await second.browser.get('/organization/list-members')).body.total).toBe(1);
  });

  test('no right 401; unknown, foreign or no member oneself 400; none active 400', async () => {
    const [here, there] = [await org.found(), await org.found()];
    const member = await org.join(here);
    expect(refusal(await member.browser.post(remove, { memberIdOrEmail: here.owner.memberId }))).toEqual([
      401,
      'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER',
    ]);
    for (const memberIdOrEmail of ['nobody', 'nobody@example.com', there.owner.memberId, there.owner.email]) {
      expect(refusal(await here.owner.browser.post(remove, { memberIdOrEmail }))).toEqual([400, 'MEMBER_NOT_FOUND']);
    }
    const stranger = await stage.member();
    const asked = { memberIdOrEmail: member.memberId, organizationId: here.id };
    expect(refusal(await stranger.browser.post(remove, asked))).toEqual([400, 'MEMBER_NOT_FOUND']);
    expect(refusal(await stranger.browser.post(remove, { memberIdOrEmail: 'x' }))).toEqual([
      400,
      'NO_ACTIVE_ORGANIZATION',
    ]);
  });
});

onOneEngine('POST /organization/has-permission', {}, (stage) => {
  const org = organizations(stage);
  const path = '/organization/has-permission';

  test('owner everything, admin all but deletion, member nothing of these', async () => {
    const organization = await org.found();
    const [admin, member] = [await org.join(organization, 'admin'), await org.join(organization)];
    const may = async (who: { browser: typeof admin.browser }, permissions: object) =>
      (await who.browser.post(path, { permissions })).body;
    expect(await may(organization.owner, { organization: ['update', 'delete'], member: ['create'] })).toEqual({
      error: null,
      success: true,
    });
    expect((await may(admin, { organization: ['update'], invitation: ['create', 'cancel'] })).success).toBe(true);
    expect((await may(admin, { organization: ['update', 'delete'] })).success).toBe(false);
    expect((await may(member, { invitation: ['create'] })).success).toBe(false);
    expect((await may(member, { ac: ['read'] })).success).toBe(true);
  });

  test('what nobody knows, nobody has; to ask for nothing is no; `permission` is an alias', async () => {
    const { owner } = await org.found();
    const ask = async (body: object) => (await owner.browser.post(path, body)).body.success;
    expect(await ask({ permissions: { project: ['create'] } })).toBe(false);
    expect(await ask({ permissions: { organization: ['sell'] } })).toBe(false);
    expect(await ask({ permissions: {} })).toBe(false);
    expect(await ask({ permission: { organization: ['update'] } })).toBe(true);
    expect(refusal(await owner.browser.post(path, {}))).toEqual([400, 'VALIDATION_ERROR']);
  });

  test('none active 400, no member 401', async () => {
    const { id } = await org.found();
    const { browser } = await stage.member();
    const permissions = { organization: ['update'] };
    expect(refusal(await browser.post(path, { permissions }))).toEqual([400, 'NO_ACTIVE_ORGANIZATION']);
    expect(refusal(await browser.post(path, { permissions, organizationId: id }))).toEqual([
      401,
      'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
    ]);
  });
});

onOneEngine('GET /organization/list-members', {}, (stage) => {
  const org = organizations(stage);
  const path = '/organization/list-members';

  async function threeMembers() {
    const organization = await org.found();
    stage.world.clock.advance(1000);
    const admin = await org.join(organization, ['admin', 'member']);
    stage.world.clock.advance(1000);
    const member = await org.join(organization);
    const list = async (query: string) => {
      const reply = await organization.owner.browser.get(`${path}?${query}`);
      return (reply.body.members as { userId: string }[]).map(({ userId }) => userId);
    };
    return { organization, owner: organization.owner.id, admin: admin.id, member, list };
  }

  test('pages, with the total of all', async () => {
    const { organization, owner, admin, member, list } = await threeMembers();
    expect(await list('')).toEqual([owner, admin, member.id]);
    expect(await list('limit=1&offset=1')).toEqual([admin]);
    const reply = await organization.owner.browser.get(`${path}?limit=1`);
    expect(reply.body).toMatchObject({ total: 3, members: [{ userId: owner, user: { name: 'Ada' } }] });
  });

  test('an id that is not there cannot be told from one of others; a slug can', async () => {
    const [organization, stranger] = [await org.found(), await stage.member()];
    for (const read of [path, '/organization/get-active-member-role']) {
      for (const id of [organization.id, 'nowhere']) {
        const reply = await stranger.browser.get(`${read}?organizationId=${id}`);
        expect([read, id, ...refusal(reply)]).toEqual([read, id, 403, 'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION']);
      }
      const reply = await stranger.browser.get(`${read}?organizationSlug=nowhere`);
      expect([read, ...refusal(reply)]).toEqual([read, 400, 'ORGANIZATION_NOT_FOUND']);
    }
  });

  test('sorts', async () => {
    const { owner, admin, member, list } = await threeMembers();
    expect(await list('sortBy=createdAt&sortDirection=desc')).toEqual([member.id, admin, owner]);
    expect(await list('sortBy=role')).toEqual([admin, member.id, owner]);
  });

  test('filters by every operator', async () => {
    const { organization, owner, admin, member, list } = await threeMembers();
    const by = (field: string, operator: string, ...values: string[]) =>
      list(
        `filterField=${field}&filterOperator=${operator}${values.map((v) => `&filterValue=${encodeURIComponent(v)}`).join('')}`,
      );
    expect(await list('filterField=role&filterValue=owner')).toEqual([owner]);
    expect(await by('role', 'ne', 'owner')).toEqual([admin, member.id]);
    expect(await by('role', 'contains', 'member')).toEqual([admin, member.id]);
    expect(await by('role', 'starts_with', 'adm')).toEqual([admin]);
    expect(await by('role', 'ends_with', 'er')).toEqual([owner, admin, member.id]);
    expect(await by('role', 'contains', '%')).toEqual([]);
    expect(await by('userId', 'in', owner, member.id)).toEqual([owner, member.id]);
    expect(await by('userId', 'not_in', owner)).toEqual([admin, member.id]);
    const { createdAt } = (await organization.owner.browser.get(`${path}?filterField=userId&filterValue=${admin}`)).body
      .members[0];
    expect(await by('createdAt', 'eq', createdAt)).toEqual([admin]);
    expect(await by('createdAt', 'gt', createdAt)).toEqual([member.id]);
    expect(await by('createdAt', 'gte', createdAt)).toEqual([admin, member.id]);
    expect(await by('createdAt', 'lt', createdAt)).toEqual([owner]);
    expect(await by('createdAt', 'lte', String(Date.parse(createdAt)))).toEqual([owner, admin]);
  });

  test('of other columns, and by what is no value, nothing is told', async () => {
    const { owner } = await org.found();
    for (const query of [
      'filterField=user.email&filterValue=x',
      'sortBy=password',
      'filterField=createdAt&filterValue=yesterday',
      'filterField=role&filterValue=%00',
    ]) {
      expect(refusal(await owner.browser.get(`${path}?${query}`))).toEqual([400, 'VALIDATION_ERROR']);
    }
  });

  test('by id and by slug; outsiders 403; unknown 400', async () => {
    const { id, slug, owner } = await org.found();
    const second = await stage.signIn(owner);
    expect(refusal(await second.get(path))).toEqual([400, 'NO_ACTIVE_ORGANIZATION']);
    for (const query of [`organizationId=${id}`, `organizationSlug=${slug}`]) {
      expect((await second.get(`${path}?${query}`)).body.total).toBe(1);
      expect(refusal(await (await stage.member()).browser.get(`${path}?${query}`))).toEqual([
        403,
        'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION',
      ]);
    }
    expect(refusal(await second.get(`${path}?organizationSlug=no`))).toEqual([400, 'ORGANIZATION_NOT_FOUND']);
  });
});

onOneEngine('Deleting a person', { policy: { 'users.selfDeletion': true } }, (stage) => {
  const org = organizations(stage);

  test('ends their memberships, and the organizations they were alone in', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const own = await member.browser.post('/organization/create', { name: 'Alone', slug: org.slug() });
    expect((await member.browser.post('/delete-user')).status).toBe(200);
    expect(Object.keys(await org.roles(organization))).toEqual([organization.owner.id]);
    const free = await organization.owner.browser.post('/organization/check-slug', { slug: own.body.slug });
    expect(free.body).toEqual({ status: true });
  });

  test('is refused while others would be left without an owner', async () => {
    const organization = await org.found();
    await org.join(organization);
    expect(refusal(await organization.owner.browser.post('/delete-user'))).toEqual([
      400,
      'YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER',
    ]);
    expect((await organization.owner.browser.get('/get-session')).body.user.id).toBe(organization.owner.id);
    const admin = await stage.member();
    const cli = stage.world.app.mainProject.context('cli');
    await asSystem(cli, (tx) => tx.users.setRoles(admin.id, ['admin'], null, cli.clock.now()));
    const removed = await admin.browser.post('/admin/remove-user', { userId: organization.owner.id });
    expect(refusal(removed)).toEqual([400, 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER']);
    // And the one who could do it is the last administrator.
    const last = await admin.browser.post('/delete-user');
    expect(refusal(last)).toEqual([403, 'YOU_CANNOT_LEAVE_THE_PROJECT_WITHOUT_AN_ADMINISTRATOR']);
  });
});
