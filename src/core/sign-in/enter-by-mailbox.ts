import type { NewEmailForm } from '../../base/email-form.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { OneTimeValue } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import { claimAddress } from '../emails/claim-address.ts';
import { mayClaim } from '../emails/may-claim.ts';
import type { MetadataObject } from '../metadata.ts';
import type { TrustedUrl } from '../return-urls.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import { isImpersonation } from '../sessions/session.ts';
import type { Tx } from '../store.ts';
import { admitSignUp } from '../users/admit-sign-up.ts';
import type { SignUpVerdict } from '../users/judge-sign-up.ts';
import { draftPerson } from '../users/new-person.ts';
import { enrolPerson } from '../users/upgrade-anonymous.ts';
import type { Email, Person } from '../users/user.ts';

/** Somebody who holds a mailbox, as a mailed value proves. */
export interface MailboxVisit {
  readonly address: NewEmailForm;
  readonly by: 'link' | 'code';
  /** Already checked. */
  readonly newcomer: {
    readonly displayName: string | null;
    readonly imageUrl: string | null;
    readonly metadataClient: MetadataObject;
  };
  /** The person is mailed codes from now on, whoever they were before. */
  readonly enablesCode?: boolean;
  /** What the project's rules say of a newcomer; null for somebody who was there. */
  readonly verdict: SignUpVerdict | null;
  readonly trustToken: string | null;
  readonly returnTo: TrustedUrl | null;
}

export interface MailboxEntry {
  readonly admission: Admission;
  readonly isNewUser: boolean;
}

/**
 * Asked before the transaction, and only for a value that was right. Null: the address belongs to somebody.
 * @throws Refusal sign_up_disabled, sign_up_rejected, too_many_requests
 */
export async function admitNewcomer(ctx: Context, actor: Actor, address: NewEmailForm): Promise<SignUpVerdict | null> {
  if (await ctx.store.read.emails.findForAuth(address.normal)) return null;
  return admitSignUp(ctx, actor, { email: address, method: 'otp', provider: null });
}

/**
 * From a proven mailbox to a session: spends the value, finds or makes the person, then the gate. The first proof of an
 * address drops what was set up without it (core map E4), unless its person is signed in here. A person made on the way
 * stays when the gate refuses.
 * @returns code_used, code_address_changed, code_not_found, sign_up_disabled, and what the gate refuses
 */
export async function enterByMailbox(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  code: OneTimeValue,
  visit: MailboxVisit,
): Promise<MailboxEntry | Refusal> {
  if (!(await tx.codes.spend(code.id, ctx.clock.now()))) return refuse('code_used');
  const email = await tx.emails.findForAuth(visit.address.normal);
  if (code.userId !== null && email?.userId !== code.userId) return refuse('code_address_changed');
  if (!email && !ctx.project.policy.signUp.enabled) return refuse('sign_up_disabled');
  const person = email
    ? await provenOwner(ctx, tx, actor, code, email, visit.by)
    : await makeNewcomer(ctx, tx, actor, visit);
  if (person instanceof Refusal) return person;
  if (visit.enablesCode && !person.emailCodeEnabled) {
    await tx.users.update(person.id, { emailCodeEnabled: true }, ctx.clock.now());
  }
  const isNewUser = email === null;
  const admission = await admitUser(ctx, tx, actor, person, {
    method: visit.by === 'link' ? 'mail_link' : 'mail_code',
    persistent: true,
    isNewUser,
    trustToken: visit.trustToken,
    returnTo: visit.returnTo,
  });
  return admission instanceof Refusal ? admission : { admission, isNewUser };
}

async function provenOwner(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  code: OneTimeValue,
  email: Email,
  by: MailboxVisit['by'],
): Promise<Person | Refusal> {
  const person = (await tx.users.find(email.userId))!;
  // A value mailed before the address had an owner is bound to nobody, so no change of credentials voids it by itself.
  const changed = person.credentialsChangedAt > person.createdAt;
  if (code.userId === null && changed && code.createdAt < person.credentialsChangedAt) {
    return refuse('code_not_found', { why: 'credentials changed since' });
  }
  if (email.verifiedAt !== null) return person;
  const inPerson = await isSignedIn(tx, actor, person);
  if (!inPerson && !(await mayClaim(tx, email))) {
    return refuse('code_address_changed', { why: 'another address is proven' });
  }
  if (inPerson) {
    await tx.emails.markVerified(email.id, email.normal, by, ctx.clock.now());
    await recordEvent(ctx, tx, actor, { type: 'email.verified', subject: person.id, data: { by } });
  } else await claimAddress(ctx, tx, actor, person, email, by);
  return (await tx.users.find(person.id))!;
}

/** In person: an administrator or a server in their name did not set the account up, and an ended session is nobody's. */
const isSignedIn = async (tx: Tx, actor: Actor, person: Person): Promise<boolean> =>
  actor.kind === 'user' &&
  actor.live.user.id === person.id &&
  !isImpersonation(actor.live.session) &&
  (await tx.sessions.find(actor.live.session.id)) !== null;

async function makeNewcomer(ctx: Context, tx: Tx, actor: Actor, visit: MailboxVisit): Promise<Person> {
  const draft = draftPerson(ctx, {
    ...visit.newcomer,
    email: visit.address,
    emailVerifiedBy: visit.by,
    usernameNormal: null,
    usernameDisplay: null,
  });
  const method = visit.by === 'link' ? 'mail_link' : 'mail_code';
  return enrolPerson(ctx, tx, actor, draft, method, { verdict: visit.verdict });
}
