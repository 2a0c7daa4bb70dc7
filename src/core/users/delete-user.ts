import { days, later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { type Actor, actorUserId, nowhere, type UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { findCode, issueCode, supersedeCodes } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { discardWork } from '../jobs/queue-work.ts';
import { fillLink, type LinkTemplate } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { isOnlyOwnerOfOthers, leaveEverything } from '../orgs/end-membership.ts';
import { provePassword } from '../passwords/prove-password.ts';
import { refusedAsLastAdministrator } from '../permissions/last-administrator.ts';
import type { AdminActor } from '../permissions/project-rights.ts';
import { isImpersonation } from '../sessions/session.ts';
import type { Tx } from '../store.ts';
import { findTarget, isSelf } from './admin-target.ts';
import type { Person } from './user.ts';
import type { PasswordRecord } from './user-store.ts';

/**
 * The actor asks to be erased: at once with a proof, or by a link first when policy says so.
 * Order: password → mail → freshness.
 * @throws Refusal user_deletion_disabled, password_not_set, password_wrong, session_not_fresh,
 *   impersonated_session, organization_needs_owner, last_administrator
 */
export async function requestUserDeletion(
  ctx: Context,
  actor: UserActor,
  input: { readonly password: string | null; readonly link: LinkTemplate },
): Promise<'deleted' | 'mailed'> {
  const { users } = ctx.project.policy;
  if (!users.selfDeletion) throw new Refusal('user_deletion_disabled');
  const proven = input.password === null ? null : await provePassword(ctx, actor, input.password);
  const { user } = actor.live;
  if (users.deletionProof === 'mail' && user.email) {
    await mailDeletionLink(ctx, actor, proven, input.link);
    return 'mailed';
  }
  await act(ctx, actor, { change: 'user_deleted', password: proven }, (tx, { person }) =>
    eraseUser(ctx, tx, actor, person),
  );
  return 'deleted';
}

/**
 * The same where the wire has no proof in the call: the session's own sign-in is the proof.
 * @throws Refusal user_deletion_disabled, not_signed_in, session_not_fresh, impersonated_session,
 *   organization_needs_owner, last_administrator
 */
export async function deleteOwnUser(ctx: Context, actor: UserActor): Promise<void> {
  if (!ctx.project.policy.users.selfDeletion) throw new Refusal('user_deletion_disabled');
  await act(ctx, actor, { change: 'user_deleted' }, (tx, { person }) => eraseUser(ctx, tx, actor, person));
}

/** What holds whatever the link is. @throws Refusal user_deletion_disabled, impersonated_session */
export function checkDeletionByLink(ctx: Context, actor: UserActor): void {
  if (!ctx.project.policy.users.selfDeletion) throw new Refusal('user_deletion_disabled');
  if (isImpersonation(actor.live.session)) throw new Refusal('impersonated_session', { why: 'user_deletion_mailed' });
}

/**
 * The link of the mail, followed by the person it was mailed to while signed in.
 * @throws Refusal user_deletion_disabled, code_*, organization_needs_owner, last_administrator
 */
export async function deleteUserByLink(ctx: Context, actor: UserActor, token: string): Promise<void> {
  checkDeletionByLink(ctx, actor);
  await act(ctx, actor, { change: 'user_deletion_mailed' }, async (tx, { person }) => {
    const code = await findCode(ctx, tx, 'user_deletion', token);
    if (code instanceof Refusal) return code;
    // Before the link is spent: it works once there is another owner, or administrator.
    const refused = await refusedErasure(ctx, tx, actor, person.id);
    if (refused) return refused;
    if (!(await tx.codes.spend(code.id, ctx.clock.now()))) return refuse('code_used');
    // Somebody else's link is burnt: it was shown to the wrong person.
    if (code.userId !== person.id) return refuse('code_not_found', { why: 'another person is signed in' });
    return eraseUser(ctx, tx, actor, person);
  });
}

/**
 * An administrator or operator erases somebody.
 * @throws Refusal not_signed_in, permission_denied, user_not_found, self_forbidden with `field: remove`,
 *   organization_needs_owner, last_administrator
 */
export async function deleteUserByAdmin(ctx: Context, actor: AdminActor, userId: Id): Promise<void> {
  await act(ctx, actor, { may: ['users.delete'] }, async (tx, { rights }) => {
    const person = await findTarget(ctx, tx, rights, userId, 'users.delete');
    if (person instanceof Refusal) return person;
    if (isSelf(actor, userId)) return refuse('self_forbidden', { field: 'remove' });
    return eraseUser(ctx, tx, actor, person);
  });
}

async function mailDeletionLink(
  ctx: Context,
  actor: UserActor,
  password: PasswordRecord | null,
  link: LinkTemplate,
): Promise<void> {
  const { user } = actor.live;
  const lifeSeconds = ctx.surface.codes.userDeletionSeconds;
  await act(ctx, actor, { change: 'user_deletion_mailed', password }, async (tx) => {
    await supersedeCodes(ctx, tx, user.id, ['user_deletion']);
    const token = await issueCode(ctx, tx, { purpose: 'user_deletion', lifeSeconds, userId: user.id });
    await queueMail(
      ctx,
      tx,
      user.email!.value,
      { kind: 'delete_account', link: fillLink(link, token), lifeSeconds },
      actor.from,
    );
  });
}

/**
 * Erases a person in one step: the address is free at once, the username is held (core map U4). Nothing else names the
 * person afterwards.
 * @returns as `refusedErasure`; nothing is written then
 */
export async function eraseUser(ctx: Context, tx: Tx, actor: Actor, person: Person): Promise<Refusal | undefined> {
  const refused = await refusedErasure(ctx, tx, actor, person.id);
  if (refused) return refused;
  const now = ctx.clock.now();
  const emails = await tx.emails.listOf(person.id);
  // Another address may be somebody else's, and so may the mail to it.
  const own = emails.filter(({ verifiedAt, usedForAuth }) => verifiedAt !== null || usedForAuth);
  await leaveEverything(ctx, tx, actor, person.id);
  await endFor(ctx, tx, actor, 'deleted', person.id);
  await discardWork(
    ctx,
    tx,
    own.map(({ normal }) => normal),
  );
  await tx.users.erase(person.id);
  if (person.usernameNormal) {
    const until = later(now, days(ctx.project.policy.username.holdDays));
    await tx.users.holdUsername(person.usernameNormal, until, 'deleted');
  }
  await recordEvent(ctx, tx, withoutOrigin(actor, person.id), { type: 'account.deleted', subject: person.id });
  return undefined;
}

/** The network and browser of an administrator are written down; those of the person are gone with the rest of them. */
const withoutOrigin = (actor: Actor, erased: Id): Actor => {
  const themselves = actor.kind === 'anonymous' || actorUserId(actor) === erased;
  return themselves ? { ...actor, from: nowhere } : actor;
};

/** What nobody leaves behind, whoever asks. @returns last_administrator, organization_needs_owner */
async function refusedErasure(ctx: Context, tx: Tx, actor: Actor, userId: Id): Promise<Refusal | null> {
  const last = await refusedAsLastAdministrator(ctx, tx, actor, userId, 'gone');
  if (last) return last;
  return (await isOnlyOwnerOfOthers(tx, userId)) ? refuse('organization_needs_owner') : null;
}
