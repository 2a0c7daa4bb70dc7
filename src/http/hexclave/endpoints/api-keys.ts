import { Type } from 'typebox';
import type { Instant } from '../../../base/clock.ts';
import { Refusal, settle } from '../../../base/refusal.ts';
import type { ServerActor } from '../../../core/actor.ts';
import type { Context } from '../../../core/context.ts';
import type { OwnerOrServer } from '../../../core/identities/own-identities.ts';
import { verifyApiKey } from '../../../core/keys/admit-api-key.ts';
import type { KeyOwner } from '../../../core/keys/api-key.ts';
import { createApiKey } from '../../../core/keys/create-api-key.ts';
import { refuseOwner } from '../../../core/keys/key-rules.ts';
import type { KeyPage } from '../../../core/keys/key-store.ts';
import {
  listApiKeys,
  listOrganizationKeys,
  readApiKey,
  updateApiKey,
  type WhoseKey,
} from '../../../core/keys/manage-api-keys.ts';
import { json } from '../../kit/answer.ts';
import { apiKeySchema, apiKeyWire, newApiKeySchema, newApiKeyWire } from '../api-key-wire.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { ownUserMissing, userRequired } from '../request-errors.ts';
import { Fields, listOf, Nullable, userId, uuid } from '../schemas.ts';
import { keyNotFound, keyRevoked } from '../team-errors.ts';
import { text, type WireError } from '../wire-error.ts';

const tag = 'API keys';

const notSignedIn: WireError = ({ field }) => (field === 'me' ? ownUserMissing : userRequired);
const refusals = {
  not_signed_in: notSignedIn,
  self_only: text(403, 'Client can only manage their own api keys'),
  // Whose keys one may not manage, has none as far as one is told.
  not_a_member: keyNotFound,
  organization_permission_denied: keyNotFound,
};

const newestFirst: KeyPage = { limit: null, offset: 0, sort: { field: 'createdAt', direction: 'desc' } };

/** A project without such keys has no such operations. */
const onlyWith = (owner: KeyOwner) => (ctx: Context) => {
  const refused = refuseOwner(ctx, owner);
  if (refused) throw refused;
};
const onlyWithUserKeys = onlyWith('person');
const onlyWithTeamKeys = onlyWith('organization');

/** Whose keys are meant. @throws Refusal self_only, input_invalid */
function ownerAsked(call: HexclaveCall, me: OwnerOrServer, given: string | undefined): string {
  if (given === undefined) throw new Refusal('input_invalid', { field: 'user_id is required for user API keys' });
  return call.subject(me, given);
}

/** Of a key that is named by id, the user may be left out. */
function personsKey(call: HexclaveCall, me: OwnerOrServer, given: string | undefined): WhoseKey {
  if (given !== undefined) return { ownedBy: 'person', ownerId: ownerAsked(call, me, given) };
  return { ownedBy: 'person' };
}

const newKey = {
  description: Type.String(),
  expires_at_millis: Nullable(Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 })),
  is_public: Type.Optional(Type.Boolean()),
};
type NewKey = { description: string; expires_at_millis: number | null; is_public?: boolean };

const settingsOf = ({ description, expires_at_millis, is_public = false }: NewKey) => ({
  name: description,
  expiresAt: expires_at_millis as Instant | null,
  isPublic: is_public,
  prefix: null,
  // Such a key only says who a customer of the application is (core map K4).
  actsAsOwner: false,
});

const changes = Fields({ description: Type.Optional(Type.String()), revoked: Type.Optional(Type.Literal(true)) });
type Changes = { description?: string; revoked?: true };

async function change(
  call: HexclaveCall,
  me: OwnerOrServer,
  id: string,
  { description, revoked }: Changes,
  of: WhoseKey,
) {
  const edit = { ...(description !== undefined && { name: description }), ...(revoked && { revoked }) };
  const key =
    Object.keys(edit).length === 0 ? readApiKey(call.ctx, me, id, of) : updateApiKey(call.ctx, me, id, edit, of);
  return json(apiKeyWire(await key));
}

const keyId = Fields({ api_key_id: uuid() });
const ofUser = Fields({ user_id: Type.Optional(userId()) });
const ofTeam = Fields({ team_id: uuid() });

export const listUserKeys = endpoint('GET /user-api-keys', {
  needs: 'user_or_server',
  onlyWith: onlyWithUserKeys,
  operationId: 'listUserApiKeys',
  summary: 'API keys of a user',
  tag,
  query: ofUser,
  replies: { 200: listOf(apiKeySchema) },
  refusals,
  async handle(call, me) {
    const owner = ownerAsked(call, me, call.query.user_id);
    const { keys } = await listApiKeys(call.ctx, me, newestFirst, owner);
    return json({ items: keys.map(apiKeyWire), is_paginated: false });
  },
});

