import { Type } from 'typebox';
import { type Instant, isoTime } from '../../../base/clock.ts';
import { Refusal } from '../../../base/refusal.ts';
import type { UserActor } from '../../../core/actor.ts';
import type { IdentitySelector } from '../../../core/identities/find-own-identity.ts';
import type { Identity } from '../../../core/identities/identity.ts';
import { listIdentities } from '../../../core/identities/list-identities.ts';
import { readProviderProfile } from '../../../core/identities/read-provider-profile.ts';
import { readProviderToken } from '../../../core/identities/read-provider-token.ts';
import { refreshProviderToken } from '../../../core/identities/refresh-provider-token.ts';
import { unlinkIdentity } from '../../../core/identities/unlink-identity.ts';
import { removePassword } from '../../../core/users/remove-password.ts';
import { json } from '../../kit/answer.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { accountSchema, nullable, statusSchema, time } from '../schemas.ts';

const identityWire = (identity: Identity) => ({
  id: identity.id,
  providerId: identity.provider,
  provider: identity.provider,
  accountId: identity.subject,
  userId: identity.userId,
  createdAt: isoTime(identity.createdAt),
  updatedAt: isoTime(identity.updatedAt),
  scopes: identity.scopes,
});

/** The password, as this wire lists it: an account at the provider `credential`, known by the user's own id. */
const credentialWire = (userId: string, password: { readonly setAt: Instant; readonly changedAt: Instant }) => ({
  id: userId,
  providerId: 'credential',
  provider: 'credential',
  accountId: userId,
  userId,
  createdAt: isoTime(password.setAt),
  updatedAt: isoTime(password.changedAt),
  scopes: [],
});

export const listAccounts = endpoint('GET /list-accounts', {
  needs: 'user_or_key',
  operationId: 'listUserAccounts',
  summary: 'What the user can sign in with',
  tag: 'Default',
  replies: { 200: Type.Array(accountSchema) },
  async handle(call, me) {
    const { identities, password } = await listIdentities(call.ctx, me);
    const credential = password ? [credentialWire(me.live.user.id, password)] : [];
    return json([...credential, ...identities.map(identityWire)]);
  },
});

const selection = {
  providerId: Type.Optional(Type.String()),
  accountId: Type.Optional(Type.String()),
};

interface Selection {
  readonly providerId?: string;
  readonly accountId?: string;
}

/** Both eras' ways to name an account (spec §1.14). */
async function select(
  call: BetterAuthCall,
  actor: UserActor,
  { providerId, accountId }: Selection,
): Promise<IdentitySelector> {
  if (providerId === undefined && accountId === undefined) {
    throw new Refusal('input_invalid', { field: '[body] Either accountId or providerId is required' });
  }
  if (providerId === undefined) return { id: accountId! };
  const { identities } = await listIdentities(call.ctx, actor);
  const byRow = identities.find((identity) => identity.provider === providerId && identity.id === accountId);
  return byRow ? { id: byRow.id } : { provider: providerId, subject: accountId ?? null };
}

export const unlinkAccount = endpoint('POST /unlink-account', {
  needs: 'user',
  operationId: 'unlinkAccount',
  summary: 'Take one account away; another way in must be left',
  tag: 'Default',
  body: Type.Object(selection),
  replies: { 200: statusSchema },
  async handle(call, me) {
    const { providerId, accountId } = call.body;
    const isPassword = providerId === 'credential' || (providerId === undefined && accountId === me.live.user.id);
    if (isPassword) await removePassword(call.ctx, me);
    else await unlinkIdentity(call.ctx, me, await select(call, me, call.body));
    return json({ status: true });
  },
});

const tokenBody = Type.Object({
  ...selection,
  userId: Type.Optional(Type.String()),
  useAccountCookie: Type.Optional(Type.Boolean()),
});

const notConfigured = {
  provider_not_found: { status: 400, code: 'PROVIDER_NOT_SUPPORTED', message: 'Provider is not supported.' },
} as const;

