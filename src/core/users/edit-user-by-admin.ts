import type { Instant } from '../../base/clock.ts';
import { type NewEmailForm, newEmailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import { type JsonObject, membersOf } from '../../base/json.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { usernameNormal } from '../../base/username-form.ts';
import { act } from '../acting.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { CredentialChange } from '../credentials/changes.ts';
import { replaceAddress } from '../emails/change-email.ts';
import { type ImageFields, prepareSource } from '../files/image-source.ts';
import { readMetadata } from '../metadata.ts';
import type { ProjectPermission } from '../permissions/project-permissions.ts';
import { type AdminActor, admitAdmin } from '../permissions/project-rights.ts';
import type { Tx } from '../store.ts';
import { findTarget, isSelf } from './admin-target.ts';
import { liftBan, writeBan } from './ban-user.ts';
import { conflictAsRefusal } from './conflict-as-refusal.ts';
import { writeRoles } from './set-user-roles.ts';
import { type ProfileChange, readProfileChange } from './update-profile.ts';
import type { Person } from './user.ts';

/** Absent: unchanged. */
export interface UserEdit extends ProfileChange {
  /** Merged into what is there. */
  readonly metadataReadonly?: JsonObject;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly roles?: readonly string[];
  readonly banned?: boolean;
  readonly banReason?: string | null;
  readonly banExpiresAt?: Instant | null;
}

/** Which part of an edit wants which right beside `users.update`. */
const parts = {
  'users.set_role': ['roles'],
  'users.ban': ['banned', 'banReason', 'banExpiresAt'],
  'users.set_email': ['email', 'emailVerified'],
} as const satisfies { readonly [permission in ProjectPermission]?: readonly (keyof UserEdit)[] };

const touches = (edit: UserEdit, part: keyof typeof parts): boolean =>
  parts[part].some((field) => edit[field] !== undefined);

/**
 * Everything an administrator may change about a person, in one step: all of it or nothing.
 * @throws Refusal not_signed_in, permission_denied, user_not_found, nothing_to_change, self_forbidden with `field: ban`,
 *   email_invalid, email_taken, username_*, display_name_invalid, image_invalid, role_not_found, role_not_grantable,
 *   last_administrator; session_not_fresh: to themselves they owe the proof that everybody owes
 */
export async function editUserByAdmin(ctx: Context, actor: AdminActor, userId: Id, edit: UserEdit): Promise<Person> {
  const asked = (Object.keys(parts) as (keyof typeof parts)[]).filter((part) => touches(edit, part));
  const needed = ['users.update', ...asked] as const;
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, needed);
  if (admitted instanceof Refusal) throw admitted;
  if (Object.values(edit).every((value) => value === undefined)) throw new Refusal('nothing_to_change');
  const email = edit.email === undefined ? null : newEmailForm(edit.email);
  if (edit.email !== undefined && !email) throw new Refusal('email_invalid');

  const picture = edit.image && (await prepareSource(ctx, 'user_profile', edit.image));
  const outcome = await act(ctx, actor, { may: needed }, async (tx, { rights, refuseChange }) => {
    const person = await findTarget(ctx, tx, rights, userId, 'users.update');
    if (person instanceof Refusal) return person;
    // Thrown, not returned: an edit of which a part is refused leaves no trace.
    if (isSelf(actor, userId)) for (const change of changesOf(person, edit, email)) must(refuseChange(change));
    await writeProfile(ctx, tx, actor, person, edit, picture ? await picture.keep(tx) : {});
    if (touches(edit, 'users.set_email')) await writeEmail(ctx, tx, actor, person, email, edit.emailVerified);
    if (edit.roles) must(await writeRoles(ctx, tx, actor, person, edit.roles, rights));
    if (touches(edit, 'users.ban')) must(await editBan(ctx, tx, actor, person, edit));
    return (await tx.users.find(userId))!;
  }).catch(conflictAsRefusal);
  const edited = settle(outcome);
  if (picture) await picture.confirm();
  return edited;
}

/** Which of the person's credentials an edit changes. */
function changesOf(person: Person, edit: UserEdit, email: NewEmailForm | null): CredentialChange[] {
  const changes: CredentialChange[] = [];
  const { username } = edit;
  if (username !== undefined && (username && usernameNormal(username)) !== person.usernameNormal)
    changes.push('username_changed');
  if (email && email.normal !== person.email?.normal) changes.push('sign_in_address_replaced');
  else if (edit.emailVerified !== undefined) changes.push('address_edited');
  return changes;
}

function must(refused: Refusal | null): void {
  if (refused) throw refused;
}

async function writeProfile(
  ctx: Context,
  tx: Tx,
  actor: AdminActor,
  person: Person,
  edit: UserEdit,
  picture: Partial<ImageFields>,
): Promise<void> {
  const { metadataReadonly: added } = edit;
  const change = {
    ...readProfileChange(ctx, person, edit, { mayRename: true }),
    ...picture,
    ...(added && {
      metadataReadonly: readMetadata('metadataReadonly', { ...membersOf(person.metadataReadonly), ...added }),
    }),
  };
  const fields = Object.keys(change);
  if (fields.length === 0) return;
  const now = ctx.clock.now();
  if (change.usernameNormal && (await tx.users.usernameTaken(change.usernameNormal, now, person.id))) {
    throw new Refusal('username_taken');
  }
  await tx.users.update(person.id, change, now);
  await recordEvent(ctx, tx, actor, { type: 'account.updated', subject: person.id, data: { fields } });
}

async function writeEmail(
  ctx: Context,
  tx: Tx,
  actor: AdminActor,
  person: Person,
  email: NewEmailForm | null,
  verified: boolean | undefined,
): Promise<void> {
  const now = ctx.clock.now();
  const primary = person.email;
  if (email && email.normal !== primary?.normal) {
    if (await tx.emails.findForAuth(email.normal)) throw new Refusal('email_taken');
    await replaceAddress(ctx, tx, actor, person, email, verified ? 'admin' : null);
    return;
  }
  if (!primary || verified === undefined || verified === (primary.verifiedAt !== null)) return;
  if (verified) {
    await tx.emails.markVerified(primary.id, primary.normal, 'admin', now);
    await recordEvent(ctx, tx, actor, { type: 'email.verified', subject: person.id, data: { by: 'admin' } });
    return;
  }
  const { value, normal } = primary;
  await tx.emails.replace(primary.id, { value, normal, verifiedAt: null, verifiedBy: null }, now);
  await recordEvent(ctx, tx, actor, { type: 'account.updated', subject: person.id, data: { fields: ['email'] } });
}

/** Reason and end of a ban that is there may change without banning anew. */
async function editBan(
  ctx: Context,
  tx: Tx,
  actor: AdminActor,
  person: Person,
  edit: UserEdit,
): Promise<Refusal | null> {
  if (edit.banned === false) {
    await liftBan(ctx, tx, actor, person);
    return null;
  }
  if (edit.banned === undefined && person.bannedAt === null) return refuse('nothing_to_change');
  const reason = edit.banReason === undefined ? person.banReason : edit.banReason;
  const expiresAt = edit.banExpiresAt === undefined ? person.banExpiresAt : edit.banExpiresAt;
  return writeBan(ctx, tx, actor, person, { reason, expiresAt });
}
