import { expect, test } from 'vitest';
import { days } from '../../../src/base/clock.ts';
import { organizations, refusal } from '../../kit/organization.ts';
import { onOneEngine } from '../../kit/stage.ts';

const inviting = '/organization/invite-member';
const accepting = '/organization/accept-invitation';
const rejecting = '/organization/reject-invitation';

onOneEngine('POST /organization/invite-member', {}, (stage) => {
  const org = organizations(stage);

  test('answers the invitation, which lives 48 hours, and mails it', async () => {
    const { id, owner } = await org.found();
    const email = stage.address();
    const reply = await owner.browser.post(inviting, { email: email.toUpperCase(), role: ['member', 'admin'] });
    expect(reply.body).toMatchObject({
      organizationId: id,
      email,
      role: 'member,admin',
      status: 'pending',
      inviterId: owner.id,
      teamId: null,
    });
    expect(Date.parse(reply.body.expiresAt) - Date.parse(reply.body.createdAt)).toBe(days(2));
    const mail = await stage.world.mail(email);
    expect(mail.subject).toContain('Orchard');
    expect(mail.text).toContain('Ada invites you to Orchard');
    expect(mail.links[0]).toMatch(/\/-\/invitation\?code=[0-9a-z]{45}$/);
    expect(mail.text).not.toContain(reply.body.id);
  });

  test('the mailed link shows what it is for, joins nobody, and tells nothing once it is over', async () => {
    const organization = await org.found();
    const guest = await stage.member();
    const { id } = await org.invite(organization, guest.email);
    const [link] = (await stage.world.mail(guest.email)).links;
    for (let i = 0; i < 2; i += 1) {
      const shown = await stage.browser().get(link!);
      expect(shown.status).toBe(200);
      for (const part of ['Orchard', guest.email]) expect(shown.text).toContain(part);
    }
    expect(Object.keys(await org.roles(organization))).toEqual([organization.owner.id]);
    const page = link!.split('?')[0];
    expect((await stage.browser().get(`${page}?code=${id}`)).status).toBe(400);
    await organization.owner.browser.post('/organization/cancel-invitation', { invitationId: id });
    expect((await stage.browser().get(link!)).status).toBe(400);
  });

  test('a second time is 400 whatever the letter case', async () => {
    const { owner } = await org.found();
    const email = stage.address();
    await owner.browser.post(inviting, { email, role: 'member' });
    const again = await owner.browser.post(inviting, { email: email.toUpperCase(), role: 'admin' });
    expect(refusal(again)).toEqual([400, 'USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION']);
    expect(await stage.world.mails(email)).toHaveLength(1);
  });

  test('resend keeps id and role, lives longer, mails again; the code mailed before is worth nothing', async () => {
    const organization = await org.found();
    const guest = await stage.member();
    const first = await org.invite(organization, guest.email);
    const oldCode = await stage.mailedToken(guest.email);
    stage.world.clock.advance(days(1));
    const { browser } = organization.owner;
    const reply = await browser.post(inviting, { email: guest.email, role: 'admin', resend: true });
    expect(reply.body).toMatchObject({ id: first.id, role: 'member' });
    expect(Date.parse(reply.body.expiresAt) - Date.parse(first.expiresAt)).toBe(days(1));
    const code = await stage.mailedToken(guest.email);
    expect(code).not.toBe(oldCode);
    expect(refusal(await guest.browser.post(accepting, { invitationId: oldCode }))).toEqual([
      400,
      'INVITATION_NOT_FOUND',
    ]);
    expect((await guest.browser.post(accepting, { invitationId: code })).body.member.role).toBe('member');
  });

  test('after it ran out a new one is made', async () => {
    const organization = await org.found();
    const email = stage.address();
    const first = await org.invite(organization, email);
    stage.world.clock.advance(days(2));
    expect((await org.invite(organization, email)).id).not.toBe(first.id);
  });

  test.each([
    ['no address', 'nonsense', 'member', 400, 'INVALID_EMAIL'],
    ['an unknown role', 'x@example.com', 'nonsense', 400, 'ROLE_NOT_FOUND'],
  ])('refused: %s', async (_what, email, role, status, code) => {
    const { owner } = await org.found();
    expect(refusal(await owner.browser.post(inviting, { email, role }))).toEqual([status, code]);
  });

  test('a member is not invited again', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const reply = await organization.owner.browser.post(inviting, { email: member.email, role: 'member' });
    expect(refusal(reply)).toEqual([400, 'USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION']);
  });

  test('only owners invite owners, however it is written; an owner of several roles may', async () => {
    const organization = await org.found();
    const admin = await org.join(organization, 'admin');
    for (const role of ['owner', 'admin,owner', ['admin', 'owner'], ['member, owner']]) {
      const email = stage.address();
      expect(refusal(await admin.browser.post(inviting, { email, role }))).toEqual([
        403,
        'YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE',
      ]);
      expect(await stage.world.mails(email)).toEqual([]);
    }
    const second = await org.join(organization, ['admin', 'owner']);
    expect((await second.browser.post(inviting, { email: stage.address(), role: 'owner' })).body.role).toBe('owner');
  });

  test('members may not; strangers are no members; none active is 400', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const stranger = await stage.member();
    const body = { email: stage.address(), role: 'member' };
    expect(refusal(await member.browser.post(inviting, body))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION',
    ]);
    expect(refusal(await stranger.browser.post(inviting, { ...body, organizationId: organization.id }))).toEqual([
      400,
      'MEMBER_NOT_FOUND',
    ]);
    expect(refusal(await stranger.browser.post(inviting, body))).toEqual([400, 'ORGANIZATION_NOT_FOUND']);
  });

  test('an address gets a few mails an hour, whoever invites; the invitations are made', async () => {
    const email = stage.address();
    for (let i = 0; i < 7; i += 1) await org.invite(await org.found(), email);
    expect(await stage.world.mails(email)).toHaveLength(5);
  });
});

