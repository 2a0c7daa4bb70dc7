import type { Selectable } from 'kysely';
import type { Event, EventReads, EventType, EventWrites, Visibility } from '../../core/audit/event.ts';
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
});

export const eventWrites = ({ db, projectId }: WriteScope): EventWrites => ({
  async insert(event) {
    await db
      .insertInto('event')
      .values({
        project_id: projectId,
        id: event.id,
        type: event.type,
        level: event.level,
        visibility: event.visibility,
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
  },
});

const eventFrom = (row: Selectable<EventRow>): Event => ({
  id: row.id,
  type: row.type as EventType,
  level: row.level,
  visibility: row.visibility as Visibility,
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
