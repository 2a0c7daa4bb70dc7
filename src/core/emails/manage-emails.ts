import { type NewEmailForm, newEmailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import { endCodesTo } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { changeByAdding, changeOfAddress, changeOfPrimary } from '../credentials/address-changes.ts';
import type { CredentialChange } from '../credentials/changes.ts';
import { endFor } from '../endings/end-for.ts';
import type { Reads, Tx } from '../store.ts';
import { conflictAsRefusal } from '../users/conflict-as-refusal.ts';
import { admitSubject, refuseUnlessServer, subjectOf } from '../users/subject.ts';
import type { Email, Person } from '../users/user.ts';
import { isLastWayIn } from '../users/ways-in.ts';
import {
  type AddressUse,
  addAddress,
  demotePrimary,
  makePrimary,
  recordChange,
  setUsedForAuth,
  setVerified,
} from './own-addresses.ts';

type OwnerOrServer = UserActor | ServerActor;

/** Oldest first. @param userId null: of everybody, for servers @throws Refusal self_only, user_not_found */
export async function listEmails(ctx: Context, actor: OwnerOrServer, userId: Id | null): Promise<readonly Email[]> {
  const { read } = ctx.store;
  if (userId === null) {
    settle(refuseUnlessServer(actor));
    return read.emails.listAll();
  }
  settle(await admitSubject(read, actor, userId));
  return read.emails.listOf(userId);
}

/** @throws Refusal self_only, user_not_found, email_not_found */
export async function readEmail(
  ctx: Context,
  actor: OwnerOrServer,
  input: { readonly userId: Id; readonly emailId: Id },
): Promise<Email> {
  const { read } = ctx.store;
  settle(await admitSubject(read, actor, input.userId));
  return settle(await findOwn(read, input.userId, input.emailId));
}

/**
 * One more address. Nobody signs in with it unless it is used for that, so it may be that of somebody else (core map E2).
 * @throws Refusal self_only, user_not_found, email_invalid, email_already_added, limit_reached, email_taken,
 *   anonymous_not_accepted, field_not_allowed (`verified` is for servers to say), session_not_fresh, impersonated_session
 */
export async function addEmail(
  ctx: Context,
  actor: OwnerOrServer,
  input: { readonly userId: Id; readonly address: string } & AddressUse,
): Promise<Email> {
  if (actor.kind === 'user' && input.verified) throw new Refusal('field_not_allowed', { field: 'verified' });
  const form = readForm(input.address);
  const outcome = await act(ctx, actor, { change: changeByAdding(input.usedForAuth) }, async (tx, me) => {
    const person = await subjectOf(tx, me, input.userId);
    if (person instanceof Refusal) return person;
    const unproven = input.isPrimary ? me.refuseChange(changeOfPrimary(person)) : null;
    if (unproven) return unproven;
    return addAddress(ctx, tx, actor, person, form, input);
  }).catch(refusedAtOnce(form));
  return settle(outcome);
}

/** Absent: unchanged. */
export interface EmailEdit {
  readonly address?: string;
  readonly isPrimary?: boolean;
  readonly usedForAuth?: boolean;
  /** For the project's server to say. */
  readonly verified?: boolean;
}

/**
 * Changes an address or what it is used for. Another address is unproven until it is verified.
 * @throws Refusal self_only, user_not_found, email_not_found, email_invalid, email_already_added, email_taken,
 *   identity_last_method, anonymous_not_accepted, field_not_allowed, session_not_fresh, impersonated_session
 */
export async function updateEmail(
  ctx: Context,
  actor: OwnerOrServer,
  input: { readonly userId: Id; readonly emailId: Id } & EmailEdit,
): Promise<Email> {
  if (actor.kind === 'user' && input.verified !== undefined) {
    throw new Refusal('field_not_allowed', { field: 'verified' });
  }
  const form = input.address === undefined ? null : readForm(input.address);
  const outcome = await act(ctx, actor, {}, async (tx, me) => {
    const person = await subjectOf(tx, me, input.userId);
    if (person instanceof Refusal) return person;
    const email = await findOwn(tx, person.id, input.emailId);
    if (email instanceof Refusal) return email;
    // Thrown, not returned: an edit of which a part is refused leaves no trace.
    const changes = changesOf(person, email, form, input);
    for (const change of changes) {
      const unproven = me.refuseChange(change);
      if (unproven) return unproven;
    }
    if (changes.length > 0) await endFor(ctx, tx, actor, 'address_edited', person.id);
    const refused = await writeEdit(ctx, tx, actor, person, email, form, input);
    if (refused) throw refused;
    return (await tx.emails.find(email.id))!;
  }).catch(refusedAtOnce(form));
  return settle(outcome);
}

/**
 * Another way in must be left, unless the server asks (core map P9).
 * @throws Refusal self_only, user_not_found, email_not_found, identity_last_method, session_not_fresh,
 *   impersonated_session
 */
export async function removeEmail(
  ctx: Context,
  actor: OwnerOrServer,
  input: { readonly userId: Id; readonly emailId: Id },
): Promise<void> {
  await act(ctx, actor, {}, async (tx, me) => {
    const person = await subjectOf(tx, me, input.userId);
    if (person instanceof Refusal) return person;
    const email = await findOwn(tx, person.id, input.emailId);
    if (email instanceof Refusal) return email;
    const unproven = me.refuseChange(changeOfAddress(email.usedForAuth, 'removed'));
    if (unproven) return unproven;
    if (await locksOut(ctx, tx, actor, email)) return refuse('identity_last_method');
    await endFor(ctx, tx, actor, 'address_removed', person.id);
    await tx.emails.remove(email.id);
    await endCodesTo(ctx, tx, person.id, email.normal);
    await recordChange(ctx, tx, actor, person, 'removed');
    return undefined;
  });
}

/** Which credentials an edit of an address changes. */
function changesOf(
  person: Person,
  email: Email,
  form: NewEmailForm | null,
  edit: EmailEdit,
): readonly CredentialChange[] {
  const changes: CredentialChange[] = [];
  const { usedForAuth } = email;
  if (edit.usedForAuth === false && usedForAuth) changes.push(changeOfAddress(usedForAuth, 'removed'));
  if (edit.usedForAuth && !usedForAuth) changes.push(changeByAdding(true));
  if (form && form.normal !== email.normal) changes.push(changeOfAddress(usedForAuth, 'replaced'));
  if (edit.isPrimary !== undefined && edit.isPrimary !== email.isPrimary) changes.push(changeOfPrimary(person));
  return changes;
}

async function writeEdit(
  ctx: Context,
  tx: Tx,
  actor: OwnerOrServer,
  person: Person,
  before: Email,
  form: NewEmailForm | null,
  edit: EmailEdit,
): Promise<Refusal | null> {
  let email = before;
  if (edit.usedForAuth === false) {
    if (email.usedForAuth && (await locksOut(ctx, tx, actor, email))) return refuse('identity_last_method');
    await setUsedForAuth(ctx, tx, actor, person, email, false);
    email = { ...email, usedForAuth: false };
  }
  if (form && form.normal !== email.normal) {
    const refused = await changeValue(ctx, tx, actor, person, email, form);
    if (refused) return refused;
    email = { ...email, ...form, verifiedAt: null, verifiedBy: null };
  }
  if (edit.usedForAuth) {
    const refused = await setUsedForAuth(ctx, tx, actor, person, email, true);
    if (refused) return refused;
  }
  if (edit.verified !== undefined) await setVerified(ctx, tx, actor, email, edit.verified);
  if (edit.isPrimary) await makePrimary(ctx, tx, actor, email);
  if (edit.isPrimary === false && email.isPrimary) await demotePrimary(ctx, tx, actor, person);
  return null;
}

/** The row keeps its id; what was mailed to the old address to sign in is void. */
async function changeValue(
  ctx: Context,
  tx: Tx,
  actor: OwnerOrServer,
  person: Person,
  email: Email,
  form: NewEmailForm,
): Promise<Refusal | null> {
  const own = await tx.emails.listOf(person.id);
  if (own.some(({ normal }) => normal === form.normal)) return refuse('email_already_added');
  if (email.usedForAuth && (await tx.emails.findForAuth(form.normal)))
    return refuse('email_taken', { given: form.normal });
  await tx.emails.replace(email.id, { ...form, verifiedAt: null, verifiedBy: null }, ctx.clock.now());
  await endCodesTo(ctx, tx, person.id, email.normal);
  await recordChange(ctx, tx, actor, person, 'value');
  return null;
}

const locksOut = async (ctx: Context, tx: Tx, actor: OwnerOrServer, email: Email): Promise<boolean> =>
  actor.kind === 'user' && email.usedForAuth && isLastWayIn(ctx, tx, email.userId, { addresses: [email.id] });

async function findOwn(reads: Pick<Reads, 'emails'>, userId: Id, id: Id): Promise<Email | Refusal> {
  const email = await reads.emails.find(id);
  return email?.userId === userId ? email : refuse('email_not_found');
}

/** Two at once: the index lets one through, and the other is told as if it had come later. */
const refusedAtOnce =
  (form: NewEmailForm | null) =>
  (fault: unknown): Refusal => {
    const { code, detail } = conflictAsRefusal(fault);
    return refuse(code, { ...detail, ...(form && { given: form.normal }) });
  };

function readForm(text: string): NewEmailForm {
  const form = newEmailForm(text);
  if (!form) throw new Refusal('email_invalid');
  return form;
}
