import type { Instant } from '../../base/clock.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { isBanned, type Person } from './user.ts';

export const emailVerified = (person: Person): boolean => person.email !== null && person.email.verifiedAt !== null;

/** What keeps a person from being a full one; the first that applies (hexclave spec §1.9). */
export type RestrictedReason = 'anonymous' | 'email_not_verified' | 'restricted_by_administrator';

export function restrictedReason(ctx: Pick<Context, 'project'>, person: Person): RestrictedReason | null {
  if (person.anonymous) return 'anonymous';
  if (ctx.project.policy.emailVerification === 'required' && !emailVerified(person)) return 'email_not_verified';
  return person.restrictedAt === null ? null : 'restricted_by_administrator';
}

/**
 * Why this person may not be let in now, or null (core map §2, user states; the first that applies).
 * Asked when a session is opened and at every check of one, so a ban holds on the next request.
 */
export function statusRefusal(ctx: Pick<Context, 'project' | 'surface'>, person: Person, now: Instant): Refusal | null {
  if (isBanned(person, now)) return refuse('user_banned', { banReason: person.banReason });
  if (person.deactivatedAt !== null) return refuse('user_deactivated');
  if (person.anonymous) return ctx.surface.accepts.anonymous ? null : refuse('anonymous_not_accepted');
  if (ctx.surface.accepts.restricted) return null;
  if (person.restrictedAt !== null) return refuse('user_restricted');
  if (ctx.project.policy.emailVerification === 'required' && !emailVerified(person))
    return refuse('email_not_verified');
  return null;
}
