import type { Id } from '../../base/ids.ts';
import type { JsonValue } from '../../base/json.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { type Actor, actorUserId } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { type ImageSource, prepareSource } from '../files/image-source.ts';
import { readMetadata } from '../metadata.ts';
import { Conflict, type Tx } from '../store.ts';
import { defaultGrants } from './default-grants.ts';
import { addTeam } from './manage-teams.ts';
import type { Member } from './membership.ts';
import type { Organization } from './organization.ts';
import { readOrganizationName, readSlug, slugFromName, slugNormal } from './organization-rules.ts';
import type { OrganizationActor } from './standing.ts';

export interface NewOrganization {
  readonly name: string;
  /** Null: made from the name. */
  readonly slug: string | null;
  readonly image: ImageSource;
  readonly metadata: JsonValue;
  /** Both only from the project's servers. */
  readonly metadataReadonly?: JsonValue;
  readonly metadataServer?: JsonValue;
  /** The session works in it from now on. */
  readonly makeActive: boolean;
  /** Who founds it, where a server asks; null: nobody, it is empty. */
  readonly creatorId?: Id | null;
}

/**
 * The actor founds an organization and owns it; a server founds it for somebody, or for nobody.
 * @throws Refusal organization_creation_disabled, organization_limit_reached, slug_taken, image_invalid and its
 *   siblings, input_invalid, metadata_too_large, user_not_found
 */
export async function createOrganization(
  ctx: Context,
  actor: OrganizationActor,
  input: NewOrganization,
): Promise<{ readonly organization: Organization; readonly member: Member | null }> {
  const rules = ctx.project.policy.organizations;
  const byServer = actor.kind === 'server';
  if (!byServer && !rules.userCreation) throw new Refusal('organization_creation_disabled');
  const userId = byServer ? (input.creatorId ?? null) : actor.live.user.id;
  const draft = draftOrganization(ctx, { name: input.name, slug: input.slug, createdBy: userId });
  const metadata = {
    metadataClient: readMetadata('metadataClient', input.metadata),
    metadataReadonly: byServer ? readMetadata('metadataReadonly', input.metadataReadonly ?? null) : null,
    metadataServer: byServer ? readMetadata('metadataServer', input.metadataServer ?? null) : null,
  };
  const image = await prepareSource(ctx, 'team_profile', input.image);
  const outcome = await act(ctx, actor, {}, async (tx) => {
    if (userId !== null && !(await tx.users.find(userId))) return refuse('user_not_found');
    const counted = !byServer && rules.limit !== null && userId !== null;
    if (counted && (await tx.organizations.countLocked(userId)) >= rules.limit) {
      return refuse('organization_limit_reached');
    }
    if (await tx.organizations.findBySlug(draft.slugNormal)) return refuse('slug_taken');
    await tx.organizations.insert({ ...draft, ...metadata, ...(await image.keep(tx)) });
    const member = await found(ctx, tx, actor, draft, userId);
    const team = rules.teams ? await addTeam(ctx, tx, actor, draft, draft.name) : null;
    if (team && userId !== null) {
      await tx.teams.addMember({ id: ctx.ids.next(), teamId: team.id, userId, createdAt: draft.createdAt });
    }
    if (input.makeActive && !byServer) {
      await tx.sessions.setActive(actor.live.session.id, draft.id, team?.id ?? null, draft.createdAt);
    }
    return { organization: (await tx.organizations.find(draft.id))!, member };
  }).catch(takenSlug);
  const made = settle(outcome);
  await image.confirm();
  return made;
}

/** @throws Refusal input_invalid */
export function draftOrganization(
  ctx: Pick<Context, 'ids' | 'clock' | 'random'>,
  input: { readonly name: string; readonly slug: string | null; readonly createdBy: Id | null },
): Omit<Organization, 'imageKey'> {
  const now = ctx.clock.now();
  const slug = input.slug === null ? slugFromName(ctx.random, input.name) : readSlug(input.slug);
  return {
    id: ctx.ids.next(),
    name: readOrganizationName(input.name),
    slug,
    slugNormal: slugNormal(slug),
    ...{ imageUrl: null, imageFileId: null },
    personalOfUserId: null,
    ...{ metadataClient: null, metadataReadonly: null, metadataServer: null },
    createdBy: input.createdBy,
    createdAt: now,
    updatedAt: now,
  };
}

/** A step of every path that makes an organization: the first member, who gets what founders get. */
export async function found(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  organization: Pick<Organization, 'id' | 'slug'>,
  userId: Id | null,
): Promise<Member | null> {
  const { id: organizationId } = organization;
  const now = ctx.clock.now();
  const id = ctx.ids.next();
  if (userId !== null) {
    await tx.memberships.insert({ id, organizationId, userId, createdAt: now });
    const grants = await defaultGrants(ctx, tx, organizationId, 'creator');
    await tx.memberships.setRoles(id, grants, actorUserId(actor), now);
  }
  await recordEvent(ctx, tx, actor, {
    type: 'organization.created',
    subject: userId,
    organizationId,
    data: { slug: organization.slug },
  });
  return userId === null ? null : tx.memberships.find(id);
}

/** Two at once: the unique index lets one through. */
export function takenSlug(fault: unknown): Refusal {
  if (fault instanceof Conflict && fault.index === 'organization_by_slug') return refuse('slug_taken');
  throw fault;
}
