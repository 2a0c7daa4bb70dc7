import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { actorUserId, type ServerActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { notAMember, standInLocked } from '../orgs/standing.ts';
import type { Tx } from '../store.ts';
import { findNamed } from './definitions.ts';
import type { GrantNode, GrantScope } from './grant-graph.ts';

/** What is given to or taken from whom; without an organization over the whole project. */
export interface Granting {
  readonly organizationId: Id | null;
  readonly userId: Id;
  /** As applications call it. */
  readonly name: string;
}

/**
 * The project's server gives somebody a role or permission. Giving it again changes nothing.
 * @throws Refusal organization_not_found, not_a_member, user_not_found, role_not_found
 */
export async function grantPermission(ctx: Context, actor: ServerActor, input: Granting): Promise<void> {
  await act(ctx, actor, {}, async (tx) => {
    const place = await find(tx, actor, input);
    if (place instanceof Refusal) return place;
    const { node, membershipId } = place;
    const [now, by] = [ctx.clock.now(), actorUserId(actor)];
    if (membershipId === null) await tx.grants.giveUser(input.userId, node.id, by, now);
    else await tx.grants.giveMember(membershipId, node.id, by, now);
    await record(ctx, tx, actor, input, { granted: input.name });
    return undefined;
  });
}

/**
 * @throws Refusal as `grantPermission`; permission_not_granted; organization_needs_owner (the last owner stays one while
 *   others are there, whoever asks: rule 29)
 */
export async function revokePermission(ctx: Context, actor: ServerActor, input: Granting): Promise<void> {
  const { organizationId, userId } = input;
  await act(ctx, actor, {}, async (tx) => {
    const place = await find(tx, actor, input);
    if (place instanceof Refusal) return place;
    const { node, membershipId } = place;
    if (membershipId === null) {
      if (!(await tx.grants.takeUser(userId, node.id))) return notGranted(input);
    } else {
      if (node.owner && (await isLastOwnerOfOthers(tx, membershipId))) return refuse('organization_needs_owner');
      if (!(await tx.grants.takeMember(membershipId, node.id))) return notGranted(input);
    }
    await record(ctx, tx, actor, { ...input, organizationId }, { revoked: input.name });
    return undefined;
  });
}

const notGranted = ({ name, userId, organizationId }: Granting): Refusal =>
  refuse('permission_not_granted', { field: name, userId, ...(organizationId !== null && { organizationId }) });

/** Under the organization's lock, and the node's. */
async function find(
  tx: Tx,
  actor: ServerActor,
  { organizationId, userId, name }: Granting,
): Promise<{ readonly node: GrantNode; readonly membershipId: Id | null } | Refusal> {
  let membershipId: Id | null = null;
  if (organizationId !== null) {
    const standing = await standInLocked(tx, actor, organizationId);
    if (standing instanceof Refusal) return standing;
    const member = await tx.memberships.findOf(organizationId, userId);
    if (!member) return notAMember(organizationId, userId);
    membershipId = member.id;
  } else if (!(await tx.users.find(userId))) return refuse('user_not_found');
  const scope: GrantScope = organizationId === null ? 'project' : 'organization';
  const found = await findNamed(tx, scope, name);
  if (found instanceof Refusal) return found;
  if (!(await tx.grants.lock(found.node.id))) return refuse('role_not_found', { field: name });
  return { node: found.node, membershipId };
}

async function isLastOwnerOfOthers(tx: Tx, membershipId: Id): Promise<boolean> {
  const member = (await tx.memberships.find(membershipId))!;
  if (!member.owner || (await tx.memberships.countOwners(member.organizationId)) > 1) return false;
  return (await tx.memberships.count(member.organizationId)) > 1;
}

const record = (
  ctx: Context,
  tx: Tx,
  actor: ServerActor,
  { organizationId, userId }: Granting,
  data: Record<string, string>,
): Promise<void> =>
  recordEvent(ctx, tx, actor, {
    type: organizationId === null ? 'account.roles_changed' : 'organization.roles_changed',
    subject: userId,
    ...(organizationId !== null && { organizationId }),
    data,
  });
