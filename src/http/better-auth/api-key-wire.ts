import { days, type Instant, isoTime, later } from '../../base/clock.ts';
import type { KeyActor } from '../../core/actor.ts';
import type { ApiKey } from '../../core/keys/api-key.ts';
import type { BetterAuthCall } from './call.ts';
import { userWire } from './wire.ts';

const time = (at: Instant | null): string | null => (at === null ? null : isoTime(at));

/** Spec §1.5, with the members of both eras. */
export const apiKeyWire = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  start: key.start,
  prefix: key.prefix,
  userId: key.ownerUserId,
  referenceId: key.ownerUserId ?? key.ownerOrganizationId,
  configId: key.configId,
  refillInterval: key.refillIntervalMs,
  refillAmount: key.refillAmount,
  lastRefillAt: time(key.lastRefillAt),
  enabled: key.enabled,
  rateLimitEnabled: key.rateEnabled,
  rateLimitTimeWindow: key.rateWindowMs,
  rateLimitMax: key.rateMax,
  requestCount: key.rateCount,
  remaining: key.remaining,
  lastRequest: time(key.lastRequestAt),
  expiresAt: time(key.expiresAt),
  createdAt: isoTime(key.createdAt),
  updatedAt: isoTime(key.updatedAt),
  permissions: key.permissions,
  metadata: key.metadata,
});

/** What `/get-session` says of a key that stands in for its owner (spec §3.7). The token is what was sent. */
export function keySessionWire({ key, live }: KeyActor, call: BetterAuthCall) {
  const now = call.ctx.clock.now();
  return {
    session: {
      id: key.id,
      token: call.header('x-api-key')!,
      userId: live.user.id,
      userAgent: call.from.userAgent,
      ipAddress: call.from.ip,
      createdAt: isoTime(now),
      updatedAt: isoTime(now),
      expiresAt: isoTime(key.expiresAt ?? later(now, days(7))),
      impersonatedBy: null,
      activeOrganizationId: null,
      ...(call.ctx.project.policy.organizations.teams && { activeTeamId: null }),
    },
    user: userWire(live.user, call.settings),
  };
}
