import { Type } from 'typebox';
import type { Instant } from '../../../base/clock.ts';
import {
  createProjectKeys,
  listProjectKeys,
  type ProjectKeySet,
  readProjectKeys,
  updateProjectKeys,
} from '../../../core/projects/manage-project-keys.ts';
import type { ProjectKeyKind } from '../../../core/projects/project-key.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, listOf, maxNote } from '../schemas.ts';

const tag = 'Administration';
const params = Fields({ api_key_id: Type.String() });

const common = {
  id: Type.String(),
  description: Type.String(),
  expires_at_millis: Type.Integer(),
  manually_revoked_at_millis: Type.Optional(Type.Integer()),
  created_at_millis: Type.Integer(),
};
const lastFour = Type.Optional(Type.Object({ last_four: Type.String() }));
const keySet = Type.Object({
  ...common,
  publishable_client_key: lastFour,
  secret_server_key: lastFour,
  super_secret_admin_key: lastFour,
});
const whole = Type.Optional(Type.String());
const newKeySet = Type.Object({
  ...common,
  publishable_client_key: whole,
  secret_server_key: whole,
  super_secret_admin_key: whole,
});

const names = {
  publishable: 'publishable_client_key',
  server: 'secret_server_key',
  admin: 'super_secret_admin_key',
} as const;

/** Sets that never expire are told with a date nobody lives to see, for the field is not nullable. */
const never = 253_402_300_799_000;

const factsWire = (set: ProjectKeySet) => ({
  id: set.id,
  description: set.description,
  expires_at_millis: set.expiresAt ?? never,
  ...(set.revokedAt !== null && { manually_revoked_at_millis: set.revokedAt }),
  created_at_millis: set.createdAt,
});

const setWire = (set: ProjectKeySet) => ({
  ...factsWire(set),
  ...Object.fromEntries(
    Object.entries(set.last4).map(([kind, last4]) => [names[kind as ProjectKeyKind], { last_four: last4 }]),
  ),
});

export const createKeys = endpoint('POST /internal/api-keys', {
  needs: 'admin',
  operationId: 'createProjectKeys',
  summary: 'New keys of the project; told once',
  tag,
  body: Fields({
    description: Type.String({ maxLength: maxNote }),
    expires_at_millis: Type.Number(),
    has_publishable_client_key: Type.Optional(Type.Boolean()),
    has_secret_server_key: Type.Optional(Type.Boolean()),
    has_super_secret_admin_key: Type.Optional(Type.Boolean()),
  }),
  replies: { 200: newKeySet },
  async handle(call, me) {
    const { body } = call;
    const kinds: ProjectKeyKind[] = [
      ...(body.has_publishable_client_key ? (['publishable'] as const) : []),
      ...(body.has_secret_server_key ? (['server'] as const) : []),
      ...(body.has_super_secret_admin_key ? (['admin'] as const) : []),
    ];
    const expiresAt = Math.min(Math.trunc(body.expires_at_millis), never) as Instant;
    const { set, texts } = await createProjectKeys(call.ctx, me, {
      kinds,
      description: body.description,
      expiresAt,
    });
    const named = Object.entries(texts).map(([kind, text]) => [names[kind as ProjectKeyKind], text]);
    return json({ ...factsWire(set), ...Object.fromEntries(named) });
  },
});

export const listKeys = endpoint('GET /internal/api-keys', {
  needs: 'admin',
  operationId: 'listProjectKeys',
  summary: 'The keys of the project, newest first',
  tag,
  replies: { 200: listOf(keySet) },
  handle: async (call) => json({ items: (await listProjectKeys(call.ctx)).map(setWire), is_paginated: false }),
});

export const readKeys = endpoint('GET /internal/api-keys/:api_key_id', {
  needs: 'admin',
  operationId: 'getProjectKeys',
  summary: 'One set of keys',
  tag,
  params,
  replies: { 200: keySet },
  handle: async (call) => json(setWire(await readProjectKeys(call.ctx, call.params.api_key_id))),
});

export const changeKeys = endpoint('PATCH /internal/api-keys/:api_key_id', {
  needs: 'admin',
  operationId: 'updateProjectKeys',
  summary: 'Describe or revoke a set of keys',
  tag,
  params,
  body: Fields({ description: Type.Optional(Type.String()), revoked: Type.Optional(Type.Literal(true)) }),
  replies: { 200: keySet },
  async handle(call, me) {
    const { description, revoked = false } = call.body;
    const set = await updateProjectKeys(call.ctx, me, call.params.api_key_id, {
      ...(description !== undefined && { description }),
      revoke: revoked,
    });
    return json(setWire(set));
  },
});
