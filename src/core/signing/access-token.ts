import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { Person } from '../users/user.ts';
import { type RestrictedReason, restrictedReason } from '../users/user-status.ts';
import { activeSigningKey, privatePlace, publishedKeys } from './rotate-signing-keys.ts';
import type { SigningKey, SigningPurpose } from './signing-key.ts';
import type { TokenMemory } from './token-memory.ts';

/** Who a token is for: each kind has keys, an issuer and an audience of its own. */
export type Audience = 'normal' | 'restricted' | 'anonymous';
export const audiences: readonly Audience[] = ['normal', 'restricted', 'anonymous'];

const purposes: { readonly [audience in Audience]: SigningPurpose } = {
  normal: 'h_access',
  restricted: 'h_access_restricted',
  anonymous: 'h_access_anonymous',
};

/** Ten minutes: services that verify it by themselves learn of a sign-out when it is over (core map T7). */
export const accessTokenSeconds = 600;

const audienceText = (projectId: string, audience: Audience): string =>
  ({ normal: projectId, restricted: `${projectId}:restricted`, anonymous: `${projectId}:anon` })[audience];

const issuerPaths: { readonly [audience in Audience]: string } = {
  normal: 'projects',
  restricted: 'projects-restricted-users',
  anonymous: 'projects-anonymous-users',
};

const issuerText = (ctx: Pick<Context, 'surfaceUrl'>, projectId: string, audience: Audience): string =>
  `${ctx.surfaceUrl}/api/v1/${issuerPaths[audience]}/${projectId}`;

const audienceOf = (person: Person, reason: RestrictedReason | null): Audience =>
  person.anonymous ? 'anonymous' : reason === null ? 'normal' : 'restricted';

/** Exactly these claims, no more and no less: clients compare them (hexclave spec §1.7). */
export interface AccessClaims {
  readonly sub: Id;
  readonly project_id: string;
  readonly refresh_token_id: Id;
  readonly is_anonymous: boolean;
  readonly is_restricted: boolean;
  readonly restricted_reason: { readonly type: RestrictedReason } | null;
  readonly iat: number;
  readonly exp: number;
  readonly [claim: string]: unknown;
}

/**
 * A token that says who has this session, for services that verify it by themselves. It never outlives the session.
 * @param live checked against the store for this request, or just made (core map T11)
 */
export async function mintAccessToken(ctx: Context, live: LiveSession): Promise<string> {
  const { user, session } = live;
  const reason = restrictedReason(ctx, user);
  const audience = audienceOf(user, reason);
  const key = await activeSigningKey(ctx, purposes[audience], 'ES256');
  // The first of its kind in a project may be shown again before keys are read again.
  ctx.accessTokens.keys.set(`${audience} ${key.kid}`, key);
  const issuedAt = Math.floor(ctx.clock.now() / 1000);
  const end = Math.floor(Math.min(session.expiresAt, session.endsAt) / 1000);
  const claims: JsonObject = {
    sub: user.id,
    project_id: ctx.project.id,
    branch_id: 'main',
    refresh_token_id: session.id,
    role: 'authenticated',
    name: user.displayName,
    email: user.email?.value ?? null,
    email_verified: user.email !== null && user.email.verifiedAt !== null,
    selected_team_id: user.selectedOrganizationId,
    signed_up_at: Math.floor(user.signedUpAt / 1000),
    is_anonymous: user.anonymous,
    is_restricted: reason !== null,
    restricted_reason: reason === null ? null : { type: reason },
    requires_totp_mfa: user.factors.totp || user.factors.mailCode,
    iss: issuerText(ctx, ctx.project.id, audience),
    aud: audienceText(ctx.project.id, audience),
    iat: issuedAt,
    exp: Math.min(issuedAt + accessTokenSeconds, end),
  };
  const privateJwk = ctx.vault.open(privatePlace(key.id), key.privateKey);
  return ctx.signer.sign({ kid: key.kid, alg: 'ES256', privateJwk }, claims, { typ: null });
}

