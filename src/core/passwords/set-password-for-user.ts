import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { type AdminActor, admitAdmin } from '../permissions/project-rights.ts';
import type { Tx } from '../store.ts';
import { findTarget, isSelf } from '../users/admin-target.ts';
import { hashNewPassword } from './hash-new-password.ts';
import { checkNewPassword } from './password-bounds.ts';

/**
 * An administrator or operator sets somebody's password. Ends every session of that person. Their own they set with the
 * proof that everybody owes.
 * @throws Refusal not_signed_in, permission_denied, user_not_found, password_too_short, password_too_long,
 *   session_not_fresh
 */
export async function setPasswordForUser(
  ctx: Context,
  actor: AdminActor,
  input: { readonly userId: Id; readonly password: string },
): Promise<void> {
  // Asked before the work of a hash, so that only administrators can cause it.
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, ['users.set_password']);
  if (admitted instanceof Refusal) throw admitted;
  checkNewPassword(ctx, input.password);
  const hash = await hashNewPassword(ctx, input.password);
  await act(ctx, actor, { may: ['users.set_password'] }, async (tx, me) => {
    const person = await findTarget(ctx, tx, me.rights, input.userId, 'users.set_password');
    if (person instanceof Refusal) return person;
    const unproven = isSelf(actor, person.id) ? me.refuseChange('password_changed') : null;
    if (unproven) return unproven;
    await putPassword(ctx, tx, actor, person.id, hash);
    return undefined;
  });
}

/** A step: somebody else says what the password is from now on; null: that there is none. Nobody stays signed in. */
export async function putPassword(ctx: Context, tx: Tx, actor: Actor, userId: Id, hash: string | null): Promise<void> {
  const now = ctx.clock.now();
  const before = await tx.passwords.find(userId);
  await endFor(ctx, tx, actor, hash === null ? 'password_removed_by_operator' : 'password_set_by_operator', userId);
  if (hash === null) await tx.passwords.remove(userId);
  else await tx.passwords.set({ userId, hash, setAt: before?.setAt ?? now, changedAt: now, strongFrom: null });
  const type = hash === null ? 'password.removed' : 'password.changed';
  await recordEvent(ctx, tx, actor, { type, subject: userId, data: { by: 'operator' } });
}
