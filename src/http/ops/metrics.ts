import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import type { Gauges } from './gauges.ts';
import { requestTally } from './request-tally.ts';

export interface RequestMetrics {
  observe(request: FastifyRequest, reply: FastifyReply): void;
  /** A request that the framework never saw. */
  count(method: string, route: string, status: number, seconds: number): void;
}

export interface Metrics extends RequestMetrics {
  watch(gauges: Gauges): void;
  /** Prometheus text format. */
  text(): Promise<{ readonly type: string; readonly body: string }>;
}

/** Prometheus' client takes 15 MB, so it is loaded when somebody asks; what it says of the event loop begins then. */
export function createMetrics(): Metrics {
  const tally = requestTally();
  let watched: Gauges | null = null;
  let opening: Promise<Registry> | null = null;

  return {
    observe(request, reply) {
      // How long a stream was open is the reader's choice.
      const timed = reply.getHeader('content-type') !== 'text/event-stream';
      const route = request.routeOptions.url ?? 'unknown';
      tally.count(request.method, route, reply.statusCode, timed ? reply.elapsedTime / 1000 : null);
    },
    count: tally.count,
    watch(gauges) {
      watched = gauges;
    },
    async text() {
      opening ??= import('./registry.ts').then(({ openRegistry }) => openRegistry(tally, watched));
      const registry = await opening;
      return { type: registry.contentType, body: await registry.metrics() };
    },
  };
}
