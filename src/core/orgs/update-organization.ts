import type { Id } from '../../base/ids.ts';
import type { JsonValue } from '../../base/json.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { type ImageSource, prepareSource } from '../files/image-source.ts';
import { readMetadata } from '../metadata.ts';
import { takenSlug } from './create-organization.ts';
import type { Organization, OrganizationChange } from './organization.ts';
import { isNewSlug, readOrganizationName, slugNormal } from './organization-rules.ts';
import { type OrganizationActor, refuseUnless, standIn } from './standing.ts';

/** Absent: unchanged. */
export interface OrganizationEdit {
  readonly name?: string;
  readonly slug?: string;
  readonly image?: ImageSource;
  /** Replaces what was there. */
  readonly metadata?: JsonValue;
  /** Both only from the project's servers. */
  readonly metadataReadonly?: JsonValue;
  readonly metadataServer?: JsonValue;
}

/**
 * Naming nothing to change is allowed and changes nothing.
 * @throws Refusal organization_required, not_a_member, organization_not_found, organization_permission_denied,
 *   slug_taken, image_invalid and its siblings, input_invalid, metadata_too_large
 */
export async function updateOrganization(
  ctx: Context,
  actor: OrganizationActor,
  input: { readonly organizationId: Id | null; readonly edit: OrganizationEdit },
): Promise<Organization> {
  const { edit, organizationId } = input;
  const change = readChange(edit, actor.kind === 'server');
  // Who may not change it does not make the server draw.
  const early = edit.image ? await standIn(ctx.store.read, actor, organizationId) : null;
  if (early instanceof Refusal) throw early;
  if (early) settle(refuseUnless(early, 'org.update'));
  const image = edit.image === undefined ? null : await prepareSource(ctx, 'team_profile', edit.image);
  const outcome = await act(ctx, actor, {}, async (tx) => {
    const standing = await standIn(tx, actor, organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'org.update');
    if (denied) return denied;
    const { id } = standing.organization;
    if (Object.keys(change).length === 0 && !image) return standing.organization;
    if (change.slugNormal !== undefined) {
      // Its own slug may be older than today's rules.
      const kept = edit.slug === standing.organization.slug;
      if (!kept && !isNewSlug(edit.slug!)) return refuse('input_invalid', { field: 'Invalid slug' });
      const other = await tx.organizations.findBySlug(change.slugNormal);
      if (other && other.id !== id) return refuse('slug_taken');
    }
    await tx.organizations.update(id, { ...change, ...(await image?.keep(tx)) }, ctx.clock.now());
    await recordEvent(ctx, tx, actor, {
      type: 'organization.updated',
      subject: null,
      organizationId: id,
      data: { fields: Object.keys(edit) },
    });
    return (await tx.organizations.find(id)) ?? refuse('not_a_member');
  }).catch(takenSlug);
  const updated = settle(outcome);
  await image?.confirm();
  return updated;
}

const readChange = (edit: OrganizationEdit, byServer: boolean): OrganizationChange => ({
  ...(edit.name !== undefined && { name: readOrganizationName(edit.name) }),
  ...(edit.slug !== undefined && { slug: edit.slug, slugNormal: slugNormal(edit.slug) }),
  ...(edit.metadata !== undefined && { metadataClient: readMetadata('metadataClient', edit.metadata) }),
  ...(byServer &&
    edit.metadataReadonly !== undefined && {
      metadataReadonly: readMetadata('metadataReadonly', edit.metadataReadonly),
    }),
  ...(byServer &&
    edit.metadataServer !== undefined && { metadataServer: readMetadata('metadataServer', edit.metadataServer) }),
});
