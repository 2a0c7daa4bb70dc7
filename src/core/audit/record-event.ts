import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import { type Actor, actorUserId } from '../actor.ts';
import type { Context } from '../context.ts';
import { isImpersonation } from '../sessions/session.ts';
import type { Tx } from '../store.ts';
import type { EventType, Visibility } from './event.ts';
import { isPublicPerson, type PublicAction, publicActionOf } from './public-log.ts';

interface Happening {
  readonly type: EventType;
  /** Whom it is about. Null when nobody is known by what was sent. */
  readonly subject: Id | null;
  /** Then its members with the right may read the event, unless said otherwise. */
  readonly organizationId?: Id | null;
  readonly apiKeyId?: Id | null;
  readonly sessionId?: Id | null;
  readonly level?: 'info' | 'warn';
  readonly data?: JsonObject;
}

/** Writes down what happened, in the transaction in which it happens, after the change itself. */
export async function recordEvent(
  ctx: Pick<Context, 'project' | 'ids' | 'clock' | 'surface'>,
  tx: Pick<Tx, 'events' | 'users'>,
  actor: Actor,
  happening: Happening,
): Promise<void> {
  const publicAction = await whatStrangersSee(ctx, tx, happening);
  await tx.events.insert({
    id: ctx.ids.next(),
    type: happening.type,
    level: happening.level ?? 'info',
    visibility: publicAction === null ? usualVisibility(happening) : 'public',
    publicAction,
    actorKind: actor.kind,
    actorId: actorUserId(actor),
    subjectUserId: happening.subject,
    organizationId: happening.organizationId ?? null,
    apiKeyId: happening.apiKeyId ?? (actor.kind === 'key' ? actor.key.id : null),
    sessionId: happening.sessionId ?? (actor.kind === 'user' ? actor.live.session.id : null),
    madeBy: ctx.surface.name,
    ip: actor.from.ip,
    userAgent: actor.from.userAgent,
    data: withImpersonator(actor, happening.data ?? {}),
    createdAt: ctx.clock.now(),
  });
}

function usualVisibility({ organizationId, subject }: Happening): Visibility {
  if (organizationId) return 'organization';
  return subject === null ? 'internal' : 'user';
}

/** Decided now and for good (core map W3): a later change of policy or profile publishes nothing old. */
async function whatStrangersSee(
  ctx: Parameters<typeof recordEvent>[0],
  tx: Pick<Tx, 'users'>,
  happening: Happening,
): Promise<PublicAction | null> {
  if (happening.organizationId || happening.subject === null) return null;
  const action = publicActionOf(ctx, happening);
  if (action === null) return null;
  const person = await tx.users.find(happening.subject);
  return person && isPublicPerson(ctx, person) ? action : null;
}

/** What an administrator does in somebody's name is written down as theirs. */
function withImpersonator(actor: Actor, data: JsonObject): JsonObject {
  if (actor.kind !== 'user' || !isImpersonation(actor.live.session)) return data;
  // Null: the project's server opened the session.
  return { ...data, impersonator_id: actor.live.session.impersonatorId };
}
