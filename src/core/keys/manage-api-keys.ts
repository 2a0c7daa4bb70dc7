import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { actorUserId, type PersonActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { admitAdmin } from '../permissions/project-rights.ts';
import type { Reads } from '../store.ts';
import type { ApiKey } from './api-key.ts';
import type { KeyMaker } from './create-api-key.ts';
import { type KeyLimits, type KeySettings, limitIn, readLimits, readSettings } from './key-rules.ts';
import type { KeyPage } from './key-store.ts';

/** The actor's keys. @throws Refusal api_keys_disabled */
export async function listApiKeys(
  ctx: Context,
  actor: PersonActor,
  page: KeyPage,
): Promise<{ readonly keys: readonly ApiKey[]; readonly total: number }> {
  requireEnabled(ctx);
  return ctx.store.read.apiKeys.listOf(actor.live.user.id, page);
}

/** @throws Refusal api_keys_disabled, api_key_not_found: unknown, somebody else's and deleted alike */
export async function readApiKey(ctx: Context, actor: PersonActor, id: Id): Promise<ApiKey> {
  requireEnabled(ctx);
  return settle(await findOwn(ctx.store.read, actor, id));
}

export interface KeyEdit extends KeySettings {
  readonly enabled?: boolean;
  readonly limits?: KeyLimits;
}

/**
 * Changes settings of a key. What was counted stays counted, and a key that ended does not come back.
 * @throws Refusal api_keys_disabled, api_key_server_only, nothing_to_change, api_key_setting_invalid, not_signed_in,
 *   api_key_not_found, api_key_expired
 */
export async function updateApiKey(ctx: Context, actor: KeyMaker, id: Id, edit: KeyEdit): Promise<ApiKey> {
  requireEnabled(ctx);
  const limit = limitIn(edit.limits ?? {});
  if (actor.kind === 'user' && limit !== undefined) throw new Refusal('api_key_server_only', { field: limit });
  const change = {
    ...settle(readSettings(ctx, edit)),
    ...settle(readLimits(edit.limits ?? {})),
    ...(edit.enabled !== undefined && { enabled: edit.enabled }),
  };
  const fields = Object.keys(change);
  if (fields.length === 0) throw new Refusal('nothing_to_change');
  return settle(
    await ctx.store.transaction(async (tx) => {
      const admitted = await admitAdmin(ctx, tx, actor, []);
      if (admitted instanceof Refusal) return admitted;
      const key = await findOwn(tx, actor, id);
      if (key instanceof Refusal) return key;
      const now = ctx.clock.now();
      if (change.expiresAt !== undefined && key.expiresAt !== null && key.expiresAt <= now) {
        return refuse('api_key_expired');
      }
      const changed = await tx.apiKeys.update(id, change, now);
      if (!changed) return refuse('api_key_not_found');
      await recordEvent(ctx, tx, actor, {
        type: 'api_key.updated',
        subject: key.ownerUserId,
        apiKeyId: id,
        data: { fields },
      });
      return changed;
    }),
  );
}

/**
 * Ends a key for good; its owner sees it no more, the row stays for the audit trail (core map K5).
 * @throws Refusal api_keys_disabled, not_signed_in, api_key_not_found
 */
export async function revokeApiKey(ctx: Context, actor: KeyMaker, id: Id): Promise<void> {
  requireEnabled(ctx);
  settle(
    await ctx.store.transaction(async (tx) => {
      const admitted = await admitAdmin(ctx, tx, actor, []);
      if (admitted instanceof Refusal) return admitted;
      const key = await findOwn(tx, actor, id);
      if (key instanceof Refusal) return key;
      if (!(await tx.apiKeys.revoke(id, 'deleted', ctx.clock.now()))) return refuse('api_key_not_found');
      await recordEvent(ctx, tx, actor, { type: 'api_key.revoked', subject: key.ownerUserId, apiKeyId: id });
      return undefined;
    }),
  );
}

function requireEnabled(ctx: Context): void {
  if (!ctx.project.policy.apiKeys.enabled) throw new Refusal('api_keys_disabled');
}

/** A server finds every key of the project, people find their own. */
async function findOwn(
  reads: Pick<Reads, 'apiKeys'>,
  actor: KeyMaker | PersonActor,
  id: Id,
): Promise<ApiKey | Refusal> {
  const key = await reads.apiKeys.find(id);
  const owner = actorUserId(actor);
  if (!key || key.hiddenAt !== null || (owner !== null && key.ownerUserId !== owner)) {
    return refuse('api_key_not_found');
  }
  return key;
}
