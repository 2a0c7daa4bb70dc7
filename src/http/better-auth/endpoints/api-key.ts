import { type Static, Type } from 'typebox';
import type { JsonObject, JsonValue } from '../../../base/json.ts';
import { Refusal } from '../../../base/refusal.ts';
import { verifyApiKey } from '../../../core/keys/admit-api-key.ts';
import { createApiKey } from '../../../core/keys/create-api-key.ts';
import type { KeyLimits } from '../../../core/keys/key-rules.ts';
import type { KeyPage, KeySortField } from '../../../core/keys/key-store.ts';
import {
  listApiKeys,
  listOrganizationKeys,
  readApiKey,
  revokeApiKey,
  updateApiKey,
} from '../../../core/keys/manage-api-keys.ts';
import { json } from '../../kit/answer.ts';
import { mayNotManageKeys, notMemberOfKeysOrganization, unauthorizedSession } from '../api-key-errors.ts';
import { apiKeyWire } from '../api-key-wire.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { wireErrorOf } from '../errors.ts';
import { apiKeySchema, nullable, successSchema } from '../schemas.ts';

const tag = 'API key';
const refusals = {
  not_signed_in: unauthorizedSession,
  not_a_member: notMemberOfKeysOrganization,
  organization_permission_denied: mayNotManageKeys,
};
const ownConfiguration = 'default';
const configId = Type.Optional(Type.String({ description: '`default`' }));

/** Settings of both writes. The second half is for services with the project's credential only. */
const settingFields = {
  name: Type.Optional(Type.String()),
  expiresIn: Type.Optional(nullable(Type.Number({ description: 'Seconds; null is never' }))),
  metadata: Type.Optional(Type.Unknown({ description: 'An object or an array' })),
  configId,
  userId: Type.Optional(Type.String()),
  remaining: Type.Optional(nullable(Type.Integer())),
  refillAmount: Type.Optional(nullable(Type.Integer())),
  refillInterval: Type.Optional(nullable(Type.Integer({ description: 'Milliseconds' }))),
  rateLimitTimeWindow: Type.Optional(Type.Integer({ description: 'Milliseconds' })),
  rateLimitMax: Type.Optional(Type.Integer()),
  rateLimitEnabled: Type.Optional(Type.Boolean()),
  permissions: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
};
type Settings = Static<ReturnType<typeof settingsType>>;
const settingsType = () => Type.Object(settingFields);

function limitsOf(body: Settings): KeyLimits {
  return {
    permissions: body.permissions,
    remaining: body.remaining ?? undefined,
    refillAmount: body.refillAmount ?? undefined,
    refillIntervalMs: body.refillInterval ?? undefined,
    rateEnabled: body.rateLimitEnabled,
    rateWindowMs: body.rateLimitTimeWindow,
    rateMax: body.rateLimitMax,
  };
}

function metadataOf(call: BetterAuthCall, { metadata }: Settings): JsonObject | JsonValue[] | null | undefined {
  if (metadata === undefined || metadata === null) return metadata;
  if (!call.settings.apiKeyMetadata) throw new Refusal('api_key_setting_invalid', { field: 'metadata_disabled' });
  if (typeof metadata !== 'object') {
    throw new Refusal('api_key_setting_invalid', { field: 'metadata' });
  }
  return metadata as JsonObject | JsonValue[];
}

export const createKey = endpoint('POST /api-key/create', {
  needs: 'user_or_server',
  operationId: 'createApiKey',
  summary: 'Make an API key; its text is shown this once',
  tag,
  bodyOptional: true,
  body: Type.Object({
    ...settingFields,
    prefix: Type.Optional(Type.String()),
    organizationId: Type.Optional(Type.String({ description: 'The key is this organization’s' })),
  }),
  replies: { 200: Type.Object({ ...apiKeySchema.properties, key: Type.String() }) },
  refusals,
  async handle(call, me) {
    const { body } = call;
    if (body.configId !== undefined && body.configId !== ownConfiguration) {
      throw new Refusal('api_key_setting_invalid', { field: 'configuration' });
    }
    const { key, text } = await createApiKey(call.ctx, me, {
      name: body.name || null,
      prefix: body.prefix ?? null,
      expiresInSeconds: body.expiresIn ?? null,
      metadata: metadataOf(call, body) ?? null,
      actsAsOwner: call.settings.apiKeysActAsOwner,
      limits: limitsOf(body),
      ...(body.userId !== undefined && { ownerUserId: body.userId }),
      ...(body.organizationId !== undefined && { ownerOrganizationId: body.organizationId }),
    });
    return json({ ...apiKeyWire(key), key: text });
  },
});

export const getKey = endpoint('GET /api-key/get', {
  needs: 'user_or_key',
  operationId: 'getApiKey',
  summary: 'One API key of the user or of an organization, without its text',
  tag,
  query: Type.Object({ id: Type.String(), configId }),
  replies: { 200: apiKeySchema },
  refusals,
  async handle(call, me) {
    requireOwnConfiguration(call.query.configId);
    return json(apiKeyWire(await readApiKey(call.ctx, me, call.query.id)));
  },
});

