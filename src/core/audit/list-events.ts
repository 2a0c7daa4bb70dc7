import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import type { PublicQuery } from './event.ts';
import { type PublicAction, type PublicEvent, publicView, shownActions } from './public-log.ts';

/** All conditions hold together; what is absent matches everything. */
export interface PublicFilter {
  readonly actions?: readonly PublicAction[];
  /** What this person did themselves. */
  readonly actorId?: Id;
  /** What happened to this person. */
  readonly userId?: Id;
}

export interface EventPage {
  /** Newest first, by id. */
  readonly events: readonly PublicEvent[];
  /** Whether the filter matches anything beyond either end of the page. */
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
}

/** What matches the filter and may be seen now. */
export const publicQuery = (
  ctx: Pick<Context, 'project'>,
  { actions, actorId, userId }: PublicFilter,
): PublicQuery => ({
  actions: shownActions(ctx).filter((action) => actions?.includes(action) ?? true),
  ...(actorId !== undefined && { by: actorId }),
  ...(userId !== undefined && { about: userId }),
});

/**
 * A page of the public log, which anybody may read (core map W3).
 * @param page `cursor` is the id of an event, itself not part of the page; without one it is the newest page
 */
export async function listEvents(
  ctx: Pick<Context, 'project' | 'store'>,
  filter: PublicFilter,
  page: { readonly limit: number; readonly cursor?: Id; readonly direction: 'older' | 'newer' },
): Promise<EventPage> {
  const { events: reads } = ctx.store.read;
  const query = publicQuery(ctx, filter);
  const { limit, cursor, direction } = page;
  const newer = direction === 'newer' && cursor !== undefined;
  const found = await reads.listPublic(query, {
    limit: limit + 1,
    ...(cursor !== undefined && (newer ? { above: cursor } : { below: cursor })),
  });
  const more = found.length > limit;
  // The one too many is the farthest from the cursor.
  const events = more ? (newer ? found.slice(1) : found.slice(0, limit)) : found;
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last) return { events: [], hasNewer: false, hasOlder: false };
  const behind = await reads.listPublic(query, { limit: 1, ...(newer ? { below: last.id } : { above: first.id }) });
  const [hasNewer, hasOlder] = newer ? [more, behind.length > 0] : [behind.length > 0, more];
  return { events: events.map(publicView), hasNewer, hasOlder };
}