export const createUserKey = endpoint('POST /user-api-keys', {
  needs: 'user_or_server',
  onlyWith: onlyWithUserKeys,
  operationId: 'createUserApiKey',
  summary: 'Make an API key of a user; its text is told once',
  tag,
  body: Fields({ ...newKey, user_id: Type.Optional(userId()) }),
  replies: { 200: newApiKeySchema },
  refusals,
  async handle(call, me) {
    const owner = ownerAsked(call, me, call.body.user_id);
    const { key, text } = await createApiKey(call.ctx, me, {
      ...settingsOf(call.body),
      ...(call.asServer && { ownerUserId: owner }),
    });
    return json(newApiKeyWire(key, text));
  },
});

export const readUserKey = endpoint('GET /user-api-keys/:api_key_id', {
  needs: 'user_or_server',
  onlyWith: onlyWithUserKeys,
  operationId: 'getUserApiKey',
  summary: 'One API key of a user',
  tag,
  params: keyId,
  query: ofUser,
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call, me) {
    const key = await readApiKey(call.ctx, me, call.params.api_key_id, personsKey(call, me, call.query.user_id));
    return json(apiKeyWire(key));
  },
});

export const updateUserKey = endpoint('PATCH /user-api-keys/:api_key_id', {
  needs: 'user_or_server',
  onlyWith: onlyWithUserKeys,
  operationId: 'updateUserApiKey',
  summary: 'Describe or revoke an API key of a user',
  tag,
  params: keyId,
  query: ofUser,
  body: changes,
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call, me) {
    return change(call, me, call.params.api_key_id, call.body as Changes, personsKey(call, me, call.query.user_id));
  },
});

export const listTeamKeys = endpoint('GET /team-api-keys', {
  needs: 'user_or_server',
  onlyWith: onlyWithTeamKeys,
  operationId: 'listTeamApiKeys',
  summary: 'API keys of a team',
  tag,
  query: ofTeam,
  replies: { 200: listOf(apiKeySchema) },
  refusals,
  async handle(call, me) {
    const { keys } = await listOrganizationKeys(call.ctx, me, call.query.team_id, newestFirst);
    return json({ items: keys.map(apiKeyWire), is_paginated: false });
  },
});

export const createTeamKey = endpoint('POST /team-api-keys', {
  needs: 'user_or_server',
  onlyWith: onlyWithTeamKeys,
  operationId: 'createTeamApiKey',
  summary: 'Make an API key of a team; its text is told once',
  tag,
  body: Fields({ ...newKey, team_id: uuid() }),
  replies: { 200: newApiKeySchema },
  refusals,
  async handle(call, me) {
    const { key, text } = await createApiKey(call.ctx, me, {
      ...settingsOf(call.body),
      ownerOrganizationId: call.body.team_id,
    });
    return json(newApiKeyWire(key, text));
  },
});

const teamsKey = (teamId: string): WhoseKey => ({ ownedBy: 'organization', ownerId: teamId });

export const readTeamKey = endpoint('GET /team-api-keys/:api_key_id', {
  needs: 'user_or_server',
  onlyWith: onlyWithTeamKeys,
  operationId: 'getTeamApiKey',
  summary: 'One API key of a team',
  tag,
  params: keyId,
  query: ofTeam,
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call, me) {
    const { team_id } = call.query;
    return json(apiKeyWire(await readApiKey(call.ctx, me, call.params.api_key_id, teamsKey(team_id))));
  },
});

export const updateTeamKey = endpoint('PATCH /team-api-keys/:api_key_id', {
  needs: 'user_or_server',
  onlyWith: onlyWithTeamKeys,
  operationId: 'updateTeamApiKey',
  summary: 'Describe or revoke an API key of a team',
  tag,
  params: keyId,
  query: ofTeam,
  body: changes,
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call, me) {
    return change(call, me, call.params.api_key_id, call.body as Changes, teamsKey(call.query.team_id));
  },
});

const check = Fields({ api_key: Type.String() });
// Keys of people who may not come in open nothing.
const barred = { user_banned: keyRevoked, user_deactivated: keyRevoked, user_restricted: keyRevoked };

const checked = async (call: HexclaveCall, me: ServerActor, given: string, ownedBy: KeyOwner) =>
  json(apiKeyWire(settle(await verifyApiKey(call.ctx, me, { text: given, permissions: null, ownedBy }))));

export const checkUserKey = endpoint('POST /user-api-keys/check', {
  needs: 'server',
  operationId: 'checkUserApiKey',
  summary: 'Whose is this API key of a user?',
  tag,
  body: check,
  replies: { 200: apiKeySchema },
  refusals: barred,
  handle: (call, me) => checked(call, me, call.body.api_key, 'person'),
});

export const checkTeamKey = endpoint('POST /team-api-keys/check', {
  needs: 'server',
  operationId: 'checkTeamApiKey',
  summary: 'Whose is this API key of a team?',
  tag,
  body: check,
  replies: { 200: apiKeySchema },
  refusals: barred,
  handle: (call, me) => checked(call, me, call.body.api_key, 'organization'),
});