onOneEngine('POST /organization/accept-invitation', {}, (stage) => {
  const org = organizations(stage);

  test('makes a member of the invited role, and the organization active', async () => {
    const organization = await org.found();
    const guest = await stage.member({ verified: true });
    const { id } = await org.invite(organization, guest.email.toUpperCase(), ['admin', 'member']);
    const reply = await guest.browser.post(accepting, { invitationId: id });
    expect(reply.body).toMatchObject({
      invitation: { id, status: 'accepted', email: guest.email },
      member: { organizationId: organization.id, userId: guest.id, role: 'admin,member' },
    });
    expect((await org.active(guest.browser)).organization).toBe(organization.id);
    expect(await stage.world.eventTypes(guest.id)).toEqual(
      expect.arrayContaining(['organization.invitation_accepted', 'organization.member_added']),
    );
  });

  test('is for the invited address only, and only once it is verified', async () => {
    const organization = await org.found();
    const [guest, stranger] = [await stage.member(), await stage.member({ verified: true })];
    const { id: invitationId } = await org.invite(organization, guest.email);
    expect(refusal(await stranger.browser.post(accepting, { invitationId }))).toEqual([
      403,
      'YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION',
    ]);
    expect(refusal(await guest.browser.post(accepting, { invitationId }))).toEqual([
      403,
      'EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION',
    ]);
    expect(Object.keys(await org.roles(organization))).toEqual([organization.owner.id]);
  });

  test('the mailed code also proves the address', async () => {
    const organization = await org.found();
    const [guest, stranger] = [await stage.member(), await stage.member({ verified: true })];
    await org.invite(organization, guest.email);
    const code = await stage.mailedToken(guest.email);
    expect(refusal(await stranger.browser.post(accepting, { invitationId: code }))).toEqual([
      403,
      'YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION',
    ]);
    expect((await guest.browser.post(accepting, { invitationId: code })).status).toBe(200);
    expect((await guest.browser.get('/get-session')).body.user.emailVerified).toBe(true);
    expect(await stage.world.eventTypes(guest.id)).toContain('email.verified');
  });

  test('refused: unknown, expired, answered, canceled', async () => {
    const organization = await org.found();
    const guest = await stage.member({ verified: true });
    const gone = [400, 'INVITATION_NOT_FOUND'];
    const accept = async (invitationId: string) => refusal(await guest.browser.post(accepting, { invitationId }));
    expect(await accept('nobody')).toEqual(gone);
    const canceled = await org.invite(organization, guest.email);
    await organization.owner.browser.post('/organization/cancel-invitation', { invitationId: canceled.id });
    expect(await accept(canceled.id)).toEqual(gone);
    const rejected = await org.invite(organization, guest.email);
    await guest.browser.post(rejecting, { invitationId: rejected.id });
    expect(await accept(rejected.id)).toEqual(gone);
    const expired = await org.invite(organization, guest.email);
    stage.world.clock.advance(days(2));
    expect(await accept(expired.id)).toEqual(gone);
    const accepted = await org.invite(organization, guest.email);
    expect((await accept(accepted.id))[0]).toBe(200);
    expect(await accept(accepted.id)).toEqual(gone);
  });
});

