import { createAuthClient as createNewest } from 'better-auth/client';
import { organizationClient as newestPlugin } from 'better-auth/client/plugins';
import { createAuthClient as createSeed } from 'better-auth-seed/client';
import { organizationClient as seedPlugin } from 'better-auth-seed/client/plugins';
import { describe, expect, test } from 'vitest';
import type { Browser } from '../../kit/browser.ts';
import { onOneEngine, type Stage } from '../../kit/stage.ts';

/** Unmodified clients of both eras. Only `fetch` is ours: it keeps cookies and sends an origin, as a browser would. */
const newest = (browser: Browser) =>
  createNewest({
    baseURL: browser.base,
    plugins: [newestPlugin({ teams: { enabled: true } })],
    fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
  });

const seed = (browser: Browser) =>
  createSeed({
    baseURL: browser.base,
    plugins: [seedPlugin({ teams: { enabled: true } })],
    fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
  });

const policy = { 'organizations.teams': true, 'organizations.dynamicRoles': true };
let slugs = 0;

async function pair(stage: Stage) {
  const [owner, guest] = [await stage.member({ verified: true }), await stage.member({ verified: true })];
  slugs += 1;
  return { owner, guest, slug: `client-${slugs}` };
}

onOneEngine('organizationClient', { policy }, (stage) => {
  test('the newest client founds, invites, promotes, lets go and deletes', async () => {
    const { owner, guest, slug } = await pair(stage);
    const [mine, theirs] = [newest(owner.browser).organization, newest(guest.browser).organization];

    expect((await mine.checkSlug({ slug })).data).toEqual({ status: true });
    const made = await mine.create({ name: 'Orchard', slug, metadata: { k: 'v' } });
    expect(made.error).toBeNull();
    expect(made.data).toMatchObject({ name: 'Orchard', slug, metadata: { k: 'v' } });
    expect(made.data!.createdAt).toBeInstanceOf(Date);
    const organizationId = made.data!.id;

    const invited = await mine.inviteMember({ email: guest.email, role: 'member' });
    expect(invited.data).toMatchObject({ status: 'pending', email: guest.email });
    expect((await theirs.listUserInvitations()).data).toHaveLength(1);
    const invitationId = invited.data!.id;
    expect((await theirs.getInvitation({ query: { id: invitationId } })).data).toMatchObject({
      organizationName: 'Orchard',
      inviterEmail: owner.email,
    });
    const accepted = await theirs.acceptInvitation({ invitationId });
    expect(accepted.data).toMatchObject({ invitation: { status: 'accepted' }, member: { role: 'member' } });
    const memberId = accepted.data!.member.id;

    expect((await theirs.hasPermission({ permissions: { organization: ['update'] } })).data?.success).toBe(false);
    expect((await mine.updateMemberRole({ memberId, role: ['admin'] })).error).toBeNull();
    expect((await theirs.hasPermission({ permissions: { organization: ['update'] } })).data?.success).toBe(true);
    expect((await theirs.getActiveMember()).data).toMatchObject({ role: 'admin', user: { email: guest.email } });
    expect((await theirs.getActiveMemberRole()).data).toEqual({ role: 'admin' });

    const full = await mine.getFullOrganization({ query: { organizationSlug: slug } });
    expect(full.data).toMatchObject({ id: organizationId, metadata: '{"k":"v"}' });
    expect(full.data!.members).toHaveLength(2);
    const listed = await mine.listMembers({
      query: { limit: 1, sortBy: 'createdAt', sortDirection: 'desc' },
    });
    expect(listed.data).toMatchObject({ total: 2, members: [{ userId: guest.id }] });

    expect((await mine.update({ data: { name: 'Grove' } })).data).toMatchObject({ name: 'Grove' });
    expect((await theirs.list()).data).toMatchObject([{ id: organizationId, name: 'Grove' }]);
    expect((await mine.setActive({ organizationId: null })).data).toBeNull();
    expect((await mine.setActive({ organizationSlug: slug })).data).toMatchObject({ id: organizationId });

    expect((await mine.removeMember({ memberIdOrEmail: guest.email })).data).toMatchObject({
      member: { id: memberId },
    });
    expect((await theirs.list()).data).toEqual([]);
    expect((await mine.leave({ organizationId })).error).toMatchObject({
      status: 400,
      code: 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER',
    });
    expect((await mine.delete({ organizationId })).data).toMatchObject({ id: organizationId });
    expect((await mine.getFullOrganization()).data).toBeNull();
  });

  test('the newest client works in teams', async () => {
    const { owner, guest, slug } = await pair(stage);
    const [mine, theirs] = [newest(owner.browser).organization, newest(guest.browser).organization];
    const organization = await mine.create({ name: 'Orchard', slug });
    const organizationId = organization.data!.id;
    const { data: team } = await mine.createTeam({ name: 'Pickers' });
    const invited = await mine.inviteMember({ email: guest.email, role: 'member', teamId: team!.id });
    await theirs.acceptInvitation({ invitationId: invited.data!.id });

    expect((await theirs.listTeamMembers({ query: {} })).data).toMatchObject([{ userId: guest.id }]);
    expect((await theirs.listUserTeams()).data).toMatchObject([{ id: team!.id, name: 'Pickers' }]);
    expect((await mine.listTeams({ query: { organizationId } })).data).toHaveLength(2);
    expect((await mine.updateTeam({ teamId: team!.id, data: { name: 'Planters' } })).data).toMatchObject({
      name: 'Planters',
    });
    expect((await mine.addTeamMember({ teamId: team!.id, userId: owner.id })).data).toMatchObject({ userId: owner.id });
    expect((await mine.setActiveTeam({ teamId: team!.id })).data).toMatchObject({ id: team!.id });
    expect((await mine.setActiveTeam({ teamId: null })).data).toBeNull();
    const out = await mine.removeTeamMember({ teamId: team!.id, userId: guest.id });
    expect(out.data).toMatchObject({ message: 'Team member removed successfully.' });
    expect((await mine.removeTeam({ teamId: team!.id })).data).toMatchObject({ message: 'Team removed successfully.' });
  });

  test('the newest client makes roles', async () => {
    const { owner, slug } = await pair(stage);
    const client = createNewest({
      baseURL: owner.browser.base,
      plugins: [newestPlugin({ dynamicAccessControl: { enabled: true } })],
      fetchOptions: { customFetchImpl: owner.browser.fetch as typeof fetch },
    });
    const mine = client.organization;
    await mine.create({ name: 'Orchard', slug });
    const permission = { invitation: ['create' as const] };
    expect((await mine.createRole({ role: 'Recruiter', permission })).data).toMatchObject({
      success: true,
      roleData: { role: 'recruiter', permission },
    });
    expect((await mine.listRoles()).data).toHaveLength(1);
    expect((await mine.getRole({ query: { roleName: 'recruiter' } })).data).toMatchObject({ permission });
    const grown = await mine.updateRole({ roleName: 'recruiter', data: { permission: { member: ['delete'] } } });
    expect(grown.data).toMatchObject({ roleData: { permission: { member: ['delete'] } } });
    expect((await mine.deleteRole({ roleName: 'recruiter' })).data).toEqual({ success: true });
  });

  describe('the client of the seed era', () => {
    test('does what it could do then', async () => {
      const { owner, guest, slug } = await pair(stage);
      const [mine, theirs] = [seed(owner.browser).organization, seed(guest.browser).organization];
      const made = await mine.create({ name: 'Orchard', slug });
      expect(made.error).toBeNull();
      const organizationId = made.data!.id;
      expect((await mine.checkSlug({ slug })).error).toMatchObject({ status: 400 });

      const { data: team } = await mine.createTeam({ name: 'Pickers', organizationId });
      const invited = await mine.inviteMember({ email: guest.email, role: 'member' });
      const accepted = await theirs.acceptInvitation({ invitationId: invited.data!.id });
      expect(accepted.data).toMatchObject({ member: { organizationId, role: 'member' } });
      const { members, invitations } = (await mine.setActive({ organizationId })).data as unknown as {
        members: unknown[];
        invitations: unknown[];
      };
      expect([members.length, invitations.length]).toEqual([2, 1]);

      expect((await theirs.hasPermission({ permission: { member: ['delete'] } })).data?.success).toBe(false);
      const memberId = accepted.data!.member.id;
      expect((await mine.updateMemberRole({ memberId, role: 'admin' })).error).toBeNull();
      expect((await theirs.getActiveMember()).data).toMatchObject({ role: 'admin' });
      expect((await mine.listTeams()).data).toHaveLength(2);
      expect((await mine.removeTeam({ teamId: team!.id })).error).toBeNull();
      expect((await mine.getFullOrganization()).data).toMatchObject({ id: organizationId });
      expect((await mine.removeMember({ memberIdOrEmail: memberId })).data).toMatchObject({ member: { id: memberId } });
      expect((await theirs.list()).data).toEqual([]);
      expect((await mine.delete({ organizationId })).error).toBeNull();
    });
  });
});
