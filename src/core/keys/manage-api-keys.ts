import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { actorUserId, type PersonActor, type ServerActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import { type ApiKey, type KeyOwner, ownerOf } from './api-key.ts';
import type { KeyMaker } from './create-api-key.ts';
import { type OrganizationReading, refuseKeyManager } from './key-manager.ts';
import { type KeyLimits, type KeySettings, limitIn, readLimits, readSettings, refuseOwner } from './key-rules.ts';
import type { KeyList, KeyPage } from './key-store.ts';

/** The keys of a person, who is the actor unless a server asks. @throws Refusal api_keys_disabled, self_only */
export async function listApiKeys(
  ctx: Context,
  actor: PersonActor | ServerActor,
  page: KeyPage,
  userId = actorUserId(actor),
): Promise<KeyList> {
  requireAllowed(ctx, 'person');
  if (userId === null || (actor.kind !== 'server' && userId !== actor.live.user.id)) throw new Refusal('self_only');
  return ctx.store.read.apiKeys.listOf(userId, page);
}

/** @throws Refusal api_keys_disabled, api_key_setting_invalid, not_a_member, organization_permission_denied */
export async function listOrganizationKeys(
  ctx: Context,
  actor: PersonActor | ServerActor,
  organizationId: Id,
  page: KeyPage,
): Promise<KeyList> {
  requireAllowed(ctx, 'organization');
  if (organizationId === '') throw new Refusal('api_key_setting_invalid', { field: 'organization' });
  const { read } = ctx.store;
  const organization = await read.organizations.find(organizationId);
  if (actor.kind !== 'server') {
    const refused = await refuseKeyManager(read, organization, actor.live.user.id);
    if (refused) throw refused;
  }
  return read.apiKeys.listOfOrganization(organizationId, page);
}

/**
 * @throws Refusal api_keys_disabled; api_key_not_found: unknown, somebody else's and deleted alike; of an
 *   organization's key not_a_member, organization_permission_denied
 */
export async function readApiKey(ctx: Context, actor: KeyMaker | PersonActor, id: Id, of?: WhoseKey): Promise<ApiKey> {
  requireAllowed(ctx, ownerIn(of));
  return settle(await findManaged(ctx.store.read, actor, id, of));
}

/** Whose key it must be; another one is not found. */
export interface WhoseKey {
  readonly ownedBy: KeyOwner;
  readonly ownerId?: Id;
}

export interface KeyEdit extends KeySettings {
  /** Ends it for good. It stays in lists, with the first time it was ended. */
  readonly revoked?: true;
  readonly enabled?: boolean;
  readonly limits?: KeyLimits;
}

/**
 * Changes settings of a key. What was counted stays counted, and a key that ended does not come back.
 * @throws Refusal api_keys_disabled, api_key_server_only, nothing_to_change, api_key_setting_invalid, not_signed_in,
 *   api_key_not_found, api_key_expired, not_a_member, organization_permission_denied
 */
export async function updateApiKey(
  ctx: Context,
  actor: KeyMaker,
  id: Id,
  edit: KeyEdit,
  of?: WhoseKey,
): Promise<ApiKey> {
  requireAllowed(ctx, ownerIn(of));
  const limit = limitIn(edit.limits ?? {});
  if (actor.kind === 'user' && limit !== undefined) throw new Refusal('api_key_server_only', { field: limit });
  const change = {
    ...settle(readSettings(ctx, edit)),
    ...settle(readLimits(edit.limits ?? {})),
    ...(edit.enabled !== undefined && { enabled: edit.enabled }),
  };
  const fields = Object.keys(change);
  if (fields.length === 0 && !edit.revoked) throw new Refusal('nothing_to_change');
  return act(ctx, actor, { change: 'key_edited' }, async (tx) => {
    const key = await findManaged(tx, actor, id, of);
    if (key instanceof Refusal) return key;
    const now = ctx.clock.now();
    if (change.expiresAt !== undefined && key.expiresAt !== null && key.expiresAt <= now) {
      return refuse('api_key_expired');
    }
    const about = { subject: key.ownerUserId, organizationId: key.ownerOrganizationId, apiKeyId: id };
    if (fields.length > 0) {
      if (!(await tx.apiKeys.update(id, change, now))) return refuse('api_key_not_found');
      await recordEvent(ctx, tx, actor, { type: 'api_key.updated', ...about, data: { fields } });
    }
    if (edit.revoked && (await tx.apiKeys.end(id, 'revoked', now))) {
      await recordEvent(ctx, tx, actor, { type: 'api_key.revoked', ...about });
    }
    return (await tx.apiKeys.find(id)) ?? refuse('api_key_not_found');
  });
}

/**
 * Ends a key for good; its owner sees it no more, the row stays for the audit trail (core map K5).
 * @throws Refusal api_keys_disabled, not_signed_in, api_key_not_found, not_a_member, organization_permission_denied
 */
export async function revokeApiKey(ctx: Context, actor: KeyMaker, id: Id): Promise<void> {
  requireAllowed(ctx, null);
  await act(ctx, actor, { change: 'key_revoked' }, async (tx) => {
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
  });
}

function requireAllowed(ctx: Context, owner: KeyOwner | null): void {
  const refused = refuseOwner(ctx, owner);
  if (refused) throw refused;
}

const ownerIn = (of: WhoseKey | undefined): KeyOwner | null => of?.ownedBy ?? null;

const isOf = (key: ApiKey, { ownedBy, ownerId }: WhoseKey): boolean =>
  ownerOf(key) === ownedBy && (ownerId === undefined || (key.ownerUserId ?? key.ownerOrganizationId) === ownerId);

/** A server finds every key of the project; people find their own and those of organizations whose keys they manage. */
async function findManaged(
  reads: Pick<Reads, 'apiKeys'> & OrganizationReading,
  actor: KeyMaker | PersonActor,
  id: Id,
  of?: WhoseKey,
): Promise<ApiKey | Refusal> {
  const key = await reads.apiKeys.find(id);
  if (!key || key.hiddenAt !== null || (of && !isOf(key, of))) return refuse('api_key_not_found');
  const userId = actorUserId(actor);
  if (userId === null || key.ownerUserId === userId) return key;
  if (key.ownerOrganizationId === null) return refuse('api_key_not_found');
  const organization = await reads.organizations.find(key.ownerOrganizationId);
  return (await refuseKeyManager(reads, organization, userId)) ?? key;
}
