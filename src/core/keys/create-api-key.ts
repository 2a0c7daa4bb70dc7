import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { ServerActor, SystemActor, UserActor } from '../actor.ts';
import { actorUserId } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../count-limits.ts';
import { endFor } from '../endings/end-for.ts';
import type { Tx } from '../store.ts';
import type { ApiKey, KeyOwner } from './api-key.ts';
import { refuseKeyManager } from './key-manager.ts';
import {
  checkPrefix,
  type KeyLimits,
  type KeySettings,
  limitIn,
  readLimits,
  readSettings,
  refuseOwner,
} from './key-rules.ts';
import { newKeyText, newScannableKeyText } from './key-text.ts';

export interface NewApiKey extends KeySettings {
  /** None where the surface writes the whole text. */
  readonly prefix: string | null;
  /** May stand in pages and programs that everybody reads. */
  readonly isPublic?: boolean;
  /** What the surface says now; the key keeps it (core map K4). */
  readonly actsAsOwner: boolean;
  readonly limits?: KeyLimits;
  /** Whose key it becomes, where a server makes it; of an organization's key, for whom the server asks. */
  readonly ownerUserId?: Id;
  /** The organization whose key it becomes, instead of a person's. */
  readonly ownerOrganizationId?: Id;
}

/** Whoever may make and change keys: people who are signed in, never through a key, and the project's servers (K3). */
export type KeyMaker = UserActor | ServerActor | SystemActor;

/**
 * Makes a key for the actor, for an organization whose keys they manage, or for the person or the organization a server
 * names. Its text is told here and never again.
 * @throws Refusal api_keys_disabled, api_key_server_only, api_key_setting_invalid, session_not_fresh,
 *   impersonated_session, not_signed_in,
 *   user_not_found, not_a_member, organization_permission_denied
 */
export async function createApiKey(
  ctx: Context,
  actor: KeyMaker,
  input: NewApiKey,
): Promise<{ readonly key: ApiKey; readonly text: string }> {
  const ownedBy: KeyOwner = input.ownerOrganizationId === undefined ? 'person' : 'organization';
  const disabled = refuseOwner(ctx, ownedBy);
  if (disabled) throw disabled;
  if (actor.kind === 'user') {
    if (input.ownerUserId !== undefined) throw new Refusal('api_key_server_only', { field: 'owner' });
    const limit = limitIn(input.limits ?? {});
    if (limit !== undefined) throw new Refusal('api_key_server_only', { field: limit });
  }
  if (input.ownerOrganizationId === '') throw new Refusal('api_key_setting_invalid', { field: 'organization' });
  const settings = settle(readSettings(ctx, input));
  const limits = settle(readLimits(input.limits ?? {}));
  const badPrefix = checkPrefix(ctx, input.prefix);
  if (badPrefix) throw badPrefix;
  const { text: form } = ctx.surface.apiKeys;

  const id = ctx.ids.next();
  const { isPublic = false } = input;
  const text =
    form === 'scannable'
      ? newScannableKeyText(ctx.random, { id, isPublic, ownedBy })
      : newKeyText(ctx.random, input.prefix, id);
  const userId = actorUserId(actor) ?? input.ownerUserId ?? null;
  const organizationId = input.ownerOrganizationId ?? null;
  if (userId === null && organizationId === null) throw new Refusal('user_not_found');
  const owner =
    organizationId === null
      ? { ownerUserId: userId, ownerOrganizationId: null, actsAsOwner: input.actsAsOwner }
      : // No person stands behind it (better-auth spec §3.7).
        { ownerUserId: null, ownerOrganizationId: organizationId, actsAsOwner: false };
  const key: ApiKey = {
    ...draftKey(ctx, { prefix: input.prefix, id, text }),
    ...owner,
    public: isPublic,
    ...settings,
    ...limits,
  };
  await act(ctx, actor, { change: 'key_made' }, async (tx) => {
    if (userId !== null && !(await tx.users.find(userId))) return refuse('user_not_found');
    const refused = organizationId && (await refuseMaker(tx, organizationId, userId));
    if (refused) return refused;
    const tooMany = refuseBeyond('apiKeys', await countKeys(tx, key));
    if (tooMany) return tooMany;
    if (key.ownerUserId !== null) await endFor(ctx, tx, actor, 'key_made', key.ownerUserId);
    await tx.apiKeys.insert({ ...key, createdBy: actorUserId(actor) });
    await recordEvent(ctx, tx, actor, {
      type: 'api_key.created',
      subject: key.ownerUserId,
      organizationId: key.ownerOrganizationId,
      apiKeyId: id,
      data: { name: key.name },
    });
    return undefined;
  });
  return { key, text };
}

const none = { limit: 1, offset: 0, sort: { field: 'id', direction: 'asc' } } as const;

async function countKeys(tx: Tx, { ownerUserId, ownerOrganizationId }: ApiKey): Promise<number> {
  const { total } = ownerUserId
    ? await tx.apiKeys.listOf(ownerUserId, none)
    : await tx.apiKeys.listOfOrganization(ownerOrganizationId!, none);
  return total;
}

/** Under a lock: an organization that is being deleted gets no key that would outlive it. */
async function refuseMaker(tx: Tx, organizationId: Id, userId: Id | null): Promise<Refusal | null> {
  const organization = await tx.organizations.lock(organizationId);
  if (userId !== null) return refuseKeyManager(tx, organization, userId);
  return organization ? null : refuse('not_a_member');
}

const startLength = 6;

function draftKey(
  ctx: Context,
  made: Pick<NewApiKey, 'prefix'> & { readonly id: Id; readonly text: string },
): Omit<ApiKey, 'ownerUserId' | 'ownerOrganizationId' | 'actsAsOwner'> {
  const now = ctx.clock.now();
  const { rateLimit } = ctx.surface.apiKeys;
  return {
    id: made.id,
    contextOrganizationId: null,
    createdBy: null,
    madeBy: ctx.surface.name,
    name: null,
    prefix: made.prefix,
    start: made.text.slice(0, startLength),
    last4: made.text.slice(-4),
    keyHash: ctx.vault.digest(made.text),
    configId: 'default',
    public: false,
    enabled: true,
    permissions: null,
    metadata: null,
    remaining: null,
    refillAmount: null,
    refillIntervalMs: null,
    lastRefillAt: null,
    rateEnabled: rateLimit !== null,
    rateWindowMs: rateLimit?.windowMs ?? null,
    rateMax: rateLimit?.max ?? null,
    rateCount: 0,
    rateStartedAt: null,
    lastRequestAt: null,
    lastUsedAt: null,
    expiresAt: null,
    revokedAt: null,
    revokedWhy: null,
    hiddenAt: null,
    createdAt: now,
    updatedAt: now,
  };
}
