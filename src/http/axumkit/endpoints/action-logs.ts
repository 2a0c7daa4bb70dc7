import { Type } from 'typebox';
import { listEvents } from '../../../core/audit/list-events.ts';
import { json } from '../../kit/answer.ts';
import { actionNames, logWire, readFilter } from '../action-log-wire.ts';
import { endpoint } from '../endpoint.ts';
import { nullable, readUuid, time, uuid } from '../schemas.ts';

/** Empty counts as absent (spec §2.7). */
const orEmpty = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Literal('')], { shape: true });

const oneOf = (names: readonly string[]) => Type.Union(names.map((name) => Type.Literal(name)));

export const listActionLogs = endpoint('GET /v0/action-logs', {
  needs: 'nobody',
  operationId: 'getActionLogs',
  summary: 'What people with a public profile did, as far as the project shows it; newest first',
  tag: 'Action Logs',
  query: Type.Object({
    limit: Type.Integer({ minimum: 1, maximum: 100, says: 'Limit must be between 1 and 100.' }),
    cursor_id: Type.Optional(orEmpty(uuid())),
    cursor_direction: Type.Optional(oneOf(['Older', 'Newer', ''])),
    user_id: Type.Optional(orEmpty(uuid())),
    resource_id: Type.Optional(orEmpty(uuid())),
    resource_type: Type.Optional(oneOf(['User', 'Post', ''])),
    actions: Type.Optional(Type.Array(oneOf([...actionNames, '']))),
  }),
  replies: {
    200: Type.Object({
      data: Type.Array(
        Type.Object({
          id: Type.String(),
          action: oneOf(actionNames),
          actor_id: nullable(Type.String()),
          actor_ip: Type.Null(),
          resource_type: oneOf(['User', 'Post']),
          resource_id: nullable(Type.String()),
          summary: Type.String(),
          metadata: Type.Object({}),
          created_at: time,
        }),
      ),
      has_newer: Type.Boolean(),
      has_older: Type.Boolean(),
    }),
  },
  async handle(call) {
    const { limit, cursor_id, cursor_direction } = call.query;
    const page = await listEvents(call.ctx, readFilter(call.query), {
      limit,
      ...(cursor_id && { cursor: readUuid(cursor_id) }),
      direction: cursor_direction === 'Newer' ? 'newer' : 'older',
    });
    return json({ data: page.events.map(logWire), has_newer: page.hasNewer, has_older: page.hasOlder });
  },
});
