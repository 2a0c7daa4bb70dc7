import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { within } from '../../base/within.ts';
import { version } from '../../version.ts';
import type { Gauges } from './gauges.ts';
import { bounds, type RequestTally, type TalliedRoute } from './request-tally.ts';

/** What Prometheus is told: the process, the requests, and the gauges. */
export function openRegistry(tally: RequestTally, gauges: Gauges | null): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = { name: 'latchkey_build_info', help: 'Which version runs: always 1.', labelNames: ['version'] };
  new Gauge({ ...build, registers: [registry] }).set({ version }, 1);
  tellRequests(registry, tally);
  if (!gauges) return registry;
  gauge(registry, 'latchkey_hash_queue', 'Password hashes running or waiting.', () => gauges.hashQueue());
  gauge(registry, 'latchkey_cached_sessions', 'Sessions in the cache.', () => gauges.cachedSessions());
  gauge(registry, 'latchkey_open_streams', 'Event streams that are open.', () => gauges.openStreams());
  gauge(registry, 'latchkey_uncaught_faults', 'Faults that nobody caught since the start.', () => gauges.faults());
  new Gauge({
    name: 'latchkey_jobs',
    help: 'Jobs by state.',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      // The rest is told while the database is away, too.
      this.reset();
      const jobs = await within(1_500, 'counting jobs', gauges.jobs()).catch(() => ({}));
      for (const [state, count] of Object.entries(jobs)) this.set({ state }, count);
    },
  });
  return registry;
}

function tellRequests(registry: Registry, tally: RequestTally): void {
  const seconds = {
    name: 'latchkey_http_request_seconds',
    help: 'Time from request to answer, by route.',
    type: 'histogram',
    aggregator: 'sum',
    get: async () => ({ ...seconds, values: tally.routes().flatMap((row) => histogramOf(seconds.name, row)) }),
  };
  registry.registerMetric(seconds as unknown as Metric);
  new Counter({
    name: 'latchkey_http_answers_total',
    help: 'Answers by route and status.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { method, route, statuses } of tally.routes())
        for (const [status, count] of statuses) this.inc({ method, route, status }, count);
    },
  });
}

/** As Prometheus wants it: each bucket holds those before it. */
function histogramOf(name: string, { method, route, within, timed, seconds }: TalliedRoute) {
  const labels = { method, route };
  let sum = 0;
  const buckets = bounds.map((bound, place) => {
    sum += within[place]!;
    return { metricName: `${name}_bucket`, labels: { le: bound, ...labels }, value: sum };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: timed },
    { metricName: `${name}_sum`, labels, value: seconds },
    { metricName: `${name}_count`, labels, value: timed },
  ];
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
