import { type Id, uuidV4 } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act, asSystem } from '../acting.ts';
import { type ServerActor, type SystemActor, systemActor, type UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../count-limits.ts';
import { refuseProjectName } from './check-project-name.ts';
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
 * @param organizationId the owner, for whoever belongs to it; null when an operator makes the project
 * @throws Refusal not_a_member, not_signed_in, input_invalid (the name), limit_reached, config_rejected, role_not_found
 */
export async function createProject(
  ctx: Context,
  actor: UserActor | SystemActor,
  organizationId: Id | null,
  input: NewProject,
): Promise<ProjectRecord> {
  const refused = await act(ctx, actor, { inPerson: true }, async (tx, { person }) => {
    if (person === null) return null;
    const member = organizationId && (await tx.memberships.findOf(organizationId, person.id));
    return member ? null : refuse('not_a_member', { given: organizationId ?? '', field: person.id });
  });
  settle(refused);
  if (organizationId !== null) {
    const tooMany = refuseBeyond('projects', (await ctx.directory.listOwnedBy([organizationId])).length);
    if (tooMany) throw tooMany;
  }
  const { displayName, description, production, logoUrls, overrides } = input;
  const misnamed = refuseProjectName(displayName);
  if (misnamed) throw misnamed;
  const { id } = await ctx.directory.create({
    id: uuidV4(ctx.random),
    ...{ displayName, description, production },
    ownerOrganizationId: organizationId,
  });
  const made = (await ctx.directory.find(id))!.context(ctx.surface.name);
  // The new project knows nobody yet: what it starts with is written for whoever was let make it.
  const start = { change: { logoUrls }, overrides: () => overrides };
  await updateProject(made, { ...systemActor, from: actor.from }, start).catch(async (fault) => {
    // Nothing is left of a project whose configuration was refused.
    await asSystem(made, (tx) => tx.project.end(ctx.clock.now()));
    await ctx.directory.reload(id);
    throw fault;
  });
  await asSystem(ctx, (tx) =>
    recordEvent(ctx, tx, actor, { type: 'project.created', subject: null, data: { project_id: id } }),
  );
  return made.store.read.project.read();
}

/** Those whose owner the actor belongs to, oldest first. */
export async function listProjects(ctx: Context, actor: UserActor): Promise<readonly ProjectRecord[]> {
  const memberships = await ctx.store.read.memberships.listOfUser(actor.live.user.id);
  return ctx.directory.listOwnedBy(memberships.map(({ organizationId }) => organizationId));
}

/**
 * Nobody reaches the project any more, at once; its rows stay for those who look after the database.
 * @throws Refusal access_level_insufficient, project_configured: the operator's file would bring it back
 */
export async function deleteProject(ctx: Context, actor: ServerActor | SystemActor): Promise<void> {
  const record = await ctx.store.read.project.read();
  if (record.preset !== 'hexclave') throw new Refusal('project_configured');
  await act(ctx, actor, { server: 'admin' }, async (tx) => {
    await tx.project.end(ctx.clock.now());
    await recordEvent(ctx, tx, actor, { type: 'project.deleted', subject: null });
  });
  await ctx.directory.reload(ctx.project.id);
}
