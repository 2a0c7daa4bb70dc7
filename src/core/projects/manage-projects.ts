import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { ConfigOverrides, LogoUrls, ProjectRecord } from './project-record.ts';
import { updateProject } from './write-config.ts';

export interface NewProject {
  readonly displayName: string;
  readonly description: string;
  readonly logoUrls: LogoUrls;
  readonly production: boolean;
  /** What its configuration starts with, over the preset. Already checked. */
  readonly overrides: ConfigOverrides;
}

/**
 * Makes a project that an organization of the project `internal` owns: whoever belongs to it administers the new one.
 * @param ctx of the project `internal`
 * @param owner null when an operator makes it, who needs nobody's leave
 * @throws Refusal not_a_member
 */
export async function createProject(
  ctx: Context,
  actor: Actor,
  owner: { readonly actor: UserActor; readonly organizationId: Id } | null,
  input: NewProject,
): Promise<ProjectRecord> {
  if (owner) {
    const { organizationId } = owner;
    const userId = owner.actor.live.user.id;
    const member = await ctx.store.read.memberships.findOf(organizationId, userId);
    if (!member) throw new Refusal('not_a_member', { given: organizationId, field: userId });
  }
  const { displayName, description, production, logoUrls, overrides } = input;
  const { id } = await ctx.directory.create({
    id: ctx.ids.next(),
    ...{ displayName, description, production },
    ownerOrganizationId: owner?.organizationId ?? null,
  });
  await ctx.store.transaction((tx) =>
    recordEvent(ctx, tx, actor, { type: 'project.created', subject: null, data: { project_id: id } }),
  );
  const made = (await ctx.directory.find(id))!.context(ctx.surface.name);
  await updateProject(made, actor, { change: { logoUrls }, overrides: () => overrides });
  return made.store.read.project.read();
}

/** Those whose owner the actor belongs to, oldest first. */
export async function listProjects(ctx: Context, actor: UserActor): Promise<readonly ProjectRecord[]> {
  const memberships = await ctx.store.read.memberships.listOfUser(actor.live.user.id);
  return ctx.directory.listOwnedBy(memberships.map(({ organizationId }) => organizationId));
}

/**
 * Nobody reaches the project any more, at once; its rows stay for those who look after the database.
 * @throws Refusal project_configured: the operator's file would bring it back
 */
export async function deleteProject(ctx: Context, actor: Actor): Promise<void> {
  const record = await ctx.store.read.project.read();
  if (record.preset !== 'hexclave') throw new Refusal('project_configured');
  await ctx.store.transaction(async (tx) => {
    await tx.project.end(ctx.clock.now());
    await recordEvent(ctx, tx, actor, { type: 'project.deleted', subject: null });
  });
  await ctx.directory.reload(ctx.project.id);
}