onOneEngine('Answering and taking back', {}, (stage) => {
  const org = organizations(stage);
  const canceling = '/organization/cancel-invitation';

  test('the recipient rejects, also what ran out; nobody else does', async () => {
    const organization = await org.found();
    const [guest, stranger] = [await stage.member({ verified: true }), await stage.member({ verified: true })];
    const { id: invitationId } = await org.invite(organization, guest.email);
    stage.world.clock.advance(days(3));
    expect(refusal(await stranger.browser.post(rejecting, { invitationId }))).toEqual([
      403,
      'YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION',
    ]);
    const reply = await guest.browser.post(rejecting, { invitationId });
    expect(reply.body).toMatchObject({ invitation: { id: invitationId, status: 'rejected' }, member: null });
    const again = await guest.browser.post(rejecting, { invitationId });
    expect([...refusal(again), again.body.message]).toEqual([400, 'INVITATION_NOT_FOUND', 'Invitation not found!']);
  });

  test('whoever may cancel does, as often as they like; never what was answered', async () => {
    const organization = await org.found();
    const [admin, member] = [await org.join(organization, 'admin'), await org.join(organization)];
    const { id: invitationId } = await org.invite(organization, stage.address());
    expect(refusal(await member.browser.post(canceling, { invitationId }))).toEqual([
      403,
      'YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION',
    ]);
    expect(refusal(await (await org.found()).owner.browser.post(canceling, { invitationId }))).toEqual([
      400,
      'MEMBER_NOT_FOUND',
    ]);
    for (let i = 0; i < 2; i += 1) {
      expect((await admin.browser.post(canceling, { invitationId })).body.status).toBe('canceled');
    }
    const { body } = await admin.browser.get('/organization/list-invitations');
    const accepted = body.find(({ status }: { status: string }) => status === 'accepted');
    const late = await admin.browser.post(canceling, { invitationId: accepted.id });
    expect(refusal(late)).toEqual([400, 'INVITATION_NOT_FOUND']);
  });
});

