import { days, type Instant } from '../../base/clock.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { KeyActor, RequestOrigin, ServerActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Person } from '../users/user.ts';
import { statusRefusal } from '../users/user-status.ts';
import { type ApiKey, type KeyOwner, type KeyPermissions, ownerOf } from './api-key.ts';
import { refuseOwner } from './key-rules.ts';
import { mayBeKey, minKeyLength } from './key-text.ts';

/**
 * A key stands in for its owner: counts one use.
 * @returns api_key_rejected (`field: short` for what is no key at all), api_key_cannot_act, api_key_disabled,
 *   api_key_expired, api_key_exhausted, api_key_rate_limited with `retryAfterMs`, user_banned and its siblings
 */
export async function admitApiKey(ctx: Context, from: RequestOrigin, text: string): Promise<KeyActor | Refusal> {
  const admitted = await useKey(ctx, text, {
    beforeCounting: (key) =>
      key.actsAsOwner && key.ownerUserId !== null ? null : refuse('api_key_cannot_act', { field: 'owner' }),
    actorOf: (key, owner) => ({ kind: 'key', from, key, live: { user: owner! } }),
  });
  return admitted instanceof Refusal
    ? admitted
    : { kind: 'key', from, key: admitted.key, live: { user: admitted.owner! } };
}

/**
 * A service asks whether a key is good, and for what: counts one use.
 * @returns as `admitApiKey`; api_key_wrong_owner; api_key_not_found when the key lacks one of the permissions
 */
export async function verifyApiKey(
  ctx: Context,
  actor: ServerActor,
  input: { readonly text: string; readonly permissions: KeyPermissions | null; readonly ownedBy?: KeyOwner },
): Promise<ApiKey | Refusal> {
  const admitted = await useKey(ctx, input.text, {
    ...(input.ownedBy !== undefined && { ownedBy: input.ownedBy }),
    beforeCounting: (key) =>
      holds(key.permissions, input.permissions) ? null : refuse('api_key_not_found', { why: 'permissions' }),
    actorOf: () => actor,
  });
  return admitted instanceof Refusal ? admitted : admitted.key;
}

const holds = (has: KeyPermissions | null, wanted: KeyPermissions | null): boolean =>
  Object.entries(wanted ?? {}).every(([resource, actions]) =>
    actions.every((action) => has?.[resource]?.includes(action)),
  );

interface Use {
  /** Whose keys are meant; absent: anybody's. */
  readonly ownedBy?: KeyOwner;
  beforeCounting(key: ApiKey): Refusal | null;
  actorOf(key: ApiKey, owner: Person | null): KeyActor | ServerActor;
}

/** Order: known → live → expired → what this use wants → owner → uses left → rate. Nothing refused is counted. */
async function useKey(
  ctx: Context,
  text: string,
  use: Use,
): Promise<{ readonly key: ApiKey; readonly owner: Person | null } | Refusal> {
  const disabled = refuseOwner(ctx, use.ownedBy ?? null);
  if (disabled) return disabled;
  if (!mayBeKey(text)) {
    return refuse('api_key_rejected', text.length < minKeyLength ? { field: 'short' } : { why: 'too long' });
  }
  const hash = ctx.vault.digest(text);
  // Guesses cost a read, not a turn at writing.
  if (!(await ctx.store.read.apiKeys.findByHash(hash))) return refuse('api_key_rejected');
  return asBearer(ctx, { credential: 'key' }, async (tx) => {
    const key = await tx.apiKeys.findByHash(hash);
    if (!key) return refuse('api_key_rejected');
    const otherKind = key.hiddenAt === null ? refuseKind(ctx, key, use) : null;
    if (otherKind) return otherKind;
    const now = ctx.clock.now();
    const ended = endedRefusal(key, now) ?? use.beforeCounting(key);
    if (ended) return ended;
    const owner = key.ownerUserId === null ? null : await tx.users.find(key.ownerUserId);
    const barred = owner && statusRefusal(ctx, owner, now);
    if (barred) return refuse(barred.code, { ...barred.detail, field: 'api_key' });
    const used = await tx.apiKeys.use(key.id, now);
    if (!used) {
      const current = (await tx.apiKeys.findByHash(hash)) ?? key;
      return endedRefusal(current, now) ?? overLimit(current, now);
    }
    await recordFirstOfDay(ctx, tx, key, use.actorOf(used, owner), now);
    return { key: used, owner };
  });
}

/** Keys of a kind that the project allows no longer open nothing. */
function refuseKind(ctx: Context, key: ApiKey, { ownedBy }: Use): Refusal | null {
  const owner = ownerOf(key);
  if (ownedBy === undefined || owner === ownedBy) return refuseOwner(ctx, owner);
  return refuse('api_key_wrong_owner', { field: ownedBy, given: owner });
}

function endedRefusal(key: ApiKey, now: Instant): Refusal | null {
  if (key.hiddenAt !== null) return refuse('api_key_rejected', { why: 'deleted' });
  if (key.revokedAt !== null || !key.enabled) return refuse('api_key_disabled');
  if (key.expiresAt !== null && key.expiresAt <= now) return refuse('api_key_expired');
  return null;
}

/** Why a key that is good otherwise was not counted. */
function overLimit(key: ApiKey, now: Instant): Refusal {
  const sinceRefill = now - (key.lastRefillAt ?? key.createdAt);
  const refillDue = key.refillIntervalMs !== null && sinceRefill > key.refillIntervalMs;
  if (key.remaining === 0 && !refillDue) return refuse('api_key_exhausted');
  const sinceLast = now - (key.lastRequestAt ?? now);
  return refuse('api_key_rate_limited', { retryAfterMs: Math.max(0, (key.rateWindowMs ?? 0) - sinceLast) });
}

async function recordFirstOfDay(
  ctx: Context,
  tx: Tx,
  before: ApiKey,
  actor: KeyActor | ServerActor,
  now: Instant,
): Promise<void> {
  const day = (at: Instant): number => Math.floor(at / days(1));
  if (before.lastUsedAt !== null && day(before.lastUsedAt) === day(now)) return;
  await recordEvent(ctx, tx, actor, {
    type: 'api_key.used',
    subject: before.ownerUserId,
    organizationId: before.ownerOrganizationId,
    apiKeyId: before.id,
  });
}
