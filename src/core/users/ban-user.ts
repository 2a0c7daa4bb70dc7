import { type Instant, later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { refusedAsLastAdministrator } from '../permissions/last-administrator.ts';
import type { AdminActor } from '../permissions/project-rights.ts';
import type { Tx } from '../store.ts';
import { findTarget, isSelf } from './admin-target.ts';
import type { Person } from './user.ts';

/**
 * Keeps a person out until unbanned or until the ban ends. Sessions, pending sign-ins and codes end at once (rule 18).
 * @throws Refusal not_signed_in, permission_denied, user_not_found, self_forbidden with `field: ban`, last_administrator
 */
export async function banUser(
  ctx: Context,
  actor: AdminActor,
  input: { readonly userId: Id; readonly reason: string | null; readonly seconds: number | null },
): Promise<Person> {
  return act(ctx, actor, { may: ['users.ban'] }, async (tx, { rights }) => {
    const person = await findTarget(ctx, tx, rights, input.userId, 'users.ban');
    if (person instanceof Refusal) return person;
    const expiresAt = input.seconds === null ? null : later(ctx.clock.now(), input.seconds * 1000);
    const refused = await writeBan(ctx, tx, actor, person, { reason: input.reason, expiresAt });
    return refused ?? (await tx.users.find(input.userId))!;
  });
}

/** Lifts a ban; lifting none changes nothing. @throws Refusal not_signed_in, permission_denied, user_not_found */
export async function unbanUser(ctx: Context, actor: AdminActor, userId: Id): Promise<Person> {
  return act(ctx, actor, { may: ['users.ban'] }, async (tx, { rights }) => {
    const person = await findTarget(ctx, tx, rights, userId, 'users.ban');
    if (person instanceof Refusal) return person;
    await liftBan(ctx, tx, actor, person);
    return (await tx.users.find(userId))!;
  });
}

/** A step of every path that bans. @returns self_forbidden, last_administrator */
export async function writeBan(
  ctx: Context,
  tx: Tx,
  actor: AdminActor,
  person: Person,
  ban: { readonly reason: string | null; readonly expiresAt: Instant | null },
): Promise<Refusal | null> {
  if (isSelf(actor, person.id)) return refuse('self_forbidden', { field: 'ban' });
  const last = await refusedAsLastAdministrator(ctx, tx, actor, person.id, 'gone');
  if (last) return last;
  const now = ctx.clock.now();
  const banReason = ban.reason ?? ctx.project.policy.admin.defaultBanReason;
  await endFor(ctx, tx, actor, 'banned', person.id);
  await tx.users.update(person.id, { bannedAt: now, banReason, banExpiresAt: ban.expiresAt }, now);
  await recordEvent(ctx, tx, actor, {
    type: 'account.banned',
    subject: person.id,
    data: { reason: banReason, expires_at: ban.expiresAt },
  });
  return null;
}

export async function liftBan(ctx: Context, tx: Tx, actor: AdminActor, person: Person): Promise<void> {
  if (person.bannedAt === null) return;
  await tx.users.update(person.id, { bannedAt: null, banReason: null, banExpiresAt: null }, ctx.clock.now());
  await recordEvent(ctx, tx, actor, { type: 'account.unbanned', subject: person.id });
}
