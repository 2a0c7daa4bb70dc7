import type { EmailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import type { JsonValue } from '../../base/json.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { type Acting, act } from '../acting.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { changeOfPrimary } from '../credentials/address-changes.ts';
import type { CredentialChange } from '../credentials/changes.ts';
import { endFor } from '../endings/end-for.ts';
import { replaceTotp } from '../factors/replace-totp.ts';
import { type ImageSource, prepareSource } from '../files/image-source.ts';
import { readMetadata } from '../metadata.ts';
import { selectOrganization } from '../orgs/select-organization.ts';
import { putPassword } from '../passwords/set-password-for-user.ts';
import type { Tx } from '../store.ts';
import { conflictAsRefusal } from './conflict-as-refusal.ts';
import { type PrimaryEmailEdit, readPrimaryEmail, writePrimaryEmail } from './edit-primary-email.ts';
import { endAnonymity } from './end-anonymity.ts';
import { checkMailCode, type GivenPassword, hashGiven } from './new-credentials.ts';
import { readDisplayName } from './profile-rules.ts';
import { type RestrictionEdit, readRestriction } from './restriction.ts';
import { type SignUpRecord, withSignUp } from './sign-up-record.ts';
import { subjectOf } from './subject.ts';
import type { Person, UserChange } from './user.ts';
import { isLastWayIn } from './ways-in.ts';

/** What people may say of themselves where one request changes all of it. Absent: unchanged. */
interface OwnEdit {
  readonly displayName?: string | null;
  readonly image?: ImageSource;
  /** Takes the place of what is there. */
  readonly metadataClient?: JsonValue;
  readonly selectedOrganizationId?: Id | null;
  readonly primaryEmail?: string | null;
  /** Raw bytes; null switches the authenticator app off. */
  readonly totpSecret?: Uint8Array | null;
  readonly emailCodeEnabled?: boolean;
  /** Passkeys are made by ceremonies only, but may be taken away. */
  readonly withoutPasskeys?: boolean;
}

/** What only the project's server may say (rule 30). */
interface ServerEdit extends GivenPassword {
  readonly metadataReadonly?: JsonValue;
  readonly metadataServer?: JsonValue;
  readonly primaryEmailVerified?: boolean;
  readonly primaryEmailUsedForAuth?: boolean;
  /** Whoever is anonymous becomes a full person; there is no way back. */
  readonly anonymous?: false;
  readonly restriction?: RestrictionEdit;
  readonly signUp?: Partial<SignUpRecord>;
}

export type PersonEdit = OwnEdit & ServerEdit;

const serverOnly: readonly (keyof ServerEdit)[] = [
  'password',
  'passwordHash',
  'metadataReadonly',
  'metadataServer',
  'primaryEmailVerified',
  'primaryEmailUsedForAuth',
  'anonymous',
  'restriction',
  'signUp',
];

/**
 * Changes several things about a person in one step: all of it or nothing (core map M6).
 * @throws Refusal self_only, user_not_found, not_signed_in, field_not_allowed, metadata_too_large, display_name_invalid, image_*,
 *   not_a_member, email_invalid, email_taken, email_required, method_disabled with `field`, totp_*,
 *   identity_last_method, restriction_required, password_too_*, password_hash_unsupported, anonymous_not_accepted
 */
export async function editUser(
  ctx: Context,
  actor: UserActor | ServerActor,
  userId: Id,
  edit: PersonEdit,
): Promise<Person> {
  const foreign = serverOnly.find((field) => edit[field] !== undefined);
  if (actor.kind === 'user' && foreign) throw new Refusal('field_not_allowed', { field: foreign });
  const { displayName } = edit;
  const name = displayName === undefined ? {} : { displayName: readDisplayName(ctx, displayName) };
  const primaryEmail = readPrimaryEmail(edit.primaryEmail);
  checkMailCode(ctx, edit.emailCodeEnabled);
  const hash = await hashGiven(ctx, actor, edit);
  const image = edit.image === undefined ? null : await prepareSource(ctx, 'user_profile', edit.image);

  const outcome = await act(ctx, actor, {}, async (tx, me) => {
    const before = await subjectOf(tx, me, userId);
    if (before instanceof Refusal) return before;
    // First, so that what the same edit gives the person stays.
    const person = edit.anonymous === false ? await signUp(ctx, tx, actor, before) : before;
    const picture = image ? await image.keep(tx) : {};
    // Thrown, not returned: an edit of which a part is refused leaves no trace.
    for (const change of changesOf(person, edit, primaryEmail)) must(me.refuseChange(change));
    must(await writeColumns(ctx, tx, actor, person, edit, { ...name, ...picture }));
    must(await writePrimaryEmail(ctx, tx, actor, person, { ...edit, primaryEmail } as PrimaryEmailEdit));
    must(await writeFactors(ctx, tx, actor, person, edit, me));
    if (hash !== undefined) await putPassword(ctx, tx, actor, userId, hash);
    return (await tx.users.find(userId))!;
  }).catch(conflictAsRefusal);
  const person = settle(outcome);
  await image?.confirm();
  return person;
}

function readMetadataEdit(edit: PersonEdit): UserChange {
  const fields = ['metadataClient', 'metadataReadonly', 'metadataServer'] as const;
  const given = fields.flatMap((field) => {
    const value = edit[field];
    return value === undefined ? [] : [[field, readMetadata(field, value)] as const];
  });
  return Object.fromEntries(given);
}

/** Which credentials an edit changes. A second factor says by itself whether it is added or replaced. */
function changesOf(person: Person, edit: PersonEdit, primaryEmail: EmailForm | null | undefined): CredentialChange[] {
  const changes: CredentialChange[] = [];
  const { emailCodeEnabled } = edit;
  if (emailCodeEnabled !== undefined && emailCodeEnabled !== person.emailCodeEnabled)
    changes.push('mail_code_switched');
  if (primaryEmail !== undefined && primaryEmail?.normal !== person.email?.normal)
    changes.push(changeOfPrimary(person));
  if (edit.withoutPasskeys) changes.push('passkey_removed');
  return changes;
}

/** The server says that somebody is a full person. Nobody goes on with what they held until now. */
async function signUp(ctx: Context, tx: Tx, actor: UserActor | ServerActor, person: Person): Promise<Person> {
  if (!person.anonymous || !(await endAnonymity(ctx, tx, actor, person.id))) return person;
  await recordEvent(ctx, tx, actor, { type: 'account.updated', subject: person.id, data: { fields: ['anonymous'] } });
  return (await tx.users.find(person.id))!;
}

function must(refused: Refusal | null | undefined): void {
  if (refused) throw refused;
}

async function writeColumns(
  ctx: Context,
  tx: Tx,
  actor: UserActor | ServerActor,
  person: Person,
  edit: PersonEdit,
  profile: UserChange,
): Promise<Refusal | null> {
  const now = ctx.clock.now();
  const restriction = edit.restriction ? readRestriction(person, edit.restriction, now) : {};
  if (restriction instanceof Refusal) return restriction;
  if (restriction.restrictedAt && person.restrictedAt === null) await endFor(ctx, tx, actor, 'restricted', person.id);
  const change: UserChange = {
    ...profile,
    ...restriction,
    ...readMetadataEdit(edit),
    emailCodeEnabled: edit.emailCodeEnabled,
    ...(edit.signUp && { signUp: withSignUp(person, edit.signUp) }),
  };
  const fields = Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));
  if (fields.length > 0) {
    await tx.users.update(person.id, change, now);
    await recordEvent(ctx, tx, actor, { type: 'account.updated', subject: person.id, data: { fields } });
  }
  if (edit.selectedOrganizationId === undefined) return null;
  return selectOrganization(ctx, tx, person.id, edit.selectedOrganizationId);
}

