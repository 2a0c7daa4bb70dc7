import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import type { Reads } from '../store.ts';
import { readDisplayName } from '../users/profile-rules.ts';
import { isLastWayIn } from '../users/ways-in.ts';
import type { Passkey } from './passkey.ts';

export const listPasskeys = (ctx: Context, actor: UserActor): Promise<readonly Passkey[]> =>
  ctx.store.read.passkeys.listOf(actor.live.user.id);

/** @throws Refusal passkey_not_found (`field: foreign` when it is somebody else's), display_name_invalid */
export async function renamePasskey(ctx: Context, actor: UserActor, id: Id, name: string): Promise<Passkey> {
  const trimmed = readDisplayName(ctx, name.trim());
  if (trimmed === null) throw new Refusal('display_name_invalid', { field: 'name' });
  return act(ctx, actor, { change: 'passkey_renamed' }, async (tx) => {
    const passkey = await findOwn(tx, actor, id);
    if (passkey instanceof Refusal) return passkey;
    await tx.passkeys.rename(id, trimmed, ctx.clock.now());
    return { ...passkey, name: trimmed };
  });
}

/**
 * Another way in must be left (core map P9).
 * @throws Refusal passkey_not_found, identity_last_method, session_not_fresh, impersonated_session
 */
export async function removePasskey(ctx: Context, actor: UserActor, id: Id): Promise<void> {
  await act(ctx, actor, { change: 'passkey_removed' }, async (tx) => {
    const passkey = await findOwn(tx, actor, id);
    if (passkey instanceof Refusal) return passkey;
    if (await isLastWayIn(ctx, tx, actor.live.user.id, { passkeys: [id] })) {
      return refuse('identity_last_method');
    }
    await endFor(ctx, tx, actor, 'passkey_removed', actor.live.user.id);
    await tx.passkeys.remove(id);
    await recordEvent(ctx, tx, actor, {
      type: 'passkey.removed',
      subject: actor.live.user.id,
      data: { passkey_id: id },
    });
    return undefined;
  });
}

async function findOwn(reads: Pick<Reads, 'passkeys'>, actor: UserActor, id: Id): Promise<Passkey | Refusal> {
  const passkey = await reads.passkeys.find(id);
  if (!passkey) return refuse('passkey_not_found');
  return passkey.userId === actor.live.user.id ? passkey : refuse('passkey_not_found', { field: 'foreign' });
}
