import { earlier, type Instant, later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { looksLikeToken } from '../../base/random.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import { asSystem } from '../acting.ts';
import type { Context } from '../context.ts';
import { statusRefusal } from '../users/user-status.ts';
import { isImpersonation, type LiveSession, type Session } from './session.ts';

/** How often `last_used_at` is written for one session. */
const touchEveryMs = 60_000;

export interface CheckOptions {
  /** Read the store even when the cache knows: what changes credentials or makes tokens asks so (core map T11). */
  readonly fromStore?: boolean;
  /** Leave the expiry where it is. */
  readonly withoutExtending?: boolean;
}

export interface CheckedSession {
  readonly live: LiveSession;
  /** This check moved the expiry: surfaces whose cookie carries a life send it again. */
  readonly extended: boolean;
}

/**
 * A token to its live session and person; slides the expiry when enough of it is gone.
 * Malformed, unknown, expired and another dialect's private tokens are all `not_signed_in`; people who may not be let
 * in any more get the refusal of their status.
 */
export async function checkSession(
  ctx: Context,
  token: string,
  options: CheckOptions = {},
): Promise<CheckedSession | Refusal> {
  let live = options.fromStore ? undefined : ctx.sessionCache.get(token);
  if (!live) {
    if (!looksLikeToken(token)) return refuse('not_signed_in', { why: 'malformed token' });
    const epoch = ctx.sessionCache.epoch();
    const found = await ctx.store.read.sessions.findByTokenHash(ctx.vault.digest(token));
    if (!found) return refuse('not_signed_in', { why: 'unknown token' });
    live = ctx.sessionCache.put(token, found, epoch);
  }
  const refused = whyOver(ctx, live);
  if (refused) return refused;

  const now = ctx.clock.now();
  if (!options.withoutExtending && mayExtend(live.session, now)) return extend(ctx, live, token, now);
  noteUse(ctx, live, now);
  return { live, extended: false };
}

/** The same from memory alone; null when that does not know the session, or something is to be written or refused. */
export function checkSessionNow(ctx: Context, token: string): LiveSession | null {
  const live = ctx.sessionCache.get(token);
  if (!live || whyOver(ctx, live)) return null;
  const now = ctx.clock.now();
  if (mayExtend(live.session, now)) return null;
  noteUse(ctx, live, now);
  return live;
}

/**
 * The same for a session that a verified access token names. An id proves nothing by itself: whoever calls this has
 * checked the token's signature. Its expiry stays where it is.
 */
export async function checkSessionById(
  ctx: Context,
  id: Id,
  options: CheckOptions = {},
): Promise<LiveSession | Refusal> {
  let live = options.fromStore ? undefined : ctx.sessionCache.getById(id);
  if (!live) {
    const epoch = ctx.sessionCache.epoch();
    const found = await ctx.store.read.sessions.findLive(id);
    if (!found) return refuse('not_signed_in', { why: 'unknown session' });
    live = ctx.sessionCache.putById(found, epoch);
  }
  const refused = whyOver(ctx, live);
  if (refused) return refused;
  noteUse(ctx, live, ctx.clock.now());
  return live;
}

/** Why a session and its person, as they are stored, open nothing here any more; null while they do. */
export function whyOver(
  ctx: Pick<Context, 'project' | 'surface' | 'clock'>,
  { session, user }: LiveSession,
): Refusal | null {
  const now = ctx.clock.now();
  if (now >= session.expiresAt || now >= session.endsAt) return refuse('session_expired');
  if (!session.portable && session.madeBy !== ctx.surface.name) return refuse('not_signed_in', { why: 'not portable' });
  return statusRefusal(ctx, user, now);
}

function noteUse(ctx: Context, live: LiveSession, now: Instant): void {
  if (now - live.notedAt < touchEveryMs) return;
  live.notedAt = now;
  ctx.sessionUses.note(live.session.id, now);
}

/** Core map T2. */
const mayExtend = (session: Session, now: Instant): boolean =>
  session.idleMs !== null &&
  session.extendAfterMs !== null &&
  session.expiresAt < session.endsAt &&
  now >= session.expiresAt - session.idleMs + session.extendAfterMs;

async function extend(ctx: Context, live: LiveSession, token: string, now: Instant): Promise<CheckedSession | Refusal> {
  const { session } = live;
  const expiresAt = earlier(later(now, session.idleMs!), session.endsAt);
  await asSystem(ctx, (tx) => tx.sessions.extend(session.id, session.expiresAt, expiresAt, now));
  // Whoever won the race, what is stored now is the truth.
  const fresh = await ctx.store.read.sessions.findByTokenHash(ctx.vault.digest(token));
  return fresh ? { live: fresh, extended: true } : refuse('not_signed_in', { why: 'ended while it was extended' });
}

/**
 * Was who this is proven recently enough? 0 in policy switches the test off. An administrator in somebody's name has
 * proven nothing of that person, and must not leave credentials behind.
 */
export function isFresh(ctx: Pick<Context, 'project' | 'clock'>, session: Session): boolean {
  if (isImpersonation(session)) return false;
  const { freshSeconds } = ctx.project.policy.session;
  return freshSeconds === 0 || ctx.clock.now() - session.authenticatedAt < freshSeconds * 1000;
}
