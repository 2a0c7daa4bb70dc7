import { type Expression, type Selectable, type SqlBool, sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import type {
  Event,
  EventReads,
  EventType,
  EventWrites,
  PlacedEvent,
  PublicQuery,
  Visibility,
} from '../../core/audit/event.ts';
import type { PublicAction } from '../../core/audit/public-log.ts';
import type { EventRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { jsonObject } from './values.ts';

export const eventReads = ({ db, projectId }: ReadScope): EventReads => ({
  async listOf(subjectUserId, { limit, before }) {
    let page = db
      .selectFrom('event')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('subject_user_id', '=', subjectUserId)
      .orderBy('id', 'desc')
      .limit(limit);
    if (before !== undefined) page = page.where('id', '<', before);
    return (await page.execute()).map(eventFrom);
  },
  async listPublic(query, { limit, below, above }) {
    const direction = above === undefined ? 'desc' : 'asc';
    const part = (which: Expression<SqlBool>) => {
      let rows = db
        .selectFrom('event')
        .selectAll()
        .where('project_id', '=', projectId)
        .where(which)
        .orderBy('id', direction)
        .limit(limit);
      if (below !== undefined) rows = rows.where('id', '<', below);
      if (above !== undefined) rows = rows.where('id', '>', above);
      return rows;
    };
    const found = await Promise.all(partsOf(query).map((which) => part(which).execute()));
    const events = found.flat().map(eventFrom).sort(newestFirst);
    return above === undefined ? events.slice(0, limit) : events.slice(-limit);
  },
  async lastPosition() {
    const row = await db
      .selectFrom('public_log')
      .select('last_position')
      .where('project_id', '=', projectId)
      .executeTakeFirst();
    return row?.last_position ?? 0;
  },
  async positionOf(id) {
    const row = await db
      .selectFrom('event')
      .select('position')
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.position ?? null;
  },
  async listPlaced({ after, limit }) {
    const rows = await db
      .selectFrom('event')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('position', '>', after)
      // One whose person was erased is left out; followers see a gap.
      .where('public_action', 'is not', null)
      .orderBy('position')
      .limit(limit)
      .execute();
    return rows.map((row): PlacedEvent => ({ ...eventFrom(row), position: row.position! }));
  },
});

/**
 * Conditions that each walk one index from the cursor on, so that a filter which matches little reads little: the events
 * of one person, or those of one action at a time.
 */
function partsOf({ actions, by, about }: PublicQuery): Expression<SqlBool>[] {
  const person = by ?? about;
  if (actions.length === 0 || (by !== undefined && about !== undefined && by !== about)) return [];
  if (person === undefined) return actions.map((action) => sql<SqlBool>`public_action = ${action}`);
  // `coalesce` keeps SQLite, which guesses, from walking all events of the action instead.
  const shown = sql<SqlBool>`subject_user_id = ${person} and coalesce(public_action, '') in (${sql.join([...actions])})`;
  // Who did something themselves is its actor, or came as nobody yet: to sign up, to sign in.
  return [by === undefined ? shown : sql<SqlBool>`${shown} and (actor_id = ${by} or actor_kind = 'anonymous')`];
}

const newestFirst = (a: Event, b: Event): number => (a.id < b.id ? 1 : -1);

export const eventWrites = ({ db, projectId, changes }: WriteScope): EventWrites => ({
  async insert(event) {
    await db
      .insertInto('event')
      .values({
        project_id: projectId,
        id: event.id,
        type: event.type,
        level: event.level,
        visibility: event.visibility,
        public_action: event.publicAction,
        actor_kind: event.actorKind,
        actor_id: event.actorId,
        subject_user_id: event.subjectUserId,
        organization_id: event.organizationId,
        api_key_id: event.apiKeyId,
        session_id: event.sessionId,
        made_by: event.madeBy,
        ip: event.ip,
        user_agent: event.userAgent,
        data: JSON.stringify(event.data),
        created_at: event.createdAt,
      })
      .execute();
    if (event.visibility === 'public') changes.event(event.id);
  },

  async withdrawAbout(userId) {
    await db
      .updateTable('event')
      .set({ public_action: null, visibility: 'user' })
      .where('project_id', '=', projectId)
      .where('subject_user_id', '=', userId)
      .where('public_action', 'is not', null)
      .execute();
  },
});

/**
 * Gives public events their places: the last statements of their transaction, so that nobody waits for the counter for
 * longer than a COMMIT takes.
 */
export async function placeEvents({ db, projectId }: WriteScope, ids: readonly Id[]): Promise<void> {
  if (ids.length === 0) return;
  const { last_position: last } = await db
    .insertInto('public_log')
    .values({ project_id: projectId, last_position: ids.length })
    .onConflict((known) =>
      known.column('project_id').doUpdateSet({ last_position: sql`public_log.last_position + ${ids.length}` }),
    )
    .returning('last_position')
    .executeTakeFirstOrThrow();
  for (const [index, id] of ids.entries()) {
    const position = last - ids.length + 1 + index;
    await db.updateTable('event').set({ position }).where('id', '=', id).execute();
  }
}

const eventFrom = (row: Selectable<EventRow>): Event => ({
  id: row.id,
  type: row.type as EventType,
  level: row.level,
  visibility: row.visibility as Visibility,
  publicAction: row.public_action as PublicAction | null,
  actorKind: row.actor_kind as Event['actorKind'],
  actorId: row.actor_id,
  subjectUserId: row.subject_user_id,
  organizationId: row.organization_id,
  apiKeyId: row.api_key_id,
  sessionId: row.session_id,
  madeBy: row.made_by,
  ip: row.ip,
  userAgent: row.user_agent,
  data: jsonObject(row.data)!,
  createdAt: row.created_at,
});
