import { type NewEmailForm, newEmailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act, asBearer } from '../acting.ts';
import type { Actor, RequestOrigin, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { codePayload, findCode, issueCode, supersedeCodes } from '../codes/codes.ts';
import type { OneTimeValue } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { fillLink, type LinkTemplate } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { provePassword } from '../passwords/prove-password.ts';
import type { Admission } from '../sessions/admit-user.ts';
import { isImpersonation } from '../sessions/session.ts';
import type { Tx } from '../store.ts';
import { conflictAsRefusal } from '../users/conflict-as-refusal.ts';
import { endAnonymity } from '../users/end-anonymity.ts';
import { enterAnew } from '../users/enter-anew.ts';
import type { EmailProof, Person } from '../users/user.ts';

type Payload = { value: string; normal: string; link: LinkTemplate };

/**
 * Starts replacing the primary address. A verified address is asked first, then the new one; an unverified one has no
 * say, and neither has any when the password was shown. A taken address is refused only to the surface: it answers as
 * ever.
 * @throws Refusal email_change_disabled, email_invalid, password_not_set, password_wrong, email_unchanged, email_taken,
 *   session_not_fresh, impersonated_session
 */
export async function requestEmailChange(
  ctx: Context,
  actor: UserActor,
  input: { readonly newAddress: string; readonly link: LinkTemplate; readonly password?: string },
): Promise<void> {
  if (!ctx.project.policy.emails.changeEnabled) throw new Refusal('email_change_disabled');
  const form = newEmailForm(input.newAddress);
  if (!form) throw new Refusal('email_invalid');
  const { user } = actor.live;
  const proven = input.password === undefined ? null : await provePassword(ctx, actor, input.password);
  if (user.email?.normal === form.normal) throw new Refusal('email_unchanged');
  await act(ctx, actor, { change: 'sign_in_address_replaced', password: proven }, async (tx) => {
    if (await tx.emails.findForAuth(form.normal)) return refuse('email_taken');
    await supersedeCodes(ctx, tx, user.id, ['email_change', 'email_change_confirm']);
    const payload = { ...form, link: input.link };
    if (user.email?.verifiedAt && !proven) await askOldAddress(ctx, tx, user, payload, actor.from);
    else await askNewAddress(ctx, tx, user, payload, actor.from);
    return undefined;
  });
}

export type EmailChangeStep =
  | { readonly step: 'confirmed'; readonly person: Person }
  /** With a new session for whoever was anonymous until now. */
  | { readonly step: 'changed'; readonly person: Person; readonly admission: Admission | null };

/**
 * Spends one of the two links. The first asks the new address; the second replaces the old one, which proves the new
 * mailbox, ends the other sessions and voids what was mailed before.
 * @throws Refusal code_* (`field: user` when somebody else is signed in here), email_taken
 */
export async function confirmEmailChange(
  ctx: Context,
  actor: Actor,
  purpose: 'email_change_confirm' | 'email_change',
  token: string,
): Promise<EmailChangeStep> {
  const outcome = await asBearer(ctx, { credential: 'code' }, async (tx) => {
    const code = await findCode(ctx, tx, purpose, token);
    if (code instanceof Refusal) return code;
    if (actor.kind === 'user' && actor.live.user.id !== code.userId) {
      return refuse('code_not_found', { field: 'user', why: 'another person is signed in' });
    }
    const person = code.userId ? await tx.users.find(code.userId) : null;
    if (!person) return refuse('code_not_found', { why: 'the person is gone' });
    const change = codePayload<Payload>(ctx, code);
    const address = newEmailForm(change.value);
    if (!address) return refuse('code_not_found', { why: 'mail does not reach its address' });
    if (await tx.emails.findForAuth(change.normal)) return refuse('email_taken');
    if (!(await tx.codes.spend(code.id, ctx.clock.now()))) return refuse('code_used');
    if (purpose === 'email_change_confirm') {
      if (person.email?.normal !== code.addressNormal) return refuse('code_address_changed');
      await askNewAddress(ctx, tx, person, change, actor.from);
      return { step: 'confirmed', person } as const;
    }
    await replaceAddress(ctx, tx, actor, person, address, 'link');
    const admission = person.anonymous ? await enterAnew(ctx, tx, actor, person.id, 'mail_link') : null;
    return { step: 'changed', person: (await tx.users.find(person.id))!, admission } as const;
  }).catch(conflictAsRefusal);
  return settle(outcome);
}

/** A step of every path that replaces the address people sign in with. Whoever it was before is told. */
export async function replaceAddress(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  change: NewEmailForm,
  verifiedBy: EmailProof | null,
): Promise<void> {
  const now = ctx.clock.now();
  const proven = (await tx.emails.listOf(person.id)).filter(({ verifiedAt }) => verifiedAt !== null);
  const spare = actor.kind === 'user' && !isImpersonation(actor.live.session) ? actor.live.session.id : null;
  await endFor(ctx, tx, actor, 'address_changed', person.id, { spare });
  const address = {
    value: change.value,
    normal: change.normal,
    verifiedAt: verifiedBy === null ? null : now,
    verifiedBy,
  };
  // It may have been a secondary address of theirs.
  const twin = (await tx.emails.listOf(person.id)).find(({ normal }) => normal === change.normal);
  if (twin && !twin.isPrimary) await tx.emails.remove(twin.id);
  if (person.email) {
    await tx.emails.replace(person.email.id, address, now);
    if (!person.email.usedForAuth) await tx.emails.setUse(person.email.id, { usedForAuth: true }, now);
  } else {
    await tx.emails.insert({
      ...address,
      id: ctx.ids.next(),
      userId: person.id,
      isPrimary: true,
      usedForAuth: true,
      createdAt: now,
      updatedAt: now,
    });
  }
  // Whoever has an address to sign in with is not anonymous any more.
  if (person.anonymous) await endAnonymity(ctx, tx, actor, person.id);
  await recordEvent(ctx, tx, actor, { type: 'email.changed', subject: person.id });
  const message = { kind: 'email_changed', newEmail: change.value } as const;
  for (const { value, normal } of proven) {
    if (normal !== change.normal) await queueMail(ctx, tx, value, message, actor.from);
  }
}

async function askOldAddress(ctx: Context, tx: Tx, user: Person, payload: Payload, from: RequestOrigin) {
  const old = user.email!;
  const { lifeSeconds, token } = await issueStep(ctx, tx, 'email_change_confirm', user, old.normal, payload);
  const message = {
    kind: 'confirm_email_change',
    link: fillLink(payload.link, token),
    newEmail: payload.value,
    lifeSeconds,
  } as const;
  await queueMail(ctx, tx, old.value, message, from);
}

async function askNewAddress(ctx: Context, tx: Tx, user: Person, payload: Payload, from: RequestOrigin) {
  const { lifeSeconds, token } = await issueStep(ctx, tx, 'email_change', user, payload.normal, payload);
  await queueMail(
    ctx,
    tx,
    payload.value,
    { kind: 'verify_new_email', link: fillLink(payload.link, token), lifeSeconds },
    from,
  );
}

async function issueStep(
  ctx: Context,
  tx: Tx,
  purpose: OneTimeValue['purpose'],
  user: Person,
  addressNormal: string,
  payload: Payload,
): Promise<{ lifeSeconds: number; token: string }> {
  const lifeSeconds = ctx.surface.codes.emailChangeSeconds;
  const emailId = user.email?.id ?? null;
  return {
    lifeSeconds,
    token: await issueCode(ctx, tx, { purpose, lifeSeconds, userId: user.id, emailId, addressNormal, payload }),
  };
}
