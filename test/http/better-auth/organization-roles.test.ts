import { expect, test } from 'vitest';
import { organizations, refusal } from '../../kit/organization.ts';
import { onOneEngine } from '../../kit/stage.ts';

const withRoles = { policy: { 'organizations.dynamicRoles': true } };
const creating = '/organization/create-role';

onOneEngine('Roles an organization makes', withRoles, (stage) => {
  const org = organizations(stage);

  test('hold what they say, beside the built-in ones', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    const permission = { invitation: ['create', 'cancel'], member: ['update'] };
    const made = await browser.post(creating, { role: 'Recruiter', permission });
    expect(made.body).toMatchObject({
      success: true,
      roleData: { organizationId: organization.id, role: 'recruiter', permission },
      statements: permission,
    });
    const member = await org.join(organization, 'recruiter');
    expect((await org.roles(organization))[member.id]).toBe('recruiter');
    const may = async (permissions: object) =>
      (await member.browser.post('/organization/has-permission', { permissions })).body.success;
    expect(await may(permission)).toBe(true);
    expect(await may({ organization: ['update'] })).toBe(false);
    await org.invite(organization, stage.address(), 'recruiter', member.browser);
    expect((await member.browser.get('/organization/list-members')).body.total).toBe(2);
  });

  test('several roles do not add up to one question: one must hold all of it', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    await browser.post(creating, { role: 'inviter', permission: { invitation: ['create'] } });
    await browser.post(creating, { role: 'remover', permission: { member: ['delete'] } });
    const both = await org.join(organization, ['inviter', 'remover']);
    const may = async (permissions: object) =>
      (await both.browser.post('/organization/has-permission', { permissions })).body.success;
    expect(await may({ invitation: ['create'] })).toBe(true);
    expect(await may({ member: ['delete'] })).toBe(true);
    expect(await may({ invitation: ['create'], member: ['delete'] })).toBe(false);
  });

  test.each(['__proto__', 'constructor', 'a\u200bb', 'a\u202eb'])('%j is no name of a role', async (role) => {
    const { owner } = await org.found();
    const reply = await owner.browser.post(creating, { role, permission: { team: ['create'] } });
    expect(refusal(reply)).toEqual([400, 'VALIDATION_ERROR']);
  });

  test('a name is one in whatever letters it is written, and is found in all of them', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    const create = async (role: string) =>
      refusal(await browser.post(creating, { role, permission: { team: ['create'] } }));
    expect((await create('caf\u00e9'))[0]).toBe(200);
    for (const twin of ['cafe\u0301', 'ＣＡＦ\u00c9', 'ａｄｍｉｎ']) {
      expect(await create(twin)).toEqual([400, 'ROLE_NAME_IS_ALREADY_TAKEN']);
    }
    const found = await browser.get(`/organization/get-role?roleName=${encodeURIComponent('cafe\u0301')}`);
    expect([found.status, found.body.role]).toEqual([200, 'caf\u00e9']);
    const invited = { email: stage.address(), role: 'cafe\u0301' };
    expect((await browser.post('/organization/invite-member', invited)).body.role).toBe('caf\u00e9');
  });

  test('more roles than there can be are refused, before the database is asked for each', async () => {
    const { browser } = (await org.found()).owner;
    const role = Array.from({ length: 40_000 }, (_, at) => `role${at}`);
    const invited = await browser.post('/organization/invite-member', { email: stage.address(), role });
    expect(refusal(invited)).toEqual([400, 'VALIDATION_ERROR']);
  });

  test('a name is taken once, and never a built-in one', async () => {
    const { owner } = await org.found();
    const create = async (role: string) =>
      refusal(await owner.browser.post(creating, { role, permission: { team: ['create'] } }));
    expect((await create('smith'))[0]).toBe(200);
    for (const taken of ['smith', 'SMITH', 'Owner', 'admin', 'member']) {
      expect(await create(taken)).toEqual([400, 'ROLE_NAME_IS_ALREADY_TAKEN']);
    }
    for (const bad of ['', 'a,b', 'a\u0000b', 'x'.repeat(65)]) {
      expect(await create(bad)).toEqual([400, 'VALIDATION_ERROR']);
    }
  });

  test('nobody makes one that may more than they may', async () => {
    const organization = await org.found();
    const admin = await org.join(organization, 'admin');
    const permission = { organization: ['update', 'delete'] };
    const reply = await admin.browser.post(creating, { role: 'boss', permission });
    expect(refusal(reply)).toEqual([403, 'YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE']);
    expect(reply.body.missingPermissions).toEqual(['organization:delete']);
    const unknown = await admin.browser.post(creating, { role: 'boss', permission: { project: ['sell'] } });
    expect(refusal(unknown)).toEqual([400, 'INVALID_RESOURCE']);

    await organization.owner.browser.post(creating, { role: 'clerk', permission: { ac: ['update'] } });
    const clerk = await org.join(organization, 'clerk');
    const grown = await clerk.browser.post('/organization/update-role', {
      roleName: 'clerk',
      data: { permission: { organization: ['delete'] } },
    });
    expect(refusal(grown)).toEqual([403, 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE']);
    expect(grown.body.missingPermissions).toEqual(['organization:delete']);
  });

  test('nobody gives one that may more than they may', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    await browser.post(creating, { role: 'boss', permission: { organization: ['delete'] } });
    await browser.post(creating, { role: 'promoter', permission: { member: ['update'], invitation: ['create'] } });
    const promoter = await org.join(organization, 'promoter');
    const give = async (role: string) =>
      refusal(await promoter.browser.post('/organization/update-member-role', { memberId: promoter.memberId, role }));
    for (const role of ['boss', 'admin', 'promoter,boss']) {
      expect(await give(role)).toEqual([403, 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER']);
      const invited = await promoter.browser.post('/organization/invite-member', { email: stage.address(), role });
      expect(refusal(invited)).toEqual([403, 'YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE']);
    }
  });

  test('are listed, read, renamed and changed', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    const { roleData } = (await browser.post(creating, { role: 'smith', permission: { team: ['create'] } })).body;
    expect((await browser.get('/organization/list-roles')).body).toEqual([roleData]);
    for (const query of ['roleName=smith', `roleId=${roleData.id}`]) {
      expect((await browser.get(`/organization/get-role?${query}`)).body).toEqual(roleData);
    }
    const member = await org.join(organization, 'smith');
    const reply = await browser.post('/organization/update-role', {
      roleId: roleData.id,
      data: { roleName: 'Wright', permission: { team: ['update'] } },
    });
    expect(reply.body).toMatchObject({ success: true, roleData: { role: 'wright', permission: { team: ['update'] } } });
    expect((await org.roles(organization))[member.id]).toBe('wright');
    const may = async (action: string) =>
      (await member.browser.post('/organization/has-permission', { permissions: { team: [action] } })).body.success;
    expect([await may('create'), await may('update')]).toEqual([false, true]);
  });

  test('a role somebody holds stays; built-in ones always', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    await browser.post(creating, { role: 'smith', permission: { team: ['create'] } });
    const member = await org.join(organization, 'smith');
    const remove = async (roleName: string) => refusal(await browser.post('/organization/delete-role', { roleName }));
    expect(await remove('smith')).toEqual([400, 'ROLE_IS_ASSIGNED_TO_MEMBERS']);
    expect(await remove('admin')).toEqual([400, 'CANNOT_DELETE_A_PRE_DEFINED_ROLE']);
    expect(await remove('nobody')).toEqual([400, 'ROLE_NOT_FOUND']);
    expect(refusal(await browser.post('/organization/delete-role', {}))).toEqual([400, 'ROLE_NOT_FOUND']);
    await browser.post('/organization/update-member-role', { memberId: member.memberId, role: 'member' });
    expect((await browser.post('/organization/delete-role', { roleName: 'smith' })).body).toEqual({ success: true });
    expect((await browser.get('/organization/list-roles')).body).toEqual([]);
  });

  test('an invitation to a role that is gone leads to membership, not to a new role of its name', async () => {
    const organization = await org.found();
    const { browser } = organization.owner;
    await browser.post(creating, { role: 'smith', permission: { team: ['create'] } });
    const guest = await stage.member({ verified: true });
    const { id: invitationId } = await org.invite(organization, guest.email, 'smith');
    await browser.post('/organization/delete-role', { roleName: 'smith' });
    await browser.post(creating, { role: 'smith', permission: { organization: ['delete'] } });
    const reply = await guest.browser.post('/organization/accept-invitation', { invitationId });
    expect(reply.body.member.role).toBe('member');
  });

  test('members read them and change nothing; outsiders see nothing; other organizations are not touched', async () => {
    const [here, there] = [await org.found(), await org.found()];
    await here.owner.browser.post(creating, { role: 'smith', permission: { team: ['create'] } });
    const { body: roles } = await here.owner.browser.get('/organization/list-roles');
    const member = await org.join(here);
    expect((await member.browser.get('/organization/list-roles')).body).toEqual(roles);
    const operations = {
      create: { role: 'x', permission: {} },
      update: { roleName: 'smith', data: { roleName: 'x' } },
      delete: { roleName: 'smith' },
    };
    for (const [operation, body] of Object.entries(operations)) {
      const path = `/organization/${operation}-role`;
      expect(refusal(await member.browser.post(path, body))).toEqual([
        403,
        `YOU_ARE_NOT_ALLOWED_TO_${operation.toUpperCase()}_A_ROLE`,
      ]);
      const outside = await there.owner.browser.post(path, { ...body, organizationId: here.id });
      expect(refusal(outside)).toEqual([403, 'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION']);
    }
    for (const path of ['update-role', 'delete-role']) {
      const foreign = await there.owner.browser.post(`/organization/${path}`, { roleId: roles[0].id, data: {} });
      expect(refusal(foreign)).toEqual([400, 'ROLE_NOT_FOUND']);
    }
    const elsewhere = await there.owner.browser.post('/organization/invite-member', {
      email: stage.address(),
      role: 'smith',
    });
    expect(refusal(elsewhere)).toEqual([400, 'ROLE_NOT_FOUND']);
    const nowhere = await (await stage.member()).browser.post(creating, operations.create);
    expect(refusal(nowhere)).toEqual([400, 'YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE']);
  });
});

onOneEngine('Without roles of their own', {}, (stage) => {
  const org = organizations(stage);

  test('their operations are not there', async () => {
    const { owner } = await org.found();
    const reply = await owner.browser.post(creating, { role: 'x', permission: {} });
    expect([reply.status, reply.text]).toEqual([404, '']);
    expect((await stage.browser().get('/organization/list-roles')).status).toBe(404);
  });
});
