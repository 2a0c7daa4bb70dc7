import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * May whoever asks see what only the operator of a machine should: kept mail with its live links, and what runs here?
 * In development everybody; otherwise who sits at the machine.
 *
 * The host is looked at in both cases: a page elsewhere can point a name of its own at this address and have the
 * developer's browser read for it (DNS rebinding), and such a name has a dot.
 */
export function isInsider(request: FastifyRequest, options: { development: boolean; publicUrl: string }): boolean {
  if (!options.development) return isAtTheMachine(request);
  const host = hostOf(request);
  return !host.includes('.') || isIP(host) !== 0 || isOurs(host, options.publicUrl);
}

/** A request of this machine, to its own name, that no proxy passed on. */
export function isAtTheMachine(request: FastifyRequest): boolean {
  const passedOn = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'].some((name) => name in request.headers);
  const host = hostOf(request);
  return isLoopback(request.clientAddress) && !passedOn && (isLoopback(host) || host === 'localhost');
}

const isLoopback = (ip: string | null): boolean => ip === '::1' || /^(?:::ffff:)?127\./.test(ip ?? '');

const isOurs = (host: string, publicUrl: string): boolean =>
  host === new URL(publicUrl).hostname || host.endsWith('.localhost');

/** Without port and brackets, in lower case. */
const hostOf = ({ headers }: FastifyRequest): string =>
  (headers.host ?? '')
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