async function writeFactors(
  ctx: Context,
  tx: Tx,
  actor: UserActor | ServerActor,
  person: Person,
  edit: PersonEdit,
  me: Acting,
): Promise<Refusal | null> {
  if (edit.emailCodeEnabled === false && person.emailCodeEnabled && actor.kind === 'user') {
    if (await isLastWayIn(ctx, tx, person.id, { mailCode: true })) return refuse('identity_last_method');
  }
  if (edit.totpSecret !== undefined) {
    const refused = await replaceTotp(ctx, tx, actor, person, edit.totpSecret, me.refuseChange);
    if (refused) return refused;
  }
  if (!edit.withoutPasskeys) return null;
  const passkeys = await tx.passkeys.listOf(person.id);
  if (passkeys.length === 0) return null;
  const ids = passkeys.map(({ id }) => id);
  if (actor.kind === 'user' && (await isLastWayIn(ctx, tx, person.id, { passkeys: ids }))) {
    return refuse('identity_last_method');
  }
  await endFor(ctx, tx, actor, 'passkey_removed', person.id);
  for (const id of ids) {
    await tx.passkeys.remove(id);
    await recordEvent(ctx, tx, actor, { type: 'passkey.removed', subject: person.id, data: { passkey_id: id } });
  }
  return null;
}
