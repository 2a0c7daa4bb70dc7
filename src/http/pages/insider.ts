import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { isLoopback } from '../ops/ops-routes.ts';

/**
 * May whoever asks see what only the operator of a machine should: kept mail with its live links, and what runs here?
 * In development everybody; otherwise a request of this machine that no proxy passed on.
 *
 * The host is looked at in both cases: a page elsewhere can point a name of its own at this address and have the
 * developer's browser read for it (DNS rebinding), and such a name has a dot.
 */
export function isInsider(request: FastifyRequest, options: { development: boolean; publicUrl: string }): boolean {
  const host = hostOf(request.headers.host ?? '');
  if (options.development) return !host.includes('.') || isIP(host) !== 0 || isOurs(host, options.publicUrl);
  const passedOn = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'].some((name) => name in request.headers);
  return isLoopback(request.clientAddress) && !passedOn && (isLoopback(host) || host === 'localhost');
}

const isOurs = (host: string, publicUrl: string): boolean =>
  host === new URL(publicUrl).hostname || host.endsWith('.localhost');

/** Without port and brackets, in lower case. */
const hostOf = (header: string): string =>
  header
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
