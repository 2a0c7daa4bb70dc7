import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { actorUserId, type PersonActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { admitAdmin } from '../permissions/project-rights.ts';
import type { Reads } from '../store.ts';
import type { ApiKey } from './api-key.ts';
import type { KeyMaker } from './create-api-key.ts';
import { type OrganizationReading, refuseKeyManager } from './key-manager.ts';
import { type KeyLimits, type KeySettings, limitIn, readLimits, readSettings } from './key-rules.ts';
import type { KeyList, KeyPage } from './key-store.ts';

/** The actor's own keys. @throws Refusal api_keys_disabled */
export async function listApiKeys(ctx: Context, actor: PersonActor, page: KeyPage): Promise<KeyList> {
  requireEnabled(ctx);
  return ctx.store.read.apiKeys.listOf(actor.live.user.id, page);
}

/** @throws Refusal api_keys_disabled, api_key_setting_invalid, not_a_member, organization_permission_denied */
export async function listOrganizationKeys(
  ctx: Context,
  actor: PersonActor,
  organizationId: Id,
  page: KeyPage,
): Promise<KeyList> {
  requireEnabled(ctx);
  if (organizationId === '') throw new Refusal('api_key_setting_invalid', { field: 'organization' });
  const { read } = ctx.store;
  const refused = await refuseKeyManager(read, await read.organizations.find(organizationId), actor.live.user.id);
  if (refused) throw refused;
  return read.apiKeys.listOfOrganization(organizationId, page);
}

/**
 * @throws Refusal api_keys_disabled; api_key_not_found: unknown, somebody else's and deleted alike; of an
 *   organization's key not_a_member, organization_permission_denied
 */
export async function readApiKey(ctx: Context, actor: PersonActor, id: Id): Promise<ApiKey> {
  requireEnabled(ctx);
  return settle(await findManaged(ctx.store.read, actor, id));
}

export interface KeyEdit extends KeySettings {
  readonly enabled?: boolean;
  readonly limits?: KeyLimits;
}

/**
 * Changes settings of a key. What was counted stays counted, and a key that ended does not come back.
 * @throws Refusal api_keys_disabled, api_key_server_only, nothing_to_change, api_key_setting_invalid, not_signed_in,
 *   api_key_not_found, api_key_expired, not_a_member, organization_permission_denied
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
      const key = await findManaged(tx, actor, id);
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
        organizationId: key.ownerOrganizationId,
        apiKeyId: id,
        data: { fields },
      });
      return changed;
    }),
  );
}

/**
 * Ends a key for good; its owner sees it no more, the row stays for the audit trail (core map K5).
 * @throws Refusal api_keys_disabled, not_signed_in, api_key_not_found, not_a_member, organization_permission_denied
 */
export async function revokeApiKey(ctx: Context, actor: KeyMaker, id: Id): Promise<void> {
  requireEnabled(ctx);
  settle(
    await ctx.store.transaction(async (tx) => {
      const admitted = await admitAdmin(ctx, tx, actor, []);
      if (admitted instanceof Refusal) return admitted;
      const key = await findManaged(tx, actor, id);
      if (key instanceof Refusal) return key;
      if (!(await tx.apiKeys.revoke(id, 'deleted', ctx.clock.now()))) return refuse('api_key_not_found');
      await recordEvent(ctx, tx, actor, {
        type: 'api_key.revoked',
        subject: key.ownerUserId,
        organizationId: key.ownerOrganizationId,
        apiKeyId: id,
      });
      return undefined;
    }),
  );
}

function requireEnabled(ctx: Context): void {
  if (!ctx.project.policy.apiKeys.enabled) throw new Refusal('api_keys_disabled');
}

/** A server finds every key of the project; people find their own and those of organizations whose keys they manage. */
async function findManaged(
  reads: Pick<Reads, 'apiKeys'> & OrganizationReading,
  actor: KeyMaker | PersonActor,
  id: Id,
): Promise<ApiKey | Refusal> {
  const key = await reads.apiKeys.find(id);
  if (!key || key.hiddenAt !== null) return refuse('api_key_not_found');
  const userId = actorUserId(actor);
  if (userId === null || key.ownerUserId === userId) return key;
  if (key.ownerOrganizationId === null) return refuse('api_key_not_found');
  const organization = await reads.organizations.find(key.ownerOrganizationId);
  return (await refuseKeyManager(reads, organization, userId)) ?? key;
}
