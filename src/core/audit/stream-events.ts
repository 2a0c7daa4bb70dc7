import { looksLikeId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { type Actor, actorUserId } from '../actor.ts';
import type { Context } from '../context.ts';
import { hostOf } from '../network.ts';
import { checkSessionById } from '../sessions/check-session.ts';
import type { PublicQuery } from './event.ts';
import { type PublicFilter, publicQuery } from './list-events.ts';
import type { StreamedEvent } from './live-log.ts';

/** Where events go as they happen. */
export interface EventReader {
  take(event: StreamedEvent): void;
  /** Nothing for this reader up to this event, which is the one to go on from another time. */
  pass(event: StreamedEvent): void;
  /** Resolves when what was taken has left. */
  drained(): Promise<void>;
  end(): void;
}

/** @returns to be called when the reader leaves */
export type Follow = (reader: EventReader) => () => void;

/** How long somebody who has too many streams should wait. */
const retryAfterSeconds = 30;

/**
 * The public log as it grows, in the order of commits (core map §1.8), for anybody. With the id of the event a reader had
 * last, it goes on after that one; an unknown id begins now, as none does. Whoever is signed in loses the stream with the
 * session or when they are banned (rule 18).
 * @throws Refusal too_many_requests: more streams than the policy allows
 */
export async function streamEvents(
  ctx: Context,
  actor: Actor,
  { filter, lastEventId }: { readonly filter: PublicFilter; readonly lastEventId: string | null },
): Promise<Follow> {
  const refused = tooMany(ctx, actor);
  if (refused) throw refused;
  const { events } = ctx.store.read;
  const known = lastEventId !== null && looksLikeId(lastEventId) ? await events.positionOf(lastEventId) : null;
  const position = known ?? (await events.lastPosition());

  return (reader) => {
    // Asked again: others may have come while the store was read.
    if (tooMany(ctx, actor)) {
      reader.end();
      return () => {};
    }
    return ctx.liveLog.follow({
      viewer: actor.kind === 'user' ? { userId: actor.live.user.id, sessionId: actor.live.session.id } : null,
      host: hostOf(actor.from.ip),
      position,
      wants: (event) => matches(publicQuery(ctx, filter), event),
      take: (event) => reader.take(event),
      pass: (event) => reader.pass(event),
      drained: () => reader.drained(),
      async isShutOut() {
        if (actor.kind !== 'user') return false;
        return (await checkSessionById(ctx, actor.live.session.id)) instanceof Refusal;
      },
      end: () => reader.end(),
    });
  };
}

function tooMany(ctx: Context, actor: Actor): Refusal | null {
  const { perPerson, perAddress, perNode } = ctx.project.policy.streams;
  const { all, ofUser, ofHost } = ctx.liveLog.followers();
  const userId = actorUserId(actor);
  const full =
    (userId !== null && ofUser(userId) >= perPerson) || ofHost(hostOf(actor.from.ip)) >= perAddress || all >= perNode;
  return full ? new Refusal('too_many_requests', { retryAfterSeconds, why: 'streams' }) : null;
}

const matches = ({ actions, by, about }: PublicQuery, { action, actorId, userId }: StreamedEvent): boolean =>
  actions.includes(action) && (by === undefined || by === actorId) && (about === undefined || about === userId);
