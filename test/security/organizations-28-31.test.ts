import { describe, expect, test } from 'vitest';
import type { Browser, Reply } from '../kit/browser.ts';
import { type Founded, organizations } from '../kit/organization.ts';
import { onEveryEngine, type Stage } from '../kit/stage.ts';
import { aProject } from '../kit/test-config.ts';

const policy = { 'organizations.teams': true, 'organizations.dynamicRoles': true };

/** Every operation that takes an id of an organization or of what is in it. */
interface Target {
  readonly organization: string;
  readonly member: string;
  readonly user: string;
  readonly invitation: string;
  readonly team: string;
  readonly role: string;
}

const operations: readonly (readonly [string, (browser: Browser, of: Target) => Promise<Reply>])[] = [
  ['update', (b, of) => b.post('/organization/update', { organizationId: of.organization, data: { name: 'Stolen' } })],
  ['delete', (b, of) => b.post('/organization/delete', { organizationId: of.organization })],
  ['set-active', (b, of) => b.post('/organization/set-active', { organizationId: of.organization })],
  ['get-full-organization', (b, of) => b.get(`/organization/get-full-organization?organizationId=${of.organization}`)],
  ['get-organization', (b, of) => b.get(`/organization/get-organization?organizationId=${of.organization}`)],
  [
    'invite-member',
    (b, of) =>
      b.post('/organization/invite-member', {
        organizationId: of.organization,
        email: 'mallory@example.com',
        role: 'owner',
      }),
  ],
  ['cancel-invitation', (b, of) => b.post('/organization/cancel-invitation', { invitationId: of.invitation })],
  ['accept-invitation', (b, of) => b.post('/organization/accept-invitation', { invitationId: of.invitation })],
  ['reject-invitation', (b, of) => b.post('/organization/reject-invitation', { invitationId: of.invitation })],
  ['get-invitation', (b, of) => b.get(`/organization/get-invitation?id=${of.invitation}`)],
  ['list-invitations', (b, of) => b.get(`/organization/list-invitations?organizationId=${of.organization}`)],
  ['remove-member', (b, of) => b.post('/organization/remove-member', { memberIdOrEmail: of.member })],
  [
    'remove-member of it',
    (b, of) => b.post('/organization/remove-member', { memberIdOrEmail: of.member, organizationId: of.organization }),
  ],
  ['update-member-role', (b, of) => b.post('/organization/update-member-role', { memberId: of.member, role: 'admin' })],
  [
    'update-member-role of it',
    (b, of) =>
      b.post('/organization/update-member-role', {
        memberId: of.member,
        role: 'admin',
        organizationId: of.organization,
      }),
  ],
  [
    'get-active-member-role',
    (b, of) => b.get(`/organization/get-active-member-role?organizationId=${of.organization}&userId=${of.user}`),
  ],
  ['list-members', (b, of) => b.get(`/organization/list-members?organizationId=${of.organization}`)],
  ['leave', (b, of) => b.post('/organization/leave', { organizationId: of.organization })],
  [
    'has-permission',
    (b, of) =>
      b.post('/organization/has-permission', {
        organizationId: of.organization,
        permissions: { organization: ['update'] },
      }),
  ],
  ['create-team', (b, of) => b.post('/organization/create-team', { name: 'X', organizationId: of.organization })],
  ['remove-team', (b, of) => b.post('/organization/remove-team', { teamId: of.team })],
  [
    'remove-team of it',
    (b, of) => b.post('/organization/remove-team', { teamId: of.team, organizationId: of.organization }),
  ],
  ['update-team', (b, of) => b.post('/organization/update-team', { teamId: of.team, data: { name: 'Stolen' } })],
  ['list-teams', (b, of) => b.get(`/organization/list-teams?organizationId=${of.organization}`)],
  ['set-active-team', (b, of) => b.post('/organization/set-active-team', { teamId: of.team })],
  ['list-user-teams', (b, of) => b.get(`/organization/list-user-teams?organizationId=${of.organization}`)],
  ['list-user-teams of them', (b, of) => b.get(`/organization/list-user-teams?userId=${of.user}`)],
  ['list-team-members', (b, of) => b.get(`/organization/list-team-members?teamId=${of.team}`)],
  ['add-team-member', (b, of) => b.post('/organization/add-team-member', { teamId: of.team, userId: of.user })],
  ['remove-team-member', (b, of) => b.post('/organization/remove-team-member', { teamId: of.team, userId: of.user })],
  [
    'create-role',
    (b, of) => b.post('/organization/create-role', { role: 'x', permission: {}, organizationId: of.organization }),
  ],
  ['get-role', (b, of) => b.get(`/organization/get-role?roleId=${of.role}`)],
  ['list-roles', (b, of) => b.get(`/organization/list-roles?organizationId=${of.organization}`)],
  ['update-role', (b, of) => b.post('/organization/update-role', { roleId: of.role, data: { roleName: 'stolen' } })],
  ['delete-role', (b, of) => b.post('/organization/delete-role', { roleId: of.role })],
];

