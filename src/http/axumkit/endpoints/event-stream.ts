import { Type } from 'typebox';
import type { StreamedEvent } from '../../../core/audit/live-log.ts';
import { streamEvents } from '../../../core/audit/stream-events.ts';
import { EventStream } from '../../kit/event-stream.ts';
import { actionNames, logWire, readFilter } from '../action-log-wire.ts';
import { endpoint } from '../endpoint.ts';
import { uuid } from '../schemas.ts';

const oneOf = (names: readonly string[]) => Type.Union(names.map((name) => Type.Literal(name)));

export const streamActions = endpoint('GET /v0/eventstream/actions', {
  needs: 'nobody',
  operationId: 'streamActions',
  summary: 'The action log as it grows, as server-sent events; `Last-Event-ID` goes on after that event',
  tag: 'EventStream',
  query: Type.Object({
    user_id: Type.Optional(uuid()),
    resource_id: Type.Optional(uuid()),
    resource_type: Type.Optional(oneOf(['User', 'Post'])),
    // Upstream declares it and cannot read it (core map §5.3).
    actions: Type.Optional(Type.Array(oneOf(actionNames))),
  }),
  plainQueryErrors: true,
  replies: { 200: Type.String({ contentMediaType: 'text/event-stream' }) },
  async handle(call) {
    const lastEventId = call.header('last-event-id') ?? null;
    const follow = await streamEvents(call.ctx, await call.actor(), { filter: readFilter(call.query), lastEventId });
    const stream = new EventStream((reader) =>
      follow({
        take: (event) => reader.send(frameOf(event)),
        // An id without data: nothing is told, and the reader goes on from there (WHATWG HTML §9.2.6).
        pass: ({ id }) => reader.send(Buffer.from(`id: ${id}\n\n`)),
        drained: () => reader.drained(),
        end: () => reader.end(),
      }),
    );
    return { status: 200, body: stream };
  },
});

/** Spec §3.7, made once for all readers. */
function frameOf(event: StreamedEvent): Uint8Array {
  event.rendered.axumkit ??= Buffer.from(
    `event: action_log\nid: ${event.id}\ndata: ${JSON.stringify(logWire(event))}\n\n`,
  );
  return event.rendered.axumkit;
}
