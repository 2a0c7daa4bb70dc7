import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { imageUrlOf } from '../../../core/files/file-url.ts';
import { listMemberProfiles, readMember } from '../../../core/orgs/list-members.ts';
import { updateMemberProfile } from '../../../core/orgs/member-profile.ts';
import type { Member } from '../../../core/orgs/membership.ts';
import { json } from '../../kit/answer.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { imageInput, imageOf } from '../image-input.ts';
import { Fields, listOf, Nullable, userId, uuid } from '../schemas.ts';
import { namesNobody } from '../team-errors.ts';
import { userList } from '../user-wire.ts';
import { text } from '../wire-error.ts';

const tag = 'Teams';
const member = Fields({ team_id: uuid(), user_id: userId() });
const profile = Type.Object({
  team_id: Type.String(),
  user_id: Type.String(),
  display_name: Nullable(Type.String()),
  profile_image_url: Nullable(Type.String()),
});

/** What they show in the team, else what they show everywhere (spec §2.12). */
const shownAs = (call: HexclaveCall, { organizationId, userId, shown, person }: Member) => ({
  team_id: organizationId,
  user_id: userId,
  display_name: shown.displayName ?? person.displayName,
  profile_image_url: imageUrlOf(call.ctx, shown) ?? imageUrlOf(call.ctx, person),
});

/** Servers also see whose they are. */
async function wires(call: HexclaveCall, members: readonly Member[]) {
  if (!call.asServer) return members.map((one) => shownAs(call, one));
  const people = await call.ctx.store.read.users.findMany(members.map(({ userId }) => userId));
  const users = await userList(call.ctx, people);
  return members.map((one) => ({ ...shownAs(call, one), user: users.find(({ id }) => id === one.userId) }));
}

export const listProfiles = endpoint('GET /team-member-profiles', {
  needs: 'user_or_server',
  operationId: 'listTeamMemberProfiles',
  summary: 'How members of a team show themselves',
  tag,
  query: Fields({ team_id: Type.Optional(uuid()), user_id: Type.Optional(userId()) }),
  replies: { 200: listOf(profile) },
  refusals: {
    not_signed_in: namesNobody,
    organization_required: text(400, 'team_id is required for access type client'),
  },
  async handle(call, me) {
    const { team_id, user_id } = call.query;
    if (!call.asServer && team_id === undefined) throw new Refusal('organization_required');
    const members = await listMemberProfiles(call.ctx, me, {
      ...(team_id !== undefined && { organizationId: team_id }),
      ...(user_id !== undefined && { userId: user_id }),
    });
    return json({ items: await wires(call, members), is_paginated: false });
  },
});

export const readProfile = endpoint('GET /team-member-profiles/:team_id/:user_id', {
  needs: 'user_or_server',
  operationId: 'getTeamMemberProfile',
  summary: 'How one member shows themselves',
  tag,
  params: member,
  replies: { 200: profile },
  refusals: { not_signed_in: namesNobody },
  async handle(call, me) {
    const { team_id, user_id } = call.params;
    const found = await readMember(call.ctx, me, { id: team_id }, user_id);
    return json((await wires(call, [found]))[0]);
  },
});

export const updateProfile = endpoint('PATCH /team-member-profiles/:team_id/:user_id', {
  needs: 'user_or_server',
  operationId: 'updateTeamMemberProfile',
  summary: 'Change how a member shows themselves',
  tag,
  params: member,
  body: Fields({ display_name: Type.Optional(Type.String()), profile_image_url: imageInput() }),
  replies: { 200: profile },
  refusals: {
    not_signed_in: namesNobody,
    self_only: text(403, "Cannot update another user's profile"),
  },
  async handle(call, me) {
    const { display_name, profile_image_url: image } = call.body;
    const updated = await updateMemberProfile(call.ctx, me, {
      organizationId: call.params.team_id,
      userId: call.params.user_id,
      ...(display_name !== undefined && { displayName: display_name }),
      ...(image !== undefined && { image: imageOf(call, image) }),
    });
    return json((await wires(call, [updated]))[0]);
  },
});
