import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface RequestMetrics {
  observe(request: FastifyRequest, reply: FastifyReply): void;
}

/** Numbers that are read when somebody asks. */
export interface Gauges {
  readonly hashQueue: () => number;
  readonly cachedSessions: () => number;
  readonly openStreams: () => number;
  readonly jobs: () => Promise<{ readonly ready: number; readonly running: number; readonly parked: number }>;
}

export interface Metrics extends RequestMetrics {
  watch(gauges: Gauges): void;
  /** Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'latchkey_http_request_seconds',
    help: 'Time from request to answer, by route.',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const answers = new Counter({
    name: 'latchkey_http_answers_total',
    help: 'Answers by route and status.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });

  // Label look-ups cost more than the counting: remember the children of each route.
  const known = new Map<string, { readonly time: (seconds: number) => void; readonly count: () => void }>();

  return {
    contentType: registry.contentType,
    observe(request, reply) {
      const route = request.routeOptions.url ?? 'unknown';
      const key = `${request.method} ${route} ${reply.statusCode}`;
      let child = known.get(key);
      if (!child) {
        const timed = seconds.labels(request.method, route);
        const counted = answers.labels(request.method, route, String(reply.statusCode));
        child = { time: (value) => timed.observe(value), count: () => counted.inc() };
        known.set(key, child);
      }
      // How long a stream was open is the reader's choice.
      if (reply.getHeader('content-type') !== 'text/event-stream') child.time(reply.elapsedTime / 1000);
      child.count();
    },
    watch(gauges) {
      gauge(registry, 'latchkey_hash_queue', 'Password hashes running or waiting.', () => gauges.hashQueue());
      gauge(registry, 'latchkey_cached_sessions', 'Sessions in the cache.', () => gauges.cachedSessions());
      gauge(registry, 'latchkey_open_streams', 'Event streams that are open.', () => gauges.openStreams());
      new Gauge({
        name: 'latchkey_jobs',
        help: 'Jobs by state.',
        labelNames: ['state'],
        registers: [registry],
        async collect() {
          for (const [state, count] of Object.entries(await gauges.jobs())) this.set({ state }, count);
        },
      });
    },
    text: () => registry.metrics(),
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
