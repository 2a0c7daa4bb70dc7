import type { Instant } from '../../base/clock.ts';
import { type Id, looksLikeId } from '../../base/ids.ts';
import { looksLikeToken } from '../../base/random.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import type { Email, Person } from '../users/user.ts';
import { restrictedReason } from '../users/user-status.ts';
import type { Invitation } from './invitation.ts';

export interface FoundInvitation {
  readonly invitation: Invitation;
  /** The mailed code was shown, not only the id that lists show. */
  readonly byCode: boolean;
}

/** An invitation by its id or by its mailed code. @returns invitation_not_found */
export async function findInvitation(
  ctx: Pick<Context, 'vault'>,
  reads: Pick<Reads, 'invitations'>,
  handle: string,
): Promise<FoundInvitation | Refusal> {
  const byCode = looksLikeToken(handle);
  const invitation = byCode
    ? await reads.invitations.findByCode(ctx.vault.digest(handle))
    : looksLikeId(handle)
      ? await reads.invitations.find(handle)
      : null;
  return invitation ? { invitation, byCode } : refuse('invitation_not_found');
}

/**
 * The person's address that was invited, if they have shown that it is theirs: it is verified, or the code that was
 * mailed there is in their hands (core map O7, rule 29).
 * @returns invitation_not_yours, invitation_needs_verified_email
 */
export async function recipientAddress(
  ctx: Pick<Context, 'project'>,
  reads: Pick<Reads, 'emails'>,
  userId: Id,
  { invitation, byCode }: FoundInvitation,
): Promise<Email | Refusal> {
  const own = await reads.emails.listOf(userId);
  const invited = own.find(({ normal }) => normal === invitation.addressNormal);
  if (!invited) return refuse('invitation_not_yours');
  const codeDoes = byCode && !ctx.project.policy.organizations.requireVerifiedForInvitations;
  return invited.verifiedAt !== null || codeDoes ? invited : refuse('invitation_needs_verified_email');
}

/**
 * Surfaces that let restricted people in keep them out of organizations all the same.
 * @returns user_restricted with the reason as `given`
 */
export function refuseRestricted(ctx: Pick<Context, 'project' | 'surface'>, person: Person): Refusal | null {
  const reason = ctx.surface.accepts.restricted ? restrictedReason(ctx, person) : null;
  return reason && refuse('user_restricted', { given: reason });
}

/** @returns invitation_not_found; `field` says to whoever has the code that it was `used` or is `expired` */
export function refuseClosed({ state, expiresAt }: Invitation, now: Instant): Refusal | null {
  if (state === 'accepted') return refuse('invitation_not_found', { field: 'used' });
  if (state !== 'pending') return refuse('invitation_not_found');
  return expiresAt > now ? null : refuse('invitation_not_found', { field: 'expired' });
}
