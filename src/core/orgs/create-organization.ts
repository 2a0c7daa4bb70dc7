import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { Conflict, type Tx } from '../store.ts';
import { readImageUrl } from '../users/profile-rules.ts';
import type { JsonObject } from '../users/user.ts';
import { addTeam } from './manage-teams.ts';
import type { Member } from './membership.ts';
import type { Organization } from './organization.ts';
import { readMetadata, readOrganizationName, readSlug, slugFromName, slugNormal } from './organization-rules.ts';
import { ownerRole } from './role.ts';

export interface NewOrganization {
  readonly name: string;
  /** Null: made from the name. */
  readonly slug: string | null;
  readonly imageUrl: string | null;
  readonly metadata: JsonObject | null;
  /** The session works in it from now on. */
  readonly makeActive: boolean;
}

/**
 * The actor founds an organization and owns it.
 * @throws Refusal organization_creation_disabled, organization_limit_reached, slug_taken, image_invalid, input_invalid
 */
export async function createOrganization(
  ctx: Context,
  actor: UserActor,
  input: NewOrganization,
): Promise<{ readonly organization: Organization; readonly member: Member }> {
  const rules = ctx.project.policy.organizations;
  if (!rules.userCreation) throw new Refusal('organization_creation_disabled');
  const { id: userId } = actor.live.user;
  const now = ctx.clock.now();
  const slug = input.slug === null ? slugFromName(ctx.random, input.name) : readSlug(input.slug);
  const organization: Organization = {
    id: ctx.ids.next(),
    name: readOrganizationName(input.name),
    slug,
    slugNormal: slugNormal(slug),
    imageUrl: readImageUrl(input.imageUrl),
    personalOfUserId: null,
    metadataClient: readMetadata(input.metadata),
    createdBy: userId,
    createdAt: now,
    updatedAt: now,
  };
  const outcome = await ctx.store
    .transaction(async (tx) => {
      if (rules.limit !== null && (await tx.organizations.countLocked(userId)) >= rules.limit) {
        return refuse('organization_limit_reached');
      }
      if (await tx.organizations.findBySlug(organization.slugNormal)) return refuse('slug_taken');
      await tx.organizations.insert(organization);
      const member = await found(ctx, tx, actor, organization);
      const team = rules.teams ? await addTeam(ctx, tx, actor, organization, organization.name) : null;
      if (team) await tx.teams.addMember({ id: ctx.ids.next(), teamId: team.id, userId, createdAt: now });
      if (input.makeActive) {
        await tx.sessions.setActive(actor.live.session.id, organization.id, team?.id ?? null, now);
      }
      return { organization, member };
    })
    .catch(takenSlug);
  return settle(outcome);
}

/** The first member, who owns it. */
async function found(ctx: Context, tx: Tx, actor: UserActor, organization: Organization): Promise<Member> {
  const { id: userId } = actor.live.user;
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  await tx.memberships.insert({ id, organizationId: organization.id, userId, createdAt: now });
  const [owner] = await tx.organizationRoles.named(organization.id, [ownerRole]);
  if (!owner) throw new Error('the project has no role for owners');
  await tx.memberships.setRoles(id, [owner.id], userId, now);
  await recordEvent(ctx, tx, actor, {
    type: 'organization.created',
    subject: userId,
    organizationId: organization.id,
    data: { slug: organization.slug },
  });
  return (await tx.memberships.find(id))!;
}

/** Two at once: the unique index lets one through. */
export function takenSlug(fault: unknown): Refusal {
  if (fault instanceof Conflict && fault.index === 'organization_by_slug') return refuse('slug_taken');
  throw fault;
}
