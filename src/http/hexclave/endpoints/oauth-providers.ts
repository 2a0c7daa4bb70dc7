import { Type } from 'typebox';
import { attachIdentity, editIdentity, type IdentityEdit } from '../../../core/identities/edit-identity.ts';
import { identitiesOf, readIdentity } from '../../../core/identities/own-identities.ts';
import { detachIdentity } from '../../../core/identities/unlink-identity.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { identitySchema, identityWire } from '../identity-wire.ts';
import { email, Fields, listOf, Nullable, success, userId, uuid } from '../schemas.ts';
import { known, text, type WireError } from '../wire-error.ts';

const tag = 'OAuth';
const params = Fields({ user_id: userId(), provider_id: uuid() });
const accountId = () => Type.String({ minLength: 1, maxLength: 255 });

const ownOnly = (verb: string) => text(403, `Client can only ${verb} OAuth providers for their own user.`);
const notConfigured: WireError = ({ given = '' }) => text(404, `OAuth provider ${given} not found or not configured`);
const usedForSignIn = known(
  400,
  'OAUTH_PROVIDER_ACCOUNT_ID_ALREADY_USED_FOR_SIGN_IN',
  'A provider with the same account ID is already used for signing in.',
);

export const listOauthProviders = endpoint('GET /oauth-providers', {
  needs: 'user_or_server',
  operationId: 'listOauthProviders',
  summary: 'Accounts at providers of a user, oldest first; servers also list all',
  tag,
  query: Fields({ user_id: Type.Optional(userId()) }),
  replies: { 200: listOf(identitySchema) },
  refusals: { self_only: ownOnly('list') },
  async handle(call, me) {
    const { ctx } = call;
    const identities = await identitiesOf(ctx, me, call.subjectOrAll(me, call.query.user_id));
    const items = identities.map((identity) => identityWire(ctx, identity, { server: call.asServer }));
    return json({ items, is_paginated: false });
  },
});

export const createOauthProvider = endpoint('POST /oauth-providers', {
  needs: 'server',
  operationId: 'createOauthProvider',
  summary: 'Say that a user has an account at a provider',
  tag,
  body: Fields({
    user_id: userId(),
    provider_config_id: Type.String(),
    account_id: accountId(),
    email: Type.Optional(Nullable(email())),
    allow_sign_in: Type.Boolean(),
    allow_connected_accounts: Type.Boolean(),
  }),
  replies: { 201: identitySchema },
  refusals: { provider_not_found: notConfigured, identity_taken: usedForSignIn },
  async handle(call, me) {
    const { body, ctx } = call;
    const identity = await attachIdentity(ctx, me, {
      userId: body.user_id,
      provider: body.provider_config_id,
      subject: body.account_id,
      email: body.email ?? null,
      allowSignIn: body.allow_sign_in,
      allowConnect: body.allow_connected_accounts,
    });
    return json(identityWire(ctx, identity, { server: true }), 201);
  },
});

export const getOauthProvider = endpoint('GET /oauth-providers/:user_id/:provider_id', {
  needs: 'user_or_server',
  operationId: 'getOauthProvider',
  summary: 'One account at a provider',
  tag,
  params,
  replies: { 200: identitySchema },
  refusals: { self_only: ownOnly('read') },
  async handle(call, me) {
    const { user_id: of, provider_id: id } = call.params;
    const identity = await readIdentity(call.ctx, me, { userId: of, id });
    return json(identityWire(call.ctx, identity, { server: call.asServer }));
  },
});

const switches = {
  allow_sign_in: Type.Optional(Type.Boolean()),
  allow_connected_accounts: Type.Optional(Type.Boolean()),
};

export const updateOauthProvider = endpoint('PATCH /oauth-providers/:user_id/:provider_id', {
  needs: 'user_or_server',
  operationId: 'updateOauthProvider',
  summary: 'What an account at a provider may be used for',
  tag,
  params,
  body: Fields(switches),
  serverBody: Fields({
    ...switches,
    email: Type.Optional(Nullable(email())),
    account_id: Type.Optional(accountId()),
    provider_config_id: Type.Optional(Type.String()),
  }),
  replies: { 200: identitySchema },
  refusals: { self_only: ownOnly('update'), provider_not_found: notConfigured, identity_taken: usedForSignIn },
  async handle(call, me) {
    const { body } = call;
    const { user_id: of, provider_id: id } = call.params;
    const edit: IdentityEdit = {
      ...(body.allow_sign_in !== undefined && { allowSignIn: body.allow_sign_in }),
      ...(body.allow_connected_accounts !== undefined && { allowConnect: body.allow_connected_accounts }),
      ...(body.email !== undefined && { email: body.email }),
      ...(body.account_id !== undefined && { subject: body.account_id }),
      ...(body.provider_config_id !== undefined && { provider: body.provider_config_id }),
    };
    const identity = await editIdentity(call.ctx, me, { userId: of, id }, edit);
    return json(identityWire(call.ctx, identity, { server: call.asServer }));
  },
});

export const deleteOauthProvider = endpoint('DELETE /oauth-providers/:user_id/:provider_id', {
  needs: 'user_or_server',
  operationId: 'deleteOauthProvider',
  summary: 'Take an account at a provider away from a user',
  tag,
  params,
  replies: { 200: success },
  refusals: { self_only: ownOnly('delete') },
  async handle(call, me) {
    const { user_id: of, provider_id: id } = call.params;
    await detachIdentity(call.ctx, me, { userId: of, id });
    return json({ success: true });
  },
});
