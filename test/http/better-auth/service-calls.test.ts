import { expect, test } from 'vitest';
import { organizations, refusal } from '../../kit/organization.ts';
import { onOneEngine, otherPassword, password } from '../../kit/stage.ts';

const serviceToken = 'service-token-0123456789-0123456789';

onOneEngine('What a back end does with its service token', { betterAuth: { serviceToken } }, (stage) => {
  const org = organizations(stage);
  const service = () => stage.browser({ authorization: `Bearer ${serviceToken}` });

  test('people are administered without a session', async () => {
    const email = stage.address();
    const made = await service().post('/admin/create-user', { email, password, name: 'Made', role: 'admin' });
    expect(made.body.user).toMatchObject({ email, role: 'admin' });
    const userId = made.body.user.id;
    expect((await service().get(`/admin/get-user?id=${userId}`)).body.email).toBe(email);
    expect((await service().get('/admin/list-users')).body.total).toBeGreaterThan(0);
    const edited = await service().post('/admin/update-user', { userId, data: { name: 'Renamed' } });
    expect(edited.body.name).toBe('Renamed');
    const member = await stage.signIn({ email });
    expect((await service().post('/admin/list-user-sessions', { userId })).body.sessions).toHaveLength(1);
    await service().post('/admin/set-user-password', { userId, newPassword: otherPassword });
    expect((await member.get('/get-session')).body).toBeNull();
    await service().post('/admin/ban-user', { userId });
    expect((await stage.browser().post('/sign-in/email', { email, password: otherPassword })).status).toBe(403);
    await service().post('/admin/unban-user', { userId });
    expect((await service().post('/admin/remove-user', { userId })).body).toEqual({ success: true });
  });

  test('organizations are founded for somebody, filled, changed and deleted', async () => {
    const [owner, guest] = [await stage.member(), await stage.member()];
    const body = { name: 'Served', slug: org.slug(), userId: owner.id };
    const { id: organizationId, members } = (await service().post('/organization/create', body)).body;
    expect(members).toEqual([expect.objectContaining({ userId: owner.id, role: 'owner' })]);
    const nowhere = await service().get('/organization/list-members?organizationId=nowhere');
    expect(refusal(nowhere)).toEqual([400, 'ORGANIZATION_NOT_FOUND']);
    const added = await service().post('/organization/add-member', { organizationId, userId: guest.id, role: 'admin' });
    expect(added.body).toMatchObject({ organizationId, userId: guest.id, role: 'admin' });
    const again = await service().post('/organization/add-member', { organizationId, userId: guest.id, role: 'admin' });
    expect(refusal(again)).toEqual([400, 'USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION']);
    const role = { organizationId, memberId: added.body.id, role: 'member' };
    expect((await service().post('/organization/update-member-role', role)).body.role).toBe('member');
    const invited = await service().post('/organization/invite-member', {
      ...{ organizationId, email: stage.address(), role: 'member' },
    });
    expect(invited.body).toMatchObject({ status: 'pending', inviterId: null });
    const full = await service().get(`/organization/get-full-organization?organizationId=${organizationId}`);
    expect([full.body.members.length, full.body.invitations.length]).toEqual([2, 1]);
    expect((await service().get(`/organization/list-members?organizationId=${organizationId}`)).body.total).toBe(2);
    await service().post('/organization/cancel-invitation', { invitationId: invited.body.id });
    const removed = { organizationId, memberIdOrEmail: guest.email };
    expect((await service().post('/organization/remove-member', removed)).body.member.user.email).toBe(guest.email);
    const renamed = await service().post('/organization/update', { organizationId, data: { name: 'New' } });
    expect(renamed.body.name).toBe('New');
    expect((await service().post('/organization/delete', { organizationId })).status).toBe(200);
    expect((await owner.browser.get('/organization/list')).body).toEqual([]);
  });

  test('a first password is set for the user whose cookie comes along', async () => {
    const email = stage.address();
    const browser = stage.browser();
    await browser.post('/email-otp/send-verification-otp', { email, type: 'sign-in' });
    const otp = /\b(\d{6})\b/.exec((await stage.world.mail(email)).text)![1]!;
    await browser.post('/sign-in/email-otp', { email, otp });
    const cookie = await browser.jar.getCookieString(browser.base);
    const set = (newPassword: string) => service().post('/set-password', { newPassword }, { cookie });
    expect(refusal(await set('short'))).toEqual([400, 'PASSWORD_TOO_SHORT']);
    expect((await set(password)).body).toEqual({ status: true });
    expect(refusal(await set(otherPassword))).toEqual([400, 'PASSWORD_ALREADY_SET']);
    expect((await stage.browser().post('/sign-in/email', { email, password })).status).toBe(200);
    expect((await service().post('/set-password', { newPassword: password })).status).toBe(400);
  });

  test('nobody else finds them', async () => {
    const { browser } = await stage.member();
    const wrong = stage.browser({ authorization: 'Bearer wrong-token-0123456789-0123456789-xx' });
    for (const caller of [browser, wrong, stage.browser()]) {
      expect((await caller.post('/set-password', { newPassword: password })).status).toBe(404);
      const body = { organizationId: 'x', userId: 'y', role: 'member' };
      expect((await caller.post('/organization/add-member', body)).status).toBe(404);
      expect([401, 403]).toContain((await caller.get('/admin/list-users')).status);
    }
  });
});
