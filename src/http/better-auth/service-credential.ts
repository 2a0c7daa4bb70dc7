import type { ServerActor } from '../../core/actor.ts';
import { admitServiceToken } from '../../core/projects/admit-service-token.ts';
import type { BetterAuthCall } from './call.ts';

/** Who calls, when they show the configured token of the project's own services; else null. */
export function serviceActor(call: BetterAuthCall): ServerActor | null {
  const shown = /^Bearer +(\S+)$/i.exec(call.header('authorization') ?? '')?.[1];
  return admitServiceToken(call.from, call.settings.serviceToken, shown ?? null);
}
