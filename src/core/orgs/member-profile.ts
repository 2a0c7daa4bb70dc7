import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { codePoints, hasUnseenCharacters } from '../../base/text.ts';
import { act } from '../acting.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { type ImageSource, prepareSource } from '../files/image-source.ts';
import type { Member } from './membership.ts';
import { notAMember, type OrganizationActor, standInLocked } from './standing.ts';

const maxName = 256;

/**
 * How a person shows themselves in one organization. People change their own; servers anybody's.
 * @throws Refusal not_a_member, organization_not_found, self_only, display_name_invalid, image_invalid and its siblings
 */
export async function updateMemberProfile(
  ctx: Context,
  actor: OrganizationActor,
  input: {
    readonly organizationId: Id;
    readonly userId: Id;
    /** Absent: unchanged. An empty name is none: the person's own is shown. */
    readonly displayName?: string | null;
    readonly image?: ImageSource;
  },
): Promise<Member> {
  const { organizationId, userId, displayName } = input;
  if (actor.kind === 'user' && actor.live.user.id !== userId) throw new Refusal('self_only');
  if (displayName != null && (codePoints(displayName) > maxName || hasUnseenCharacters(displayName))) {
    throw new Refusal('display_name_invalid', { field: 'displayName', maxLength: maxName });
  }
  // Before the image is drawn: strangers cost nothing.
  if (!(await ctx.store.read.memberships.findOf(organizationId, userId))) throw notAMember(organizationId, userId);
  const image = input.image === undefined ? null : await prepareSource(ctx, 'member_profile', input.image);
  const updated = await act(ctx, actor, {}, async (tx) => {
    const standing = await standInLocked(tx, actor, organizationId);
    if (standing instanceof Refusal) return standing;
    const member = await tx.memberships.findOf(organizationId, userId);
    if (!member) return notAMember(organizationId, userId);
    const fields = Object.keys(input).filter((name) => name === 'displayName' || name === 'image');
    if (fields.length === 0) return member;
    await tx.memberships.update(
      member.id,
      { ...(displayName !== undefined && { displayName: displayName || null }), ...(await image?.keep(tx)) },
      ctx.clock.now(),
    );
    await recordEvent(ctx, tx, actor, {
      type: 'organization.member_updated',
      subject: userId,
      organizationId,
      data: { fields },
    });
    return (await tx.memberships.find(member.id)) ?? refuse('not_a_member');
  });
  await image?.confirm();
  return updated;
}