async function furnish(stage: Stage, organization: Founded): Promise<Target> {
  const org = organizations(stage);
  const member = await org.join(organization);
  const { browser } = organization.owner;
  const team = await browser.post('/organization/create-team', { name: 'T' });
  await browser.post('/organization/add-team-member', { teamId: team.body.id, userId: member.id });
  const role = await browser.post('/organization/create-role', { role: 'smith', permission: {} });
  const invitation = await org.invite(organization, stage.address());
  return {
    organization: organization.id,
    member: member.memberId,
    user: member.id,
    invitation: invitation.id,
    team: team.body.id,
    role: role.body.roleData.id,
  };
}

/** Everything there is to see of an organization, for telling that nothing moved. */
async function picture({ browser }: Founded['owner'], { organization, team }: Target): Promise<unknown> {
  const of = `organizationId=${organization}`;
  const seen = [];
  await browser.post('/organization/add-team-member', {
    teamId: team,
    userId: (await browser.get('/get-session')).body.user.id,
  });
  for (const path of [
    `get-full-organization?${of}`,
    `list-invitations?${of}`,
    `list-teams?${of}`,
    `list-roles?${of}`,
  ]) {
    seen.push((await browser.get(`/organization/${path}`)).body);
  }
  seen.push((await browser.get(`/organization/list-team-members?teamId=${team}`)).body.length);
  return seen;
}

onEveryEngine('Ids of another organization (rule 28)', { policy }, (stage) => {
  const org = organizations(stage);

  test.each(operations)('%s does and tells nothing', async (_name, operate) => {
    const [theirs, mine] = [await org.found(), await org.found()];
    const target = await furnish(stage, theirs);
    const before = await picture(theirs.owner, target);
    const reply = await operate(mine.owner.browser, target);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(Object.keys(reply.body ?? {}).sort()).toEqual(['code', 'message']);
    expect(await picture(theirs.owner, target)).toEqual(before);
  });
});

const secondProject = {
  policy,
  projects: [aProject({ policy }), aProject({ key: 'other', displayName: 'Other', policy })],
};

