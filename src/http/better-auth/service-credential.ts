import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerActor } from '../../core/actor.ts';
import type { BetterAuthCall } from './call.ts';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Who calls, when they show the configured token of the project's own services; else null. */
export function serviceActor(call: BetterAuthCall): ServerActor | null {
  const { serviceToken } = call.settings;
  const shown = /^Bearer +(\S+)$/i.exec(call.header('authorization') ?? '')?.[1];
  if (serviceToken === null || shown === undefined) return null;
  return timingSafeEqual(sha256(shown), sha256(serviceToken)) ? { kind: 'server', from: call.from } : null;
}
