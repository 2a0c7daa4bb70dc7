import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { acceptInvitation } from '../../../core/orgs/accept-invitation.ts';
import { cancelInvitation } from '../../../core/orgs/decline-invitation.ts';
import type { Invitation } from '../../../core/orgs/invitation.ts';
import { inviteMembers } from '../../../core/orgs/invite-members.ts';
import {
  listInvitations,
  listInvitationsTo,
  previewInvitation,
  readOwnInvitation,
} from '../../../core/orgs/list-invitations.ts';
import type { Organization } from '../../../core/orgs/organization.ts';
import { readOrganization } from '../../../core/orgs/read-organization.ts';
import { checkReturnUrl } from '../../../core/return-urls.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { codeLink } from '../links.ts';
import { code, codeIsValid, email, Fields, listOf, success, url, userId, uuid } from '../schemas.ts';
import { namesNobody, restrictedInvited } from '../team-errors.ts';
import { userErrors } from '../user-errors.ts';
import { text } from '../wire-error.ts';

const tag = 'Team invitations';

const invitation = Type.Object({
  id: Type.String(),
  team_id: Type.String(),
  team_display_name: Type.String(),
  expires_at_millis: Type.Integer(),
  recipient_email: Type.String(),
});

const invitationWire = ({ id, organizationId, expiresAt, address }: Invitation, organization: Organization) => ({
  id,
  team_id: organizationId,
  team_display_name: organization.name,
  expires_at_millis: expiresAt,
  recipient_email: address,
});

export const sendInvitation = endpoint('POST /team-invitations/send-code', {
  needs: 'user_or_server',
  operationId: 'sendTeamInvitation',
  summary: 'Invite somebody to a team by mail',
  tag,
  body: Fields({ team_id: uuid(), email: email(), callback_url: url() }),
  replies: { 200: Type.Object({ success: Type.Literal(true), id: Type.String() }) },
  async handle(call, me) {
    const { team_id, email, callback_url } = call.body;
    const [made] = await inviteMembers(call.ctx, me, {
      organizationId: team_id,
      addresses: [email],
      roles: null,
      teamIds: [],
      resend: false,
      link: () => codeLink(checkReturnUrl(call.ctx, callback_url, 'callback_url')),
    });
    return json({ success: true, id: made!.id });
  },
});

export const listTeamInvitations = endpoint('GET /team-invitations', {
  needs: 'user_or_server',
  operationId: 'listTeamInvitations',
  summary: 'Open invitations of a team, or to a user',
  tag,
  query: Fields({ team_id: Type.Optional(uuid()), user_id: Type.Optional(userId()) }),
  replies: { 200: listOf(invitation) },
  refusals: {
    not_signed_in: namesNobody,
    self_only: namesNobody,
    input_invalid: ({ given }) =>
      text(
        400,
        given === 'both' ? 'Cannot specify both team_id and user_id' : 'Must specify either team_id or user_id',
      ),
  },
  async handle(call, me) {
    const { team_id, user_id } = call.query;
    if (team_id !== undefined && user_id !== undefined) throw new Refusal('input_invalid', { given: 'both' });
    if (team_id !== undefined) {
      const open = await listInvitations(call.ctx, me, team_id, 'open');
      const team = await readOrganization(call.ctx, me, { id: team_id });
      return json({ items: open.map((one) => invitationWire(one, team!)), is_paginated: false });
    }
    if (user_id === undefined) throw new Refusal('input_invalid', { given: 'neither' });
    const own = (await listInvitationsTo(call.ctx, call.subject(me, user_id))) ?? [];
    return json({
      items: own.map((one) => invitationWire(one.invitation, one.organization)),
      is_paginated: false,
    });
  },
});

export const deleteInvitation = endpoint('DELETE /team-invitations/:id', {
  needs: 'user_or_server',
  operationId: 'deleteTeamInvitation',
  summary: 'Take an invitation back',
  tag,
  params: Fields({ id: uuid() }),
  query: Fields({ team_id: Type.Optional(uuid()) }),
  replies: { 200: success },
  refusals: {
    not_signed_in: namesNobody,
    organization_required: text(400, 'team_id is required for deleting a team invitation'),
  },
  async handle(call, me) {
    const { team_id } = call.query;
    if (team_id === undefined) throw new Refusal('organization_required');
    await cancelInvitation(call.ctx, me, { handle: call.params.id, organizationId: team_id });
    return json({ success: true });
  },
});

const mailedCode = Fields({ code: code() });

export const acceptByCode = endpoint('POST /team-invitations/accept', {
  needs: 'user',
  operationId: 'acceptTeamInvitation',
  summary: 'Join a team by the mailed code',
  tag,
  body: mailedCode,
  replies: { 200: Type.Object({}) },
  refusals: { user_restricted: restrictedInvited },
  async handle(call, me) {
    await acceptInvitation(call.ctx, me, { handle: call.body.code.toLowerCase(), makeActive: false });
    return json({});
  },
});

export const checkInvitation = endpoint('POST /team-invitations/accept/check-code', {
  needs: 'project_client',
  operationId: 'checkTeamInvitationCode',
  summary: 'Is a mailed code still good?',
  tag,
  body: mailedCode,
  replies: { 200: codeIsValid },
  async handle(call) {
    await previewInvitation(call.ctx, call.body.code.toLowerCase());
    return json({ is_code_valid: true });
  },
});

export const readInvitationDetails = endpoint('POST /team-invitations/accept/details', {
  needs: 'user',
  operationId: 'getTeamInvitationDetails',
  summary: 'To which team a mailed code leads',
  tag,
  body: mailedCode,
  replies: { 200: Type.Object({ team_id: Type.String(), team_display_name: Type.String() }) },
  refusals: { user_restricted: restrictedInvited },
  async handle(call, me) {
    const { organization } = await readOwnInvitation(call.ctx, me, call.body.code.toLowerCase());
    return json({ team_id: organization.id, team_display_name: organization.name });
  },
});

export const acceptById = endpoint('POST /team-invitations/:id/accept', {
  needs: 'user_or_server',
  operationId: 'acceptTeamInvitationById',
  summary: 'Join a team that invited a verified address',
  tag,
  params: Fields({ id: uuid() }),
  query: Fields({ user_id: userId() }),
  body: Fields({}),
  bodyOptional: true,
  replies: { 200: Type.Object({}) },
  refusals: {
    user_restricted: restrictedInvited,
    self_only: text(403, 'You can only accept team invitations for your own user.'),
    // Whom it is for is nobody else's business.
    invitation_not_found: userErrors.code_not_found,
    invitation_not_yours: userErrors.code_not_found,
    invitation_needs_verified_email: userErrors.code_not_found,
  },
  async handle(call, me) {
    const userId = call.subject(me, call.query.user_id);
    await acceptInvitation(call.ctx, me, { handle: call.params.id, userId, makeActive: false });
    return json({});
  },
});
