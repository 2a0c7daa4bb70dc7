import { Type } from 'typebox';
import type { Instant } from '../../../base/clock.ts';
import { Refusal, settle } from '../../../base/refusal.ts';
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
import { Fields, listOf, Nullable, userId, uuid } from '../schemas.ts';
import { keyNotFound, keyRevoked } from '../team-errors.ts';
import { text } from '../wire-error.ts';

const tag = 'API keys';

const refusals = {
  self_only: text(403, 'Client can only manage their own api keys'),
  // Whose keys one may not manage, has none as far as one is told.
  not_a_member: keyNotFound,
  organization_permission_denied: keyNotFound,
};

const newestFirst: KeyPage = { limit: null, offset: 0, sort: { field: 'createdAt', direction: 'desc' } };

function requireAllowed(call: HexclaveCall, owner: KeyOwner): void {
  const refused = refuseOwner(call.ctx, owner);
  if (refused) throw refused;
}

/** Whose keys are meant. @throws Refusal api_keys_disabled, not_signed_in, self_only, input_invalid */
function ownerAsked(call: HexclaveCall, given: string | undefined): string {
  requireAllowed(call, 'person');
  if (!call.asServer) call.user();
  if (given === undefined) throw new Refusal('input_invalid', { field: 'user_id is required for user API keys' });
  return call.subject(given);
}

/** Of a key that is named by id, the user may be left out. */
function personsKey(call: HexclaveCall, given: string | undefined): WhoseKey {
  if (given !== undefined) return { ownedBy: 'person', ownerId: ownerAsked(call, given) };
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

async function change(call: HexclaveCall, id: string, { description, revoked }: Changes, of: WhoseKey) {
  const actor = call.actor();
  const edit = { ...(description !== undefined && { name: description }), ...(revoked && { revoked }) };
  const key =
    Object.keys(edit).length === 0 ? readApiKey(call.ctx, actor, id, of) : updateApiKey(call.ctx, actor, id, edit, of);
  return json(apiKeyWire(await key));
}

const keyId = Fields({ api_key_id: uuid() });
const ofUser = Fields({ user_id: Type.Optional(userId()) });
const ofTeam = Fields({ team_id: uuid() });

export const listUserKeys = endpoint('GET /user-api-keys', {
  operationId: 'listUserApiKeys',
  summary: 'API keys of a user',
  tag,
  access: 'client',
  query: ofUser,
  replies: { 200: listOf(apiKeySchema) },
  refusals,
  async handle(call) {
    const owner = ownerAsked(call, call.query.user_id);
    const { keys } = await listApiKeys(call.ctx, call.actor(), newestFirst, owner);
    return json({ items: keys.map(apiKeyWire), is_paginated: false });
  },
});

export const createUserKey = endpoint('POST /user-api-keys', {
  operationId: 'createUserApiKey',
  summary: 'Make an API key of a user; its text is told once',
  tag,
  access: 'client',
  body: Fields({ ...newKey, user_id: Type.Optional(userId()) }),
  replies: { 200: newApiKeySchema },
  refusals,
  async handle(call) {
    const owner = ownerAsked(call, call.body.user_id);
    const { key, text } = await createApiKey(call.ctx, call.actor(), {
      ...settingsOf(call.body),
      ...(call.asServer && { ownerUserId: owner }),
    });
    return json(newApiKeyWire(key, text));
  },
});

export const readUserKey = endpoint('GET /user-api-keys/:api_key_id', {
  operationId: 'getUserApiKey',
  summary: 'One API key of a user',
  tag,
  access: 'client',
  params: keyId,
  query: ofUser,
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call) {
    requireAllowed(call, 'person');
    const key = await readApiKey(call.ctx, call.actor(), call.params.api_key_id, personsKey(call, call.query.user_id));
    return json(apiKeyWire(key));
  },
});

export const updateUserKey = endpoint('PATCH /user-api-keys/:api_key_id', {
  operationId: 'updateUserApiKey',
  summary: 'Describe or revoke an API key of a user',
  tag,
  access: 'client',
  params: keyId,
  query: ofUser,
  body: changes,
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call) {
    requireAllowed(call, 'person');
    return change(call, call.params.api_key_id, call.body as Changes, personsKey(call, call.query.user_id));
  },
});

export const listTeamKeys = endpoint('GET /team-api-keys', {
  operationId: 'listTeamApiKeys',
  summary: 'API keys of a team',
  tag,
  access: 'client',
  query: ofTeam,
  replies: { 200: listOf(apiKeySchema) },
  refusals,
  async handle(call) {
    requireAllowed(call, 'organization');
    const { keys } = await listOrganizationKeys(call.ctx, call.actor(), call.query.team_id, newestFirst);
    return json({ items: keys.map(apiKeyWire), is_paginated: false });
  },
});

export const createTeamKey = endpoint('POST /team-api-keys', {
  operationId: 'createTeamApiKey',
  summary: 'Make an API key of a team; its text is told once',
  tag,
  access: 'client',
  body: Fields({ ...newKey, team_id: uuid() }),
  replies: { 200: newApiKeySchema },
  refusals,
  async handle(call) {
    requireAllowed(call, 'organization');
    const { key, text } = await createApiKey(call.ctx, call.actor(), {
      ...settingsOf(call.body),
      ownerOrganizationId: call.body.team_id,
    });
    return json(newApiKeyWire(key, text));
  },
});

const teamsKey = (teamId: string): WhoseKey => ({ ownedBy: 'organization', ownerId: teamId });

export const readTeamKey = endpoint('GET /team-api-keys/:api_key_id', {
  operationId: 'getTeamApiKey',
  summary: 'One API key of a team',
  tag,
  access: 'client',
  params: keyId,
  query: ofTeam,
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call) {
    requireAllowed(call, 'organization');
    const { team_id } = call.query;
    return json(apiKeyWire(await readApiKey(call.ctx, call.actor(), call.params.api_key_id, teamsKey(team_id))));
  },
});

export const updateTeamKey = endpoint('PATCH /team-api-keys/:api_key_id', {
  operationId: 'updateTeamApiKey',
  summary: 'Describe or revoke an API key of a team',
  tag,
  access: 'client',
  params: keyId,
  query: ofTeam,
  body: changes,
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call) {
    requireAllowed(call, 'organization');
    return change(call, call.params.api_key_id, call.body as Changes, teamsKey(call.query.team_id));
  },
});

const check = Fields({ api_key: Type.String() });
// Keys of people who may not come in open nothing.
const barred = { user_banned: keyRevoked, user_deactivated: keyRevoked, user_restricted: keyRevoked };

const checked = async (call: HexclaveCall, given: string, ownedBy: KeyOwner) =>
  json(apiKeyWire(settle(await verifyApiKey(call.ctx, call.server, { text: given, permissions: null, ownedBy }))));

export const checkUserKey = endpoint('POST /user-api-keys/check', {
  operationId: 'checkUserApiKey',
  summary: 'Whose is this API key of a user?',
  tag,
  access: 'server',
  body: check,
  replies: { 200: apiKeySchema },
  refusals: barred,
  handle: (call) => checked(call, call.body.api_key, 'person'),
});

export const checkTeamKey = endpoint('POST /team-api-keys/check', {
  operationId: 'checkTeamApiKey',
  summary: 'Whose is this API key of a team?',
  tag,
  access: 'server',
  body: check,
  replies: { 200: apiKeySchema },
  refusals: barred,
  handle: (call) => checked(call, call.body.api_key, 'organization'),
});