onEveryEngine('Ids of another project (rule 31)', secondProject, (stage) => {
  const org = organizations(stage);

  describe('an organization of the other project', () => {
    test('has no row that this one can reach', async () => {
      const theirs = await org.found();
      const target = await furnish(stage, theirs);
      const other = stage.world.app.projects.configured.find(({ project }) => project.key === 'other')!;
      const { read } = other.store;
      expect(await read.organizations.find(target.organization)).toBeNull();
      expect(await read.organizations.findBySlug(theirs.slug)).toBeNull();
      expect(await read.organizations.listOf(theirs.owner.id)).toEqual([]);
      expect(await read.memberships.find(target.member)).toBeNull();
      expect(await read.memberships.findOf(target.organization, target.user)).toBeNull();
      expect(await read.memberships.findByAddress(target.organization, theirs.owner.email)).toBeNull();
      expect(await read.memberships.list(target.organization, { limit: 10 })).toEqual({ members: [], total: 0 });
      expect(await read.memberships.listOfUser(target.user)).toEqual([]);
      expect(await read.organizationRoles.ownOf(target.organization)).toEqual([]);
      expect(await read.organizationRoles.heldBy(target.member)).toEqual([]);
      expect(await read.invitations.find(target.invitation)).toBeNull();
      expect(await read.invitations.listOf(target.organization)).toEqual([]);
      expect(await read.teams.find(target.team)).toBeNull();
      expect(await read.teams.listOf(target.organization)).toEqual([]);
      expect(await read.teams.listOfUser(target.user)).toEqual([]);
      expect(await read.teams.listMembers(target.team)).toEqual([]);
      const before = await picture(theirs.owner, target);
      await other.store.transaction(async (tx) => {
        const now = stage.world.clock.now();
        expect(await tx.organizations.lock(target.organization)).toBeNull();
        await tx.organizations.update(target.organization, { name: 'Stolen' }, now);
        await tx.organizations.end(target.organization, now);
        await tx.memberships.setRoles(target.member, [], null, now);
        await tx.memberships.remove(target.member);
        await tx.memberships.removeAllOf(target.organization);
        await tx.organizationRoles.update(target.role, { key: 'stolen', permissions: new Set() }, now);
        await tx.organizationRoles.remove(target.role);
        await tx.organizationRoles.removeAllOf(target.organization);
        expect(await tx.invitations.decide(target.invitation, 'canceled', null, now)).toBe(false);
        await tx.invitations.cancelAllOf(target.organization, null, now);
        await tx.invitations.forgetTeam(target.organization, target.team, now);
        await tx.teams.rename(target.team, 'Stolen', now);
        expect(await tx.teams.removeMember(target.team, target.user)).toBe(false);
        await tx.teams.removeFromAll(target.organization, target.user);
        await tx.teams.remove(target.team);
        await tx.teams.removeAllOf(target.organization);
        await tx.sessions.clearActive({ organizationId: target.organization }, null, now);
      });
      expect(await picture(theirs.owner, target)).toEqual(before);
      expect((await org.active(theirs.owner.browser)).organization).toBe(target.organization);
    });
  });
});

onEveryEngine('Fields a client may not set (rule 30)', { policy }, (stage) => {
  const org = organizations(stage);

  test('creation and edit take no owner, id or date from the body', async () => {
    const { browser, id: userId } = await stage.member();
    const victim = await stage.member();
    const set = { id: 'mine', userId: victim.id, createdAt: '2000-01-01T00:00:00.000Z', createdBy: victim.id };
    const made = await browser.post('/organization/create', { name: 'X', slug: org.slug(), ...set });
    expect(made.body.members[0].userId).toBe(userId);
    expect(made.body.id).not.toBe('mine');
    expect(made.body.createdAt).not.toBe(set.createdAt);
    const edited = await browser.post('/organization/update', { data: { name: 'Y', ...set } });
    expect(edited.body).toMatchObject({ id: made.body.id, createdAt: made.body.createdAt, name: 'Y' });
    expect((await victim.browser.get('/organization/list')).body).toEqual([]);
  });

  test('an invitation takes no state, inviter or life from the body', async () => {
    const organization = await org.found();
    const reply = await organization.owner.browser.post('/organization/invite-member', {
      email: stage.address(),
      role: 'member',
      status: 'accepted',
      inviterId: 'x',
      expiresAt: '2100-01-01T00:00:00.000Z',
    });
    expect(reply.body).toMatchObject({ status: 'pending', inviterId: organization.owner.id });
    expect(reply.body.expiresAt < '2100').toBe(true);
  });
});