export const updateKey = endpoint('POST /api-key/update', {
  needs: 'user_or_server',
  operationId: 'updateApiKey',
  summary: 'Change name, life, metadata or whether it is enabled',
  tag,
  body: Type.Object({ keyId: Type.String(), enabled: Type.Optional(Type.Boolean()), ...settingFields }),
  replies: { 200: apiKeySchema },
  refusals: {
    ...refusals,
    nothing_to_change: { status: 400, code: 'NO_VALUES_TO_UPDATE', message: 'No values to update.' },
  },
  async handle(call, me) {
    const { body } = call;
    requireOwnConfiguration(body.configId);
    if (me.kind === 'user' && body.userId !== undefined && body.userId !== me.live.user.id) {
      throw new Refusal('api_key_server_only', { field: 'owner' });
    }
    const metadata = metadataOf(call, body);
    const key = await updateApiKey(call.ctx, me, body.keyId, {
      ...(body.name !== undefined && { name: body.name || null }),
      ...(body.expiresIn !== undefined && { expiresInSeconds: body.expiresIn }),
      ...(metadata !== undefined && { metadata }),
      ...(body.enabled !== undefined && { enabled: body.enabled }),
      limits: limitsOf(body),
    });
    return json(apiKeyWire(key));
  },
});

export const deleteKey = endpoint('POST /api-key/delete', {
  needs: 'user_or_server',
  operationId: 'deleteApiKey',
  summary: 'End an API key for good',
  tag,
  body: Type.Object({ keyId: Type.String(), configId }),
  replies: { 200: successSchema },
  refusals,
  async handle(call, me) {
    requireOwnConfiguration(call.body.configId);
    await revokeApiKey(call.ctx, me, call.body.keyId);
    return json({ success: true });
  },
});

const sortNames = {
  id: 'id',
  name: 'name',
  createdAt: 'createdAt',
  updatedAt: 'updatedAt',
  expiresAt: 'expiresAt',
  lastRequest: 'lastRequestAt',
} as const satisfies Record<string, KeySortField>;
const sortBy = Type.Union((Object.keys(sortNames) as (keyof typeof sortNames)[]).map((name) => Type.Literal(name)));

export const listKeys = endpoint('GET /api-key/list', {
  needs: 'user_or_key',
  operationId: 'listApiKeys',
  summary: 'API keys of the user or of an organization, without their texts',
  tag,
  query: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    sortBy: Type.Optional(sortBy),
    sortDirection: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
    configId,
    organizationId: Type.Optional(Type.String({ description: 'Keys of this organization, not of the user' })),
  }),
  replies: {
    200: Type.Union([
      Type.Object({
        apiKeys: Type.Array(apiKeySchema),
        total: Type.Number(),
        limit: Type.Optional(Type.Number()),
        offset: Type.Optional(Type.Number()),
      }),
      Type.Array(apiKeySchema, { description: 'By configuration, for the 1.2 era' }),
    ]),
  },
  refusals,
  async handle(call, me) {
    const { query } = call;
    const page: KeyPage = {
      limit: query.limit ?? null,
      offset: query.offset ?? 0,
      sort: { field: sortNames[query.sortBy ?? 'id'], direction: query.sortDirection ?? 'asc' },
    };
    const list = () =>
      query.organizationId === undefined
        ? listApiKeys(call.ctx, me, page)
        : listOrganizationKeys(call.ctx, me, query.organizationId, page);
    const known = query.configId === undefined || query.configId === ownConfiguration;
    const { keys, total } = known ? await list() : { keys: [], total: 0 };
    const apiKeys = keys.map(apiKeyWire);
    // Only clients of the latest era send any of these (spec §1.14).
    const latest = Object.keys(query).length > 0 || call.settings.apiKeyListShape === 'object';
    return json(latest ? { apiKeys, total, limit: query.limit, offset: query.offset } : apiKeys);
  },
});

export const verifyKey = endpoint('POST /api-key/verify', {
  needs: 'server',
  operationId: 'verifyApiKey',
  summary: 'For services with the project’s credential: is a key good, and for what? Counts one use',
  tag,
  body: Type.Object({
    key: Type.String(),
    permissions: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
    configId,
  }),
  replies: {
    200: Type.Object({
      valid: Type.Boolean(),
      error: nullable(Type.Object({ message: Type.String(), code: Type.String() })),
      key: nullable(apiKeySchema),
    }),
    404: null,
  },
  async handle(call, me) {
    const { key: text, permissions = null } = call.body;
    const found = await verifyApiKey(call.ctx, me, { text, permissions });
    if (!(found instanceof Refusal)) return json({ valid: true, error: null, key: apiKeyWire(found) });
    const { code, message } = wireErrorOf(found.code, found.detail);
    const { retryAfterMs } = found.detail;
    const details = retryAfterMs === undefined ? {} : { details: { tryAgainIn: retryAfterMs } };
    return json({ valid: false, error: { message, code, ...details }, key: null });
  },
});

function requireOwnConfiguration(id: string | undefined): void {
  if (id !== undefined && id !== ownConfiguration) throw new Refusal('api_key_not_found');
}