export const getAccessToken = endpoint('POST /get-access-token', {
  needs: 'user',
  fromStore: true,
  operationId: 'getAccessToken',
  summary: "A usable access token of one of the user's accounts",
  tag: 'Default',
  body: tokenBody,
  replies: {
    200: Type.Object({
      accessToken: Type.String(),
      accessTokenExpiresAt: Type.Optional(time),
      scopes: Type.Array(Type.String()),
      idToken: Type.Optional(Type.String()),
    }),
  },
  refusals: notConfigured,
  async handle(call, me) {
    const { accessToken, tokens, identity } = await readProviderToken(call.ctx, me, await select(call, me, call.body));
    return json({
      accessToken,
      ...(identity.accessExpiresAt !== null && { accessTokenExpiresAt: isoTime(identity.accessExpiresAt) }),
      scopes: identity.scopes,
      ...(tokens.idToken !== null && { idToken: tokens.idToken }),
    });
  },
});

export const refreshToken = endpoint('POST /refresh-token', {
  needs: 'user',
  fromStore: true,
  operationId: 'refreshToken',
  summary: "New tokens for one of the user's accounts",
  tag: 'Default',
  body: tokenBody,
  replies: {
    200: Type.Object({
      accessToken: nullable(Type.String()),
      refreshToken: nullable(Type.String()),
      accessTokenExpiresAt: nullable(time),
      refreshTokenExpiresAt: nullable(time),
      scope: Type.String(),
      idToken: nullable(Type.String()),
      providerId: Type.String(),
      accountId: Type.String(),
    }),
  },
  refusals: notConfigured,
  async handle(call, me) {
    const { tokens, identity } = await refreshProviderToken(call.ctx, me, await select(call, me, call.body));
    const time = (at: Instant | null) => (at === null ? null : isoTime(at));
    return json({
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      accessTokenExpiresAt: time(identity.accessExpiresAt),
      refreshTokenExpiresAt: time(identity.refreshExpiresAt),
      scope: identity.scopes.join(' '),
      idToken: tokens.idToken,
      providerId: identity.provider,
      accountId: identity.id,
    });
  },
});

const infoReply = {
  200: Type.Object({
    user: Type.Record(Type.String(), Type.Unknown()),
    data: Type.Record(Type.String(), Type.Unknown()),
    account: Type.Object({ id: Type.String(), providerId: Type.String(), accountId: Type.String() }),
  }),
};

const infoRefusals = {
  provider_not_found: {
    status: 400,
    code: 'PROVIDER_NOT_CONFIGURED',
    message: 'Account is not associated with a configured social provider.',
  },
  provider_token_unavailable: { status: 400, code: 'ACCESS_TOKEN_NOT_FOUND', message: 'Access token not found' },
  provider_unavailable: { status: 401, code: 'FAILED_TO_GET_USER_INFO', message: 'Failed to get user info' },
} as const;

async function accountInfo(call: BetterAuthCall, me: UserActor, selected: Selection) {
  const { user } = me.live;
  if (selected.accountId === user.id || selected.providerId === 'credential') throw new Refusal('provider_not_found');
  const { identity, profile } = await readProviderProfile(call.ctx, me, await select(call, me, selected));
  const { subject, email, emailVerified, name, imageUrl, raw } = profile;
  return json({
    user: { id: subject, email, emailVerified, name, image: imageUrl },
    data: raw,
    account: { id: identity.id, providerId: identity.provider, accountId: identity.subject },
  });
}

/** GET since 1.4, POST in the releases between the eras. */
export const getAccountInfo = endpoint('GET /account-info', {
  needs: 'user',
  operationId: 'accountInfo',
  summary: "What the provider says of the user's account",
  tag: 'Default',
  query: Type.Object({ ...selection, useAccountCookie: Type.Optional(Type.Boolean()) }),
  replies: infoReply,
  refusals: infoRefusals,
  handle: (call, me) => accountInfo(call, me, call.query),
});

export const postAccountInfo = endpoint('POST /account-info', {
  needs: 'user',
  operationId: 'postAccountInfo',
  summary: "What the provider says of the user's account",
  tag: 'Default',
  hidden: true,
  body: Type.Object(selection),
  replies: infoReply,
  refusals: infoRefusals,
  handle: (call, me) => accountInfo(call, me, call.body),
});
