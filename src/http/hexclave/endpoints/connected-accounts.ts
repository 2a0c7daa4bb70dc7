import { Type } from 'typebox';
import type { OwnerOrServer } from '../../../core/identities/own-identities.ts';
import { identitiesOf } from '../../../core/identities/own-identities.ts';
import { readConnectedToken } from '../../../core/identities/read-connected-token.ts';
import { json } from '../../kit/answer.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, listOf, userId } from '../schemas.ts';
import { known, text, type WireError } from '../wire-error.ts';

const tag = 'OAuth';

const account = Type.Object({
  user_id: Type.String(),
  provider: Type.String(),
  provider_account_id: Type.String(),
});

export const listConnectedAccounts = endpoint('GET /connected-accounts/:user_id', {
  needs: 'user_or_server',
  operationId: 'listConnectedAccounts',
  summary: 'Accounts at providers that a user connected',
  tag,
  params: Fields({ user_id: userId() }),
  replies: { 200: listOf(account) },
  refusals: { self_only: text(403, 'Client can only list connected accounts for their own user.') },
  async handle(call, me) {
    const identities = await identitiesOf(call.ctx, me, call.params.user_id);
    const items = identities
      .filter(({ allowConnect }) => allowConnect)
      .map(({ provider, subject, userId: of }) => ({ user_id: of, provider, provider_account_id: subject }));
    return json({ items, is_paginated: false });
  },
});

const refusals: Readonly<Record<'self_only' | 'identity_not_found', WireError>> = {
  self_only: text(403, 'Client can only access its own connected accounts'),
  identity_not_found: known(
    400,
    'OAUTH_CONNECTION_NOT_CONNECTED_TO_USER',
    'The OAuth connection is not connected to any user.',
  ),
};
const shared = {
  needs: 'user_or_server',
  tag,
  bodyOptional: true,
  body: Fields({ scope: Type.Optional(Type.String()) }),
  replies: { 201: Type.Object({ access_token: Type.String() }) },
  refusals,
} as const;

export const connectedAccountToken = endpoint('POST /connected-accounts/:user_id/:provider_id/access-token', {
  ...shared,
  operationId: 'createConnectedAccountToken',
  summary: 'An access token of a connected account, with the scopes named',
  params: Fields({ user_id: userId(), provider_id: Type.String() }),
  handle: (call, me) => accessToken(call, me, call.params, call.body.scope),
});

export const connectedAccountTokenByAccount = endpoint(
  'POST /connected-accounts/:user_id/:provider_id/:provider_account_id/access-token',
  {
    ...shared,
    operationId: 'createConnectedAccountTokenByAccount',
    summary: 'An access token of one of several connected accounts',
    params: Fields({ user_id: userId(), provider_id: Type.String(), provider_account_id: Type.String() }),
    handle: (call, me) => accessToken(call, me, call.params, call.body.scope),
  },
);

async function accessToken(
  call: HexclaveCall,
  me: OwnerOrServer,
  named: { readonly user_id: string; readonly provider_id: string; readonly provider_account_id?: string },
  scope = '',
) {
  const token = await readConnectedToken(call.ctx, me, {
    userId: named.user_id,
    provider: named.provider_id,
    subject: named.provider_account_id ?? null,
    scopes: scope.split(/\s+/).filter((one) => one !== ''),
  });
  return json({ access_token: token }, 201);
}
