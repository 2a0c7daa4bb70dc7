import { type Instant, later } from '../../base/clock.ts';
import type { JsonValue } from '../../base/json.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import { codePoints, hasUnseenCharacters } from '../../base/text.ts';
import type { Context } from '../context.ts';
import { readMetadata } from '../metadata.ts';
import type { ApiKeyChange, KeyOwner, KeyPermissions } from './api-key.ts';

/** What the owner of a key decides. Absent: unchanged, or the default. */
export interface KeySettings {
  readonly name?: string | null;
  /** Null: never expires. */
  readonly expiresInSeconds?: number | null;
  readonly metadata?: JsonValue;
  /** In place of a life in seconds, where the surface knows times. */
  readonly expiresAt?: Instant | null;
}

/** What only the project's own servers decide: a limit that its bearer could lift is none. */
export interface KeyLimits {
  readonly permissions?: KeyPermissions | null;
  readonly remaining?: number | null;
  readonly refillAmount?: number | null;
  readonly refillIntervalMs?: number | null;
  readonly rateEnabled?: boolean;
  readonly rateWindowMs?: number;
  readonly rateMax?: number;
}

type Needs = Pick<Context, 'surface' | 'clock'>;

const wrong = (field: string): Refusal => refuse('api_key_setting_invalid', { field });
const within = (value: number, { min, max }: { readonly min: number; readonly max: number }): boolean =>
  value >= min && value <= max;

const maxCount = 1_000_000_000;

/** @returns api_key_setting_invalid naming the setting */
export function readSettings(ctx: Needs, settings: KeySettings): ApiKeyChange | Refusal {
  const { name, expiresInSeconds, expiresAt, metadata } = settings;
  const { nameLength, lifeSeconds } = ctx.surface.apiKeys;
  if (name != null && (!within(codePoints(name), nameLength) || hasUnseenCharacters(name))) return wrong('name');
  if (expiresInSeconds != null) {
    if (expiresInSeconds < lifeSeconds.min) return wrong('expiry_too_small');
    if (expiresInSeconds > lifeSeconds.max) return wrong('expiry_too_large');
  }
  return {
    ...(name !== undefined && { name }),
    ...(expiresInSeconds !== undefined && { expiresAt: expiryOf(ctx, expiresInSeconds) }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(metadata !== undefined && { metadata: readMetadata('metadata', metadata) }),
  };
}

const expiryOf = (ctx: Needs, seconds: number | null): Instant | null =>
  seconds === null ? null : later(ctx.clock.now(), Math.floor(seconds) * 1000);

/** @returns api_key_setting_invalid naming the setting @throws Refusal metadata_too_large: the permissions have its bound */
export function readLimits(limits: KeyLimits): ApiKeyChange | Refusal {
  const { remaining, refillAmount, refillIntervalMs, rateWindowMs, rateMax } = limits;
  const count = { min: 1, max: maxCount };
  const time = { min: 1, max: Number.MAX_SAFE_INTEGER };
  if (remaining != null && !within(remaining, { min: 0, max: maxCount })) return wrong('remaining');
  if (refillAmount != null && refillIntervalMs == null) return wrong('refill_interval');
  if (refillIntervalMs != null && refillAmount == null) return wrong('refill_amount');
  if (refillAmount != null && !within(refillAmount, count)) return wrong('remaining');
  if (refillIntervalMs != null && !within(refillIntervalMs, time)) return wrong('refill_interval');
  if (rateWindowMs !== undefined && !within(rateWindowMs, time)) return wrong('rate');
  if (rateMax !== undefined && !within(rateMax, count)) return wrong('rate');
  readMetadata('metadata', (limits.permissions ?? null) as JsonValue);
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** @returns api_key_setting_invalid */
export function checkPrefix(ctx: Needs, prefix: string | null): Refusal | null {
  if (prefix === null) return null;
  const fits = within(prefix.length, ctx.surface.apiKeys.prefixLength) && /^[a-zA-Z0-9_-]+$/.test(prefix);
  return fits ? null : wrong('prefix');
}

/** The first limit that is set, as core names it; undefined when none is. */
export const limitIn = (limits: KeyLimits): string | undefined =>
  Object.entries(limits).find(([, value]) => value !== undefined)?.[0];

/** @returns api_keys_disabled; `field` says of whom: nobody's, or only people's or organizations' are not allowed */
export function refuseOwner({ project }: Pick<Context, 'project'>, owner: KeyOwner | null): Refusal | null {
  const { enabled, personOwned, organizationOwned } = project.policy.apiKeys;
  const allowed = owner === null || (owner === 'person' ? personOwned : organizationOwned);
  return enabled && allowed ? null : refuse('api_keys_disabled', { ...(owner !== null && { field: owner }) });
}
