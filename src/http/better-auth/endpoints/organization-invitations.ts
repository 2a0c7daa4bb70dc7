import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { acceptInvitation } from '../../../core/orgs/accept-invitation.ts';
import { cancelInvitation, rejectInvitation } from '../../../core/orgs/decline-invitation.ts';
import { inviteMembers } from '../../../core/orgs/invite-members.ts';
import { listInvitations, listOwnInvitations, readInvitation } from '../../../core/orgs/list-invitations.ts';
import { memberRole } from '../../../core/orgs/role.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { invitationLink } from '../links.ts';
import {
  invitationSchema,
  memberSchema,
  organizationId,
  ownInvitationSchema,
  rolesInput,
  shownInvitationSchema,
} from '../organization-schemas.ts';
import { invitationWire, memberEmail, memberWire, rolesOf } from '../organization-wire.ts';

const tag = 'Organization';
const memberNotFound: WireError = { status: 400, code: 'MEMBER_NOT_FOUND', message: 'Member not found' };
const gone: WireError = { status: 400, code: 'INVITATION_NOT_FOUND', message: 'Invitation not found!' };
const unverified: WireError = {
  status: 403,
  code: 'EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION',
  message: 'Email verification required to view or list invitations for the session email',
};

export const inviteMember = endpoint('POST /organization/invite-member', {
  needs: 'user_or_server',
  operationId: 'createOrganizationInvitation',
  summary: 'Invite somebody by address',
  tag,
  body: Type.Object({
    email: Type.String(),
    role: rolesInput,
    organizationId,
    resend: Type.Optional(Type.Boolean()),
    teamId: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  }),
  replies: { 200: invitationSchema },
  refusals: {
    organization_required: { status: 400, code: 'ORGANIZATION_NOT_FOUND', message: 'Organization not found' },
    not_a_member: memberNotFound,
    organization_permission_denied: {
      status: 403,
      code: 'YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION',
      message: 'You are not allowed to invite users to this organization',
    },
    role_not_found: { status: 400, code: 'ROLE_NOT_FOUND', message: 'Role not found' },
    role_not_grantable: {
      status: 403,
      code: 'YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE',
      message: 'You are not allowed to invite a user with this role',
    },
  },
  async handle(call, me) {
    const { email, role, resend, teamId } = call.body;
    const teamIds = teamId === undefined ? [] : typeof teamId === 'string' ? [teamId] : teamId;
    if (teamIds.some((id) => id.includes(','))) throw new Refusal('team_not_found', { field: 'reserved_character' });
    const [invitation] = await inviteMembers(call.ctx, me, {
      organizationId: call.body.organizationId || null,
      addresses: [email],
      roles: invitedAs(role),
      teamIds,
      resend: resend ?? false,
      link: invitationLink(call.settings, call.ctx.pagesUrl),
    });
    return json(invitationWire(invitation!));
  },
});

/** No role at all is the least one, as upstream has it. */
function invitedAs(role: string | readonly string[]): readonly string[] {
  const named = rolesOf(role);
  return named.length > 0 ? named : [memberRole];
}

const invitationBody = Type.Object({
  invitationId: Type.String({ description: 'Id of the invitation, or the code that was mailed' }),
});

export const accept = endpoint('POST /organization/accept-invitation', {
  needs: 'user',
  operationId: 'acceptOrganizationInvitation',
  summary: 'Join the organization',
  tag,
  body: invitationBody,
  replies: { 200: Type.Object({ invitation: invitationSchema, member: memberSchema }) },
  async handle(call, me) {
    const { invitation, member } = await acceptInvitation(call.ctx, me, {
      handle: call.body.invitationId,
      makeActive: true,
    });
    call.sendSession(call.token, me.live.session);
    return json({ invitation: invitationWire(invitation), member: memberWire(member, call.settings) });
  },
});

export const reject = endpoint('POST /organization/reject-invitation', {
  needs: 'user',
  operationId: 'rejectOrganizationInvitation',
  summary: 'Decline an invitation',
  tag,
  body: invitationBody,
  replies: { 200: Type.Object({ invitation: invitationSchema, member: Type.Null() }) },
  refusals: { invitation_not_found: gone },
  async handle(call, me) {
    const invitation = await rejectInvitation(call.ctx, me, call.body.invitationId);
    return json({ invitation: invitationWire(invitation), member: null });
  },
});

export const cancel = endpoint('POST /organization/cancel-invitation', {
  needs: 'user_or_server',
  operationId: 'cancelOrganizationInvitation',
  summary: 'Take an invitation back',
  tag,
  body: invitationBody,
  replies: { 200: invitationSchema },
  refusals: {
    not_a_member: memberNotFound,
    organization_permission_denied: {
      status: 403,
      code: 'YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION',
      message: 'You are not allowed to cancel this invitation',
    },
  },
  async handle(call, me) {
    return json(invitationWire(await cancelInvitation(call.ctx, me, { handle: call.body.invitationId })));
  },
});

export const get = endpoint('GET /organization/get-invitation', {
  needs: 'user',
  operationId: 'getOrganizationInvitation',
  summary: 'An invitation, for whom it is meant',
  tag,
  query: Type.Object({ id: Type.String({ description: 'Id of the invitation, or the code that was mailed' }) }),
  replies: { 200: shownInvitationSchema },
  refusals: { invitation_not_found: gone, invitation_needs_verified_email: unverified },
  async handle(call, me) {
    const { invitation, organization, inviter } = await readInvitation(call.ctx, me, call.query.id);
    return json({
      ...invitationWire(invitation),
      organizationName: organization.name,
      organizationSlug: organization.slug,
      inviterEmail: memberEmail(inviter),
    });
  },
});

export const list = endpoint('GET /organization/list-invitations', {
  needs: 'user_or_server',
  operationId: 'listOrganizationInvitations',
  summary: 'Invitations of an organization, whatever became of them',
  tag,
  query: Type.Object({ organizationId }),
  replies: { 200: Type.Array(invitationSchema) },
  refusals: {
    organization_required: {
      status: 400,
      code: 'ORGANIZATION_ID_IS_REQUIRED',
      message: 'Organization ID is required',
    },
    not_a_member: {
      status: 403,
      code: 'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION',
      message: 'You are not a member of this organization',
    },
    organization_permission_denied: {
      status: 403,
      code: 'YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS',
      message: 'You are not allowed to list invitations for this organization',
    },
  },
  async handle(call, me) {
    const invitations = await listInvitations(call.ctx, me, call.query.organizationId || null);
    return json(invitations.map(invitationWire));
  },
});

export const listOwn = endpoint('GET /organization/list-user-invitations', {
  needs: 'user',
  operationId: 'listUserInvitations',
  summary: 'Open invitations of the user',
  tag,
  query: Type.Object({ email: Type.Optional(Type.String({ description: 'Refused: only one’s own are listed' })) }),
  replies: { 200: Type.Array(ownInvitationSchema) },
  refusals: { invitation_needs_verified_email: unverified },
  async handle(call, me) {
    if (call.query.email) {
      throw new Refusal('input_invalid', { field: 'User email cannot be passed for client side API calls.' });
    }
    const open = await listOwnInvitations(call.ctx, me);
    return json(
      open.map(({ invitation, organization }) => ({
        ...invitationWire(invitation),
        organizationName: organization.name,
      })),
    );
  },
});
