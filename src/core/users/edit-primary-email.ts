import { type NewEmailForm, newEmailForm } from '../../base/email-form.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { addAddress, demotePrimary, makePrimary, setUsedForAuth, setVerified } from '../emails/own-addresses.ts';
import { endFor } from '../endings/end-for.ts';
import type { Tx } from '../store.ts';
import type { Email, Person } from './user.ts';

/** Absent: unchanged. */
export interface PrimaryEmailEdit {
  /** Null: none, and the address stays with the person. */
  readonly primaryEmail?: NewEmailForm | null;
  readonly primaryEmailVerified?: boolean;
  readonly primaryEmailUsedForAuth?: boolean;
}

/** @throws Refusal email_invalid */
export function readPrimaryEmail(text: string | null | undefined): NewEmailForm | null | undefined {
  if (text === undefined || text === null) return text;
  const form = newEmailForm(text);
  if (!form) throw new Refusal('email_invalid', { field: 'primaryEmail' });
  return form;
}

/**
 * A step of editing a person (hexclave spec §2.8). An address the person has becomes the primary one with the proof it has;
 * another is added, unproven. Whoever signs in by the old one also signs in by the new one; where nobody did, it may be
 * somebody else's. The old one stays as a secondary address.
 * @returns email_taken, email_required with what would need one as `field`, anonymous_not_accepted
 */
export async function writePrimaryEmail(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  edit: PrimaryEmailEdit,
): Promise<Refusal | null> {
  const { primaryEmail, primaryEmailVerified: verified, primaryEmailUsedForAuth: usedForAuth } = edit;
  const own = await tx.emails.listOf(person.id);
  if (isEdit(own, edit)) await endFor(ctx, tx, actor, 'address_edited', person.id);
  if (primaryEmail === null) await demotePrimary(ctx, tx, actor, person);
  const carried = usedForAuth ?? person.email?.usedForAuth ?? false;
  const chosen = primaryEmail && (await choose(ctx, tx, actor, person, primaryEmail, carried));
  if (chosen instanceof Refusal) return chosen;
  if (verified === undefined && usedForAuth === undefined) return null;
  const email = (await tx.emails.listOf(person.id)).find(({ isPrimary }) => isPrimary);
  if (!email) {
    if (usedForAuth) return refuse('email_required', { field: 'primaryEmailUsedForAuth' });
    return verified ? refuse('email_required', { field: 'primaryEmailVerified' }) : null;
  }
  if (verified !== undefined) await setVerified(ctx, tx, actor, email, verified);
  return usedForAuth === undefined ? null : setUsedForAuth(ctx, tx, actor, person, email, usedForAuth);
}

/** Something about an address that the person has is another than before. A new address is told as such. */
function isEdit(own: readonly Email[], { primaryEmail, primaryEmailUsedForAuth }: PrimaryEmailEdit): boolean {
  const current = own.find(({ isPrimary }) => isPrimary);
  if (primaryEmail === null) return current !== undefined;
  const next = primaryEmail === undefined ? current : own.find(({ normal }) => normal === primaryEmail.normal);
  if (!next) return false;
  return next !== current || (primaryEmailUsedForAuth ?? next.usedForAuth) !== next.usedForAuth;
}

async function choose(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  form: NewEmailForm,
  usedForAuth: boolean,
): Promise<Refusal | null> {
  const own = (await tx.emails.listOf(person.id)).find(({ normal }) => normal === form.normal);
  if (own) {
    await makePrimary(ctx, tx, actor, own);
    return usedForAuth ? setUsedForAuth(ctx, tx, actor, person, own, true) : null;
  }
  const added = await addAddress(ctx, tx, actor, person, form, { isPrimary: true, usedForAuth, verified: false });
  return added instanceof Refusal ? added : null;
}
