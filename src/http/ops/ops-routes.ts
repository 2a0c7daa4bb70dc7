import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { within } from '../../base/within.ts';
import { isAtTheMachine } from './insider.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

export interface OpsDeps {
  /** Resolves while the store answers. */
  readonly ping: () => Promise<void>;
  readonly metrics: Metrics;
  readonly metricsToken: string | null;
  readonly readiness: Readiness;
}

/** A store that hangs does not answer: whoever asks wants to know now. */
const answerWithinMs = 1_500;

/** For whoever runs the process: is it alive, may it get traffic, what does it do? */
export function serveOps(app: FastifyInstance, deps: OpsDeps): void {
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));

  app.get('/readyz', async (request, reply) => {
    reply.type('text/plain');
    if (deps.readiness.asked() === 'stopping') return reply.code(503).send('stopping\n');
    try {
      await within(answerWithinMs, 'the store', deps.ping());
      return 'ready\n';
    } catch (error) {
      request.log.warn({ err: error }, 'the store does not answer');
      return reply.code(503).send('the store does not answer\n');
    }
  });

  app.get('/metrics', async (request, reply) => {
    if (!mayRead(request, deps.metricsToken)) return reply.code(404).send();
    const { type, body } = await deps.metrics.text();
    return reply.type(type).send(body);
  });
}

/** With a token: whoever shows it. Without: this machine only, by a name of its own, and never through a proxy. */
function mayRead(request: FastifyRequest, token: string | null): boolean {
  if (token === null) return isAtTheMachine(request);
  const shown = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(sha256(shown), sha256(token));
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
