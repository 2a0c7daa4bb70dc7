import type { NewEmailForm } from '../../base/email-form.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { endCodesTo } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../count-limits.ts';
import { endFor } from '../endings/end-for.ts';
import type { Tx } from '../store.ts';
import type { Email, Person } from '../users/user.ts';

/**
 * Steps of use cases that give people addresses. None ends a session. Who edits one ends what `address_edited` says, once
 * for all that the edit changes.
 */

export interface AddressUse {
  readonly isPrimary: boolean;
  readonly usedForAuth: boolean;
  readonly verified: boolean;
}

/** @returns email_already_added, limit_reached, or what `refusedForAuth` returns */
export async function addAddress(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  form: NewEmailForm,
  use: AddressUse,
): Promise<Email | Refusal> {
  const own = await tx.emails.listOf(person.id);
  if (own.some(({ normal }) => normal === form.normal)) return refuse('email_already_added');
  const tooMany = refuseBeyond('emails', own.length);
  if (tooMany) return tooMany;
  const refused = use.usedForAuth ? await refusedForAuth(tx, person, form.normal) : null;
  if (refused) return refused;
  const now = ctx.clock.now();
  await endFor(ctx, tx, actor, 'address_added', person.id);
  if (use.isPrimary) await tx.emails.demote(person.id, now);
  const email: Email = {
    id: ctx.ids.next(),
    userId: person.id,
    ...form,
    isPrimary: use.isPrimary,
    usedForAuth: use.usedForAuth,
    verifiedAt: use.verified ? now : null,
    verifiedBy: use.verified ? 'admin' : null,
    createdAt: now,
    updatedAt: now,
  };
  await tx.emails.insert(email);
  await recordChange(ctx, tx, actor, person, 'added');
  return email;
}

/** Moves the flag; the old primary address stays with the person. */
export async function makePrimary(ctx: Context, tx: Tx, actor: Actor, email: Email): Promise<void> {
  if (email.isPrimary) return;
  const now = ctx.clock.now();
  await tx.emails.demote(email.userId, now);
  await tx.emails.setUse(email.id, { isPrimary: true }, now);
  await recordChange(ctx, tx, actor, { id: email.userId }, 'primary');
}

/** The person has no primary address from then on. */
export async function demotePrimary(ctx: Context, tx: Tx, actor: Actor, person: Person): Promise<void> {
  if (!person.email) return;
  await tx.emails.demote(person.id, ctx.clock.now());
  await recordChange(ctx, tx, actor, person, 'demoted');
}

/** Lets the address sign in, or not; then what was mailed there to sign in is void. @returns as `refusedForAuth` */
export async function setUsedForAuth(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  email: Email,
  usedForAuth: boolean,
): Promise<Refusal | null> {
  if (email.usedForAuth === usedForAuth) return null;
  const refused = usedForAuth ? await refusedForAuth(tx, person, email.normal) : null;
  if (refused) return refused;
  await tx.emails.setUse(email.id, { usedForAuth }, ctx.clock.now());
  if (!usedForAuth) await endCodesTo(ctx, tx, person.id, email.normal);
  await recordChange(ctx, tx, actor, person, usedForAuth ? 'used_for_auth' : 'not_used_for_auth');
  return null;
}

/** Says for the server whether the address is proven. */
export async function setVerified(ctx: Context, tx: Tx, actor: Actor, email: Email, verified: boolean): Promise<void> {
  if (verified === (email.verifiedAt !== null)) return;
  const now = ctx.clock.now();
  const { id, userId, value, normal } = email;
  if (verified) {
    await tx.emails.markVerified(id, normal, 'admin', now);
    await recordEvent(ctx, tx, actor, { type: 'email.verified', subject: userId, data: { by: 'admin' } });
    return;
  }
  await tx.emails.replace(id, { value, normal, verifiedAt: null, verifiedBy: null }, now);
  await recordChange(ctx, tx, actor, { id: userId }, 'unverified');
}

/**
 * An address signs one person in, and a person with such an address is not anonymous.
 * @returns email_taken, anonymous_not_accepted
 */
export async function refusedForAuth(tx: Tx, person: Person, normal: string): Promise<Refusal | null> {
  if (person.anonymous) return refuse('anonymous_not_accepted');
  const taken = await tx.emails.findForAuth(normal);
  return taken && taken.userId !== person.id ? refuse('email_taken', { given: normal }) : null;
}

export const recordChange = (
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Pick<Person, 'id'>,
  what: string,
): Promise<void> => recordEvent(ctx, tx, actor, { type: 'email.changed', subject: person.id, data: { channel: what } });