onOneEngine('Reading invitations', {}, (stage) => {
  const org = organizations(stage);
  const reading = '/organization/get-invitation';

  test('the recipient sees whose it is', async () => {
    const organization = await org.found();
    const guest = await stage.member({ verified: true });
    const { id } = await org.invite(organization, guest.email);
    const { body } = await guest.browser.get(`${reading}?id=${id}`);
    expect(body).toMatchObject({
      id,
      email: guest.email,
      organizationName: 'Orchard',
      organizationSlug: organization.slug,
      inviterEmail: organization.owner.email,
    });
    expect((await stage.browser().get(`${reading}?id=${id}`)).status).toBe(401);
  });

  test('with the mailed code also before their address is verified; with the id only after', async () => {
    const organization = await org.found();
    const guest = await stage.member();
    const { id } = await org.invite(organization, guest.email);
    const code = await stage.mailedToken(guest.email);
    expect(refusal(await guest.browser.get(`${reading}?id=${id}`))).toEqual([
      403,
      'EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION',
    ]);
    expect((await guest.browser.get(`${reading}?id=${code}`)).body.id).toBe(id);
    expect((await guest.browser.get('/get-session')).body.user.emailVerified).toBe(false);
  });

  test('refused: another’s, unknown, of somebody who left', async () => {
    const organization = await org.found();
    const admin = await org.join(organization, 'admin');
    const guest = await stage.member({ verified: true });
    const { id } = await org.invite(organization, guest.email, 'member', admin.browser);
    expect(refusal(await admin.browser.get(`${reading}?id=${id}`))).toEqual([
      403,
      'YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION',
    ]);
    expect(refusal(await guest.browser.get(`${reading}?id=none`))).toEqual([400, 'INVITATION_NOT_FOUND']);
    await admin.browser.post('/organization/leave', { organizationId: organization.id });
    expect(refusal(await guest.browser.get(`${reading}?id=${id}`))).toEqual([
      400,
      'INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION',
    ]);
  });

  test('list-invitations shows every state to those who may invite, owners’ only to owners', async () => {
    const organization = await org.found();
    const [admin, member] = [await org.join(organization, 'admin'), await org.join(organization)];
    const forOwner = await org.invite(organization, stage.address(), 'owner');
    const list = async (browser: typeof admin.browser) =>
      (await browser.get(`/organization/list-invitations?organizationId=${organization.id}`)).body;
    const all = await list(organization.owner.browser);
    expect(all.map(({ status }: { status: string }) => status)).toEqual(['accepted', 'accepted', 'pending']);
    const seen = await list(admin.browser);
    expect(seen.map(({ id }: { id: string }) => id)).not.toContain(forOwner.id);
    expect(await list(member.browser)).toMatchObject({ code: 'YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS' });
    const { browser } = await stage.member();
    expect(await list(browser)).toMatchObject({ code: 'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION' });
    expect(refusal(await browser.get('/organization/list-invitations'))).toEqual([400, 'ORGANIZATION_ID_IS_REQUIRED']);
  });

  test('list-user-invitations: one’s own, open, verified', async () => {
    const path = '/organization/list-user-invitations';
    const [guest, unverified] = [await stage.member({ verified: true }), await stage.member()];
    const [open, rejected, canceled] = [await org.found(), await org.found(), await org.found()];
    const kept = await org.invite(open, guest.email);
    await org.invite(open, unverified.email);
    const no = await org.invite(rejected, guest.email);
    await guest.browser.post(rejecting, { invitationId: no.id });
    const back = await org.invite(canceled, guest.email);
    await canceled.owner.browser.post('/organization/cancel-invitation', { invitationId: back.id });
    const { body } = await guest.browser.get(path);
    expect(body).toEqual([expect.objectContaining({ id: kept.id, status: 'pending', organizationName: 'Orchard' })]);
    expect(refusal(await unverified.browser.get(path))).toEqual([403, 'EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION']);
    expect((await guest.browser.get(`${path}?email=${unverified.email}`)).status).toBe(400);
    stage.world.clock.advance(days(2));
    expect((await guest.browser.get(path)).body).toEqual([]);
  });
});

const small = { 'organizations.membershipLimit': 2, 'organizations.invitationLimit': 2 };

onOneEngine('Limits of an organization', { policy: small }, (stage) => {
  const org = organizations(stage);

  test('a full organization leaves the invitation open', async () => {
    const organization = await org.found();
    const member = await org.join(organization);
    const guest = await stage.member({ verified: true });
    const { id: invitationId } = await org.invite(organization, guest.email);
    const full = await guest.browser.post(accepting, { invitationId });
    expect(refusal(full)).toEqual([403, 'ORGANIZATION_MEMBERSHIP_LIMIT_REACHED']);
    await organization.owner.browser.post('/organization/remove-member', { memberIdOrEmail: member.memberId });
    expect((await guest.browser.post(accepting, { invitationId })).status).toBe(200);
  });

  test('open invitations count, others do not', async () => {
    const organization = await org.found();
    const first = await org.invite(organization, stage.address());
    await org.invite(organization, stage.address());
    const third = { email: stage.address(), role: 'member' };
    const { browser } = organization.owner;
    expect(refusal(await browser.post(inviting, third))).toEqual([403, 'INVITATION_LIMIT_REACHED']);
    expect(await stage.world.mails(third.email)).toEqual([]);
    await browser.post('/organization/cancel-invitation', { invitationId: first.id });
    expect((await browser.post(inviting, third)).status).toBe(200);
  });
});

onOneEngine(
  'Invitations for addresses verified before',
  {
    policy: { 'organizations.requireVerifiedForInvitations': true },
    betterAuth: { invitationUrl: 'https://app.example.com/join/{token}?from=mail' },
  },
  (stage) => {
    const org = organizations(stage);

    test('the code alone does not do; the mail leads to the application', async () => {
      const organization = await org.found();
      const guest = await stage.member();
      await org.invite(organization, guest.email);
      const { links } = await stage.world.mail(guest.email);
      expect(links[0]).toMatch(/^https:\/\/app\.example\.com\/join\/[0-9a-z]{45}\?from=mail$/);
      const invitationId = await stage.mailedToken(guest.email);
      expect(refusal(await guest.browser.post(accepting, { invitationId }))).toEqual([
        403,
        'EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION',
      ]);
    });
  },
);
