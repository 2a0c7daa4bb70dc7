import type { Instant } from '../../base/clock.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { isImpersonation, type LiveSession, type SecondFactor, type Session } from '../sessions/session.ts';
import { hasSecondFactor } from '../users/user.ts';
import { type CredentialChange, proofFor } from './changes.ts';

/** What the call itself shows. */
export interface ShownInCall {
  /** The password was verified, and is still the one that was. */
  readonly password: boolean;
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
  const hasFactor = hasSecondFactor(user.factors);
  const proof = proofFor(change, hasFactor);
  // Nobody anonymous has anything stronger to show than the session.
  if (proof === 'none' || shown.factorCode || user.anonymous) return null;
  const { policy } = ctx.project;
  const seconds = proof === 'recent' ? policy.session.freshSeconds : policy.credentials.strongProofSeconds;
  if (seconds === 0) return null;
  const now = ctx.clock.now();
  const within = (at: Instant | null): boolean => at !== null && now - at < seconds * 1000;
  const signedIn = shown.password || within(session.authenticatedAt);
  const strongest = !hasFactor || within(factorShownAt(session));
  return signedIn && strongest ? null : refuse('session_not_fresh', { why: `${change} wants a ${proof} proof` });
}

/** When this session showed a second factor; null when it never did. */
const factorShownAt = (session: Session): Instant | null =>
  session.secondFactor !== null && shownFactors.has(session.secondFactor)
    ? (session.secondFactorAt ?? session.authenticatedAt)
    : null;
