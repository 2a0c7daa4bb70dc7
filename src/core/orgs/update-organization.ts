import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { readImageUrl } from '../users/profile-rules.ts';
import type { JsonObject } from '../users/user.ts';
import { takenSlug } from './create-organization.ts';
import type { Organization, OrganizationChange } from './organization.ts';
import { readMetadata, readOrganizationName, readSlug, slugNormal } from './organization-rules.ts';
import { standIn } from './standing.ts';

/** Absent: unchanged. */
export interface OrganizationEdit {
  readonly name?: string;
  readonly slug?: string;
  readonly imageUrl?: string | null;
  /** Replaces what was there. */
  readonly metadata?: JsonObject;
}

/**
 * Naming nothing to change is allowed and changes nothing.
 * @throws Refusal organization_required, not_a_member, organization_permission_denied, slug_taken, image_invalid, input_invalid
 */
export async function updateOrganization(
  ctx: Context,
  actor: UserActor,
  input: { readonly organizationId: Id | null; readonly edit: OrganizationEdit },
): Promise<Organization> {
  const change = readChange(input.edit);
  const outcome = await ctx.store
    .transaction(async (tx) => {
      const standing = await standIn(tx, actor, input.organizationId);
      if (standing instanceof Refusal) return standing;
      if (!standing.may('org.update')) return refuse('organization_permission_denied');
      const { id } = standing.organization;
      if (Object.keys(change).length === 0) return standing.organization;
      if (change.slugNormal !== undefined) {
        const other = await tx.organizations.findBySlug(change.slugNormal);
        if (other && other.id !== id) return refuse('slug_taken');
      }
      await tx.organizations.update(id, change, ctx.clock.now());
      await recordEvent(ctx, tx, actor, {
        type: 'organization.updated',
        subject: null,
        organizationId: id,
        data: { fields: Object.keys(input.edit) },
      });
      return (await tx.organizations.find(id)) ?? refuse('not_a_member');
    })
    .catch(takenSlug);
  return settle(outcome);
}

const readChange = (edit: OrganizationEdit): OrganizationChange => ({
  ...(edit.name !== undefined && { name: readOrganizationName(edit.name) }),
  ...(edit.slug !== undefined && { slug: readSlug(edit.slug), slugNormal: slugNormal(edit.slug) }),
  ...(edit.imageUrl !== undefined && { imageUrl: readImageUrl(edit.imageUrl) }),
  ...(edit.metadata !== undefined && { metadataClient: readMetadata(edit.metadata) }),
});
