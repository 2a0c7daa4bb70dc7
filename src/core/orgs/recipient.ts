import { looksLikeId } from '../../base/ids.ts';
import { looksLikeToken } from '../../base/random.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import type { Email } from '../users/user.ts';
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
 * The actor's address that was invited, if they have shown that it is theirs: it is verified, or the code that was
 * mailed there is in their hands (core map O7, rule 29).
 * @returns invitation_not_yours, invitation_needs_verified_email
 */
export async function recipientAddress(
  ctx: Pick<Context, 'project'>,
  reads: Pick<Reads, 'emails'>,
  actor: UserActor,
  { invitation, byCode }: FoundInvitation,
): Promise<Email | Refusal> {
  const own = await reads.emails.listOf(actor.live.user.id);
  const invited = own.find(({ normal }) => normal === invitation.addressNormal);
  if (!invited) return refuse('invitation_not_yours');
  const codeDoes = byCode && !ctx.project.policy.organizations.requireVerifiedForInvitations;
  return invited.verifiedAt !== null || codeDoes ? invited : refuse('invitation_needs_verified_email');
}
