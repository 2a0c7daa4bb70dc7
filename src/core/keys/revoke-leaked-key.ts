import { type Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Anonymous } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Tx } from '../store.ts';
import { type ApiKey, ownerOf } from './api-key.ts';
import { mayBeKey } from './key-text.ts';

/**
 * Somebody found the text of a key where others can read it: whoever shows it may end it, in whichever project it is,
 * and its owners are told. A key that ended before stays as it is.
 * @throws Refusal api_key_not_found, api_key_public, api_key_expired
 */
export async function revokeLeakedKey(ctx: Context, actor: Anonymous, text: string): Promise<void> {
  const hash = ctx.vault.digest(text);
  const project = mayBeKey(text) ? await ctx.directory.ofApiKey(hash) : null;
  if (!project) throw refuse('api_key_not_found');
  const own = project.context(ctx.surface.name);
  settle(await asBearer(own, { credential: 'key' }, (tx) => revoke(own, tx, actor, hash)));
}

async function revoke(ctx: Context, tx: Tx, actor: Anonymous, hash: Uint8Array): Promise<Refusal | undefined> {
  const key = await tx.apiKeys.findByHash(hash);
  if (!key) return refuse('api_key_not_found');
  if (key.public) return refuse('api_key_public');
  const now = ctx.clock.now();
  if (key.revokedAt !== null) return undefined;
  if (key.expiresAt !== null && key.expiresAt <= now) return refuse('api_key_expired');
  if (!(await tx.apiKeys.end(key.id, 'leaked', now))) return undefined;
  await recordEvent(ctx, tx, actor, {
    type: 'api_key.revoked',
    subject: key.ownerUserId,
    organizationId: key.ownerOrganizationId,
    apiKeyId: key.id,
    level: 'warn',
    data: { reason: 'leaked' },
  });
  const message = { kind: 'api_key_leaked', keyName: (key.name ?? '').slice(0, 80), last4: key.last4 } as const;
  for (const address of await addressesOf(tx, key)) await queueMail(ctx, tx, address, message, actor.from);
  return undefined;
}

/** The person's, or those of all who manage the keys of the organization. */
async function addressesOf(tx: Tx, key: ApiKey): Promise<readonly string[]> {
  if (ownerOf(key) === 'person') {
    const owner = await tx.users.find(key.ownerUserId!);
    return owner?.email ? [owner.email.value] : [];
  }
  const addresses: string[] = [];
  for (const { id, person } of await tx.memberships.listAll({ organizationId: key.ownerOrganizationId! })) {
    const roles = await tx.organizationRoles.heldBy(id);
    if (person.email !== null && roles.some(({ permissions }) => permissions.has('keys.manage'))) {
      addresses.push(person.email);
    }
  }
  return addresses;
}
