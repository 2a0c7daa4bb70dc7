import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import type { Invitation } from './invitation.ts';
import { visibleInvitations } from './list-invitations.ts';
import { memberPageSize } from './member-page-size.ts';
import type { Member } from './membership.ts';
import type { Organization, OrganizationPage } from './organization.ts';
import { isSlug, readSlug, slugNormal } from './organization-rules.ts';
import { type OrganizationActor, type Standing, standAt } from './standing.ts';
import type { Team } from './team.ts';

/** By id, by slug, or the one that is active in the session. */
export type WhichOrganization = { readonly id: Id } | { readonly slug: string } | 'active';

/** @returns null: none is active; organization_not_found */
export async function findOrganization(
  reads: Pick<Reads, 'organizations'>,
  actor: OrganizationActor,
  which: WhichOrganization,
): Promise<Organization | Refusal | null> {
  if (which === 'active') {
    const id = actor.kind === 'server' ? null : actor.live.session.activeOrganizationId;
    return id === null ? null : reads.organizations.find(id);
  }
  const found =
    'id' in which
      ? await reads.organizations.find(which.id)
      : isSlug(which.slug)
        ? await reads.organizations.findBySlug(slugNormal(which.slug))
        : null;
  return (
    found ??
    refuse('organization_not_found', {
      ...('id' in which && { organizationId: which.id }),
      ...(actor.kind === 'user' && { userId: actor.live.user.id }),
    })
  );
}

/** Null when none is asked for and none is active. @throws Refusal organization_not_found, not_a_member */
export async function readOrganization(
  ctx: Context,
  actor: OrganizationActor,
  which: WhichOrganization,
): Promise<Organization | null> {
  return (await standWhere(ctx, actor, which))?.organization ?? null;
}

export interface FullOrganization {
  readonly organization: Organization;
  readonly members: readonly Member[];
  /** None for whoever may not read them. */
  readonly invitations: readonly Invitation[];
  /** Null: this project has no teams. */
  readonly teams: readonly Team[] | null;
}

/** @throws Refusal organization_not_found, not_a_member */
export async function readFullOrganization(
  ctx: Context,
  actor: OrganizationActor,
  which: WhichOrganization,
  membersLimit?: number,
): Promise<FullOrganization | null> {
  const standing = await standWhere(ctx, actor, which);
  if (!standing) return null;
  const { read } = ctx.store;
  const { organization } = standing;
  const limit = memberPageSize(ctx, membersLimit);
  const { members } = standing.may('members.read')
    ? await read.memberships.list(organization.id, { limit })
    : { members: standing.member ? [standing.member] : [] };
  return {
    organization,
    members,
    invitations: standing.may('invitations.read')
      ? visibleInvitations(standing, await read.invitations.listOf(organization.id))
      : [],
    teams: ctx.project.policy.organizations.teams ? await read.teams.listOf(organization.id) : null,
  };
}

async function standWhere(ctx: Context, actor: OrganizationActor, which: WhichOrganization): Promise<Standing | null> {
  const { read } = ctx.store;
  const organization = settle(await findOrganization(read, actor, which));
  if (!organization) return null;
  return settle(await standAt(read, actor, organization));
}

export const listOrganizations = (ctx: Context, actor: UserActor): Promise<readonly Organization[]> =>
  ctx.store.read.organizations.listOf(actor.live.user.id);

/** Is the slug free? */
export async function checkSlug(ctx: Context, _actor: UserActor, slug: string): Promise<void> {
  readSlug(slug);
  if (await ctx.store.read.organizations.findBySlug(slugNormal(slug))) throw new Refusal('slug_taken');
}

const maxPage = 200;

/**
 * A page of organizations by age: a person's own, or for servers anybody's or all.
 * @returns the id with which the next page begins, null at the end or when no `limit` was asked for
 * @throws Refusal self_only
 */
export async function pageOrganizations(
  ctx: Context,
  actor: OrganizationActor,
  asked: OrganizationPage,
): Promise<{ readonly organizations: readonly Organization[]; readonly next: Id | null }> {
  if (actor.kind === 'user' && asked.userId !== actor.live.user.id) throw new Refusal('self_only');
  const { limit: wanted, ...page } = asked;
  const { organizations } = ctx.store.read;
  if (wanted === undefined) return { organizations: await organizations.page(page), next: null };
  const limit = Math.min(wanted, maxPage);
  const found = await organizations.page({ ...page, limit: limit + 1 });
  return { organizations: found.slice(0, limit), next: found[limit]?.id ?? null };
}