/** The keys that verify tokens of these audiences: the one that signs and the one that will. */
export async function accessTokenKeys(ctx: Context, wanted: readonly Audience[]): Promise<readonly SigningKey[]> {
  const keys: SigningKey[] = [];
  for (const audience of wanted) keys.push(...(await publishedKeys(ctx, purposes[audience], 'ES256')));
  return keys;
}

/**
 * What a project remembers of its tokens. Time, session and person are looked at every time, so a token of an ended
 * session is refused at once.
 */
export interface AccessTokenMemory {
  /** Of all projects. */
  readonly verified: TokenMemory;
  /** Keys by purpose and id; a new id makes them be read again, at most once in `readAgainMs`. */
  readonly keys: Map<string, SigningKey>;
  readAt: Instant | null;
}

export const accessTokenMemory = (verified: TokenMemory): AccessTokenMemory => ({
  verified,
  keys: new Map(),
  readAt: null,
});

const readAgainMs = 5_000;

/**
 * A token of this project to its claims. Whether its session still lives is for `checkSessionById` to say.
 * @returns access_token_malformed, access_token_expired (with what it said), access_token_wrong_project
 */
export async function readAccessToken(ctx: Context, token: string): Promise<AccessClaims | Refusal> {
  const { verified } = ctx.accessTokens;
  const known = verified.find(ctx.project.id, token, ctx.clock.now());
  const claims = known ?? (await verify(ctx, token));
  if (claims instanceof Refusal) return claims;
  if (!known) verified.keep(ctx.project.id, token, claims, ctx.clock.now());
  if (ctx.clock.now() >= claims.exp * 1000) return refuse('access_token_expired', { token: expiredToken(claims) });
  return claims;
}

const expiredToken = (claims: AccessClaims) => ({
  expiredAt: claims.exp * 1000,
  projectId: claims.project_id,
  userId: claims.sub,
  sessionId: claims.refresh_token_id,
});

async function verify(ctx: Context, token: string): Promise<AccessClaims | Refusal> {
  const parts = ctx.signer.inspect(token);
  const audience = parts && audiences.find((one) => parts.issuer === issuerText(ctx, ctx.project.id, one));
  if (!parts || !audience) return foreign(ctx, parts?.projectId ?? null, token);
  const find = async (): Promise<SigningKey | undefined> => ctx.accessTokens.keys.get(`${audience} ${parts.kid}`);
  let key = await find();
  if (!key) {
    await readKeys(ctx);
    key = await find();
  }
  const claims = key && (await ctx.signer.verify(token, { publicJwk: key.publicJwk, alg: 'ES256' }));
  if (!claims || claims.aud !== audienceText(ctx.project.id, audience) || !isComplete(claims)) {
    return refuse('access_token_malformed');
  }
  return claims;
}

const isComplete = (claims: Readonly<Record<string, unknown>>): claims is AccessClaims =>
  typeof claims.sub === 'string' &&
  typeof claims.refresh_token_id === 'string' &&
  typeof claims.project_id === 'string' &&
  typeof claims.exp === 'number' &&
  typeof claims.iat === 'number';

/** A token that another project of this installation signed is told apart from rubbish. */
async function foreign(ctx: Context, projectId: string | null, token: string): Promise<Refusal> {
  if (projectId === null || projectId === ctx.project.id) return refuse('access_token_malformed');
  const other = await ctx.directory.find(projectId);
  const read = other && (await readAccessToken(other.context(ctx.surface.name), token));
  if (!read) return refuse('access_token_malformed');
  if (read instanceof Refusal) return read;
  return refuse('access_token_wrong_project', { token: expiredToken(read) });
}

async function readKeys(ctx: Context): Promise<void> {
  const memory = ctx.accessTokens;
  const now = ctx.clock.now();
  if (memory.readAt !== null && now - memory.readAt < readAgainMs && now >= memory.readAt) return;
  memory.readAt = now;
  memory.keys.clear();
  for (const audience of audiences) {
    for (const key of await ctx.store.read.signingKeys.listOf(purposes[audience])) {
      memory.keys.set(`${audience} ${key.kid}`, key);
    }
  }
}
