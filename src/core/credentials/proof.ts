import { type Instant, later } from '../../base/clock.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { isImpersonation, type LiveSession, type SecondFactor, type Session } from '../sessions/session.ts';
import { hasSecondFactor } from '../users/user.ts';
import { type CredentialChange, type Proof, proofFor } from './changes.ts';
import type { WayIn } from './way-in.ts';

/** What the call itself shows. */
export interface ShownInCall {
  /** The password that was verified, and is still the one; null: none was. */
  readonly password: WayIn | null;
  /** The work spends a code of the person's own factor and refuses when it is wrong. */
  readonly factorCode: boolean;
}

/** Factors that somebody showed. A trusted device only remembers that one was shown once. */
const shownFactors: ReadonlySet<SecondFactor> = new Set([
  'totp',
  'mail_code',
  'backup_code',
  'user_verified',
  'enrolled',
] satisfies SecondFactor[]);

/**
 * Why a person's own session may not make this change of their credentials now; null when it may. Asked inside the
 * transaction, of the session and the person as they are stored.
 * @returns impersonated_session, session_not_fresh
 */
export function refuseChange(
  ctx: Pick<Context, 'project' | 'clock'>,
  { session, user }: LiveSession,
  change: CredentialChange,
  shown: ShownInCall,
): Refusal | null {
  if (isImpersonation(session)) return refuse('impersonated_session', { why: change });
  const proof = proofFor(change, hasSecondFactor(user.factors));
  if (isProven(ctx, { session, user }, proof, shown)) return null;
  return refuse('session_not_fresh', { why: `${change} wants a ${proof} proof` });
}

/**
 * From when on a way in that the person adds now gives strong proofs: at once (null) where they could give one now,
 * else once the session that adds it would be too old to add anything.
 */
export function strongFrom(
  ctx: Pick<Context, 'project' | 'clock'>,
  live: LiveSession,
  shown: ShownInCall,
): Instant | null {
  if (isProven(ctx, live, 'strong', shown)) return null;
  const { freshSeconds } = ctx.project.policy.session;
  return later(ctx.clock.now(), (freshSeconds || holdWithoutFreshness) * 1000);
}

/** Seconds, where a project lets sessions of any age add ways in. */
const holdWithoutFreshness = 86_400;

function isProven(
  ctx: Pick<Context, 'project' | 'clock'>,
  { session, user }: Pick<LiveSession, 'session' | 'user'>,
  proof: Proof,
  shown: ShownInCall,
): boolean {
  // Nobody anonymous has anything stronger to show than the session.
  if (proof === 'none' || shown.factorCode || user.anonymous) return true;
  const { policy } = ctx.project;
  const seconds = proof === 'recent' ? policy.session.freshSeconds : policy.credentials.strongProofSeconds;
  if (seconds === 0) return true;
  const now = ctx.clock.now();
  const within = (at: Instant | null): boolean => at !== null && now - at < seconds * 1000;
  const counts = (way: WayIn): boolean => proof !== 'strong' || way.strongFrom === null || way.strongFrom <= now;
  const signedIn =
    (shown.password !== null && counts(shown.password)) || (within(session.authenticatedAt) && counts(session));
  return signedIn && (!hasSecondFactor(user.factors) || within(factorShownAt(session)));
}

/** When this session showed a second factor; null when it never did. */
const factorShownAt = (session: Session): Instant | null =>
  session.secondFactor !== null && shownFactors.has(session.secondFactor)
    ? (session.secondFactorAt ?? session.authenticatedAt)
    : null;
