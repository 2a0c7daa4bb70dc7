import { emailForm, newEmailForm } from '../../base/email-form.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { WayIn } from '../credentials/way-in.ts';
import { mailVerificationLink } from '../emails/mail-verification-link.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import type { Reads, Tx } from '../store.ts';
import type { SignUpVerdict } from '../users/judge-sign-up.ts';
import { draftPerson } from '../users/new-person.ts';
import { enrolPerson } from '../users/upgrade-anonymous.ts';
import type { Email, Person, UserChange } from '../users/user.ts';
import type { ProviderFacts } from './provider.ts';
import { imageFrom, nameFrom, type ProviderVisit } from './provider-visit.ts';
import { addIdentity, refreshIdentity } from './write-identity.ts';

export interface ResolveOptions {
  /** The flow asked for a sign-up: people are created where they are not by themselves. */
  readonly requestSignUp: boolean;
  /** Mailed to a new person whose address the provider did not prove. */
  readonly verificationLink: LinkTemplate | null;
  /** What the project's rules say of a newcomer; null when nobody new was expected. */
  readonly verdict: SignUpVerdict | null;
}

/** With how far the identity is trusted. */
export interface Resolved extends WayIn {
  readonly person: Person;
  readonly isNewUser: boolean;
}

/** Is this visit about to create somebody? Asked before the transaction, which decides again. */
export async function wouldSignUp(
  ctx: Pick<Context, 'project' | 'surface'>,
  reads: Pick<Reads, 'identities' | 'emails'>,
  visit: ProviderVisit,
): Promise<boolean> {
  if (await reads.identities.findForSignIn(visit.facts.key, visit.profile.subject)) return false;
  const form = visit.profile.email === null ? null : emailForm(visit.profile.email);
  if (!form) return !needsAddress(ctx, visit);
  return duplicates(ctx) || (await reads.emails.findForAuth(form.normal)) === null;
}

/** Of a provider that knows no addresses none is asked for. */
const needsAddress = ({ surface }: Pick<Context, 'surface'>, { facts }: ProviderVisit): boolean =>
  surface.providers.needsAddress && facts.tellsAddress;

/** Whoever has the address already is left alone: who comes is another person (core map P7). */
const duplicates = ({ project, surface }: Pick<Context, 'project' | 'surface'>): boolean =>
  project.policy.providers.merge === 'duplicate' && surface.providers.mergesByAddress;

/**
 * Whose visit is this: the person of the identity; else the one with the same address, if both sides proved it
 * (rule 2); else somebody new.
 * @returns email_taken, provider_unavailable, provider_email_missing, provider_email_unverified, sign_up_disabled, identity_not_linkable
 */
export async function resolveIdentity(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  visit: ProviderVisit,
  options: ResolveOptions,
): Promise<Resolved | Refusal> {
  const { facts, profile } = visit;
  const identity = await tx.identities.findForSignIn(facts.key, profile.subject);
  if (identity) {
    const person = await tx.users.find(identity.userId);
    // Never falls back to the address: an identity says who it belongs to.
    if (!person) return refuse('identity_not_linkable', { why: 'the person of the identity is gone' });
    if (facts.requireVerifiedEmail && !profile.emailVerified && person.email?.verifiedAt == null) {
      return refuse('provider_email_unverified');
    }
    await refreshIdentity(ctx, tx, identity, visit, true);
    const { strongFrom } = identity;
    return { person: await refreshPerson(ctx, tx, actor, person, visit), isNewUser: false, strongFrom };
  }

  const email = profile.email === null ? null : emailForm(profile.email);
  // Whoever is new would be made without the address that they have.
  if (profile.emailUnread) return refuse('provider_unavailable', { field: 'profile', why: 'addresses were not told' });
  if (!email && needsAddress(ctx, visit)) {
    return refuse('provider_email_missing', { why: profile.email === null ? 'none' : 'not an address' });
  }
  if (facts.requireVerifiedEmail && !profile.emailVerified) return refuse('provider_email_unverified');
  const held = email && (await tx.emails.findForAuth(email.normal));
  if (!held) return createPerson(ctx, tx, actor, visit, options);
  if (duplicates(ctx)) return createPerson(ctx, tx, actor, visit, { ...options, forAuth: false });
  const why = await whyNotLinked(ctx, tx, visit, held);
  if (why !== null) {
    const holderUnverified = ctx.project.policy.providers.merge === 'link' && held.verifiedAt === null;
    return refuse('email_taken', { why, given: held.normal, holderUnverified });
  }
  await addIdentity(ctx, tx, actor, held.userId, visit, 'sign_in');
  const person = (await tx.users.find(held.userId))!;
  return { person: await refreshPerson(ctx, tx, actor, person, visit), isNewUser: false, strongFrom: null };
}

/** Rule 2. Null when the person with this address is the one who came. */
async function whyNotLinked(ctx: Context, tx: Tx, visit: ProviderVisit, held: Email): Promise<string | null> {
  if (ctx.project.policy.providers.merge !== 'link' || !ctx.surface.providers.mergesByAddress) {
    return 'policy or surface does not merge';
  }
  if (!visit.facts.trusted) return 'the provider is not trusted';
  if (!visit.profile.emailVerified) return 'the provider did not verify the address';
  if (held.verifiedAt === null) return 'the address is not verified here';
  if (await mayNotSignIn(tx, visit, held)) return 'the person has this identity and does not sign in by it';
  if (held.verifiedBy === 'provider' && !(await provenByTrusted(ctx, tx, held))) {
    return 'the address was only proven by a provider that is not trusted';
  }
  return null;
}

/** Switched off by the person or an administrator: coming by the address would switch it on again. */
const mayNotSignIn = async (tx: Tx, { facts, profile }: ProviderVisit, held: Email): Promise<boolean> =>
  (await tx.identities.listOf(held.userId)).some(
    ({ provider, subject }) => provider === facts.key && subject === profile.subject,
  );

/** Another provider's word about the address counts as proof only if that provider is trusted (rule 3). */
async function provenByTrusted(ctx: Context, tx: Tx, held: Email): Promise<boolean> {
  return (await tx.identities.listOf(held.userId)).some(
    (identity) =>
      identity.emailVerified &&
      identity.email !== null &&
      emailForm(identity.email)?.normal === held.normal &&
      ctx.providers.find(identity.provider)?.facts.trusted === true,
  );
}

/** Why this provider may not create people now. */
export function signUpRefusal(ctx: Context, facts: ProviderFacts, requested: boolean): Refusal | null {
  if (!ctx.project.policy.signUp.enabled) return refuse('sign_up_disabled', { why: 'policy' });
  if (!facts.signUp) return refuse('sign_up_disabled', { why: 'provider' });
  if (!facts.implicitSignUp && !requested) return refuse('sign_up_disabled', { why: 'not asked for' });
  return null;
}

async function createPerson(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  visit: ProviderVisit,
  options: ResolveOptions & { readonly forAuth?: boolean },
): Promise<Resolved | Refusal> {
  const { facts, profile } = visit;
  const email = profile.email === null ? null : newEmailForm(profile.email);
  if (!email && needsAddress(ctx, visit)) {
    return refuse('provider_email_missing', { why: 'not an address that mail reaches' });
  }
  const refused = signUpRefusal(ctx, facts, options.requestSignUp);
  if (refused) return refused;
  // Whoever the visit belonged to a moment ago is gone: the rules about new people were not asked yet.
  if (options.verdict === null) return refuse('sign_up_rejected', { why: 'came to be one during the request' });
  const draft = draftPerson(ctx, {
    email,
    emailVerifiedBy: profile.emailVerified ? 'provider' : null,
    displayName: nameFrom(ctx, profile),
    usernameNormal: null,
    usernameDisplay: null,
    imageUrl: imageFrom(profile),
    metadataClient: null,
  });
  const newcomer = options.forAuth === false ? withoutAuth(draft) : draft;
  const person = await enrolPerson(ctx, tx, actor, newcomer, 'provider', {
    provider: facts.key,
    verdict: options.verdict,
  });
  await addIdentity(ctx, tx, actor, person.id, visit, 'sign_up');
  const { policy } = ctx.project;
  if (options.verificationLink !== null && (policy.emails.verifyOnSignUp || policy.emailVerification === 'required')) {
    await mailVerificationLink(ctx, tx, person, options.verificationLink, actor.from);
  }
  return { person, isNewUser: true, strongFrom: null };
}

/** The address is shown and written to, and signs nobody in: somebody else has it for that. */
const withoutAuth = (draft: Person): Person => ({
  ...draft,
  email: draft.email && { ...draft.email, usedForAuth: false },
});

/** Name and picture follow the provider where configuration says so. */
async function refreshPerson(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  visit: ProviderVisit,
): Promise<Person> {
  if (!visit.facts.refreshProfile) return person;
  const displayName = nameFrom(ctx, visit.profile);
  const imageUrl = imageFrom(visit.profile);
  const change: UserChange = {
    ...(displayName !== null && displayName !== person.displayName && { displayName }),
    ...(imageUrl !== null && imageUrl !== person.imageUrl && person.imageFileId === null && { imageUrl }),
  };
  if (Object.keys(change).length === 0) return person;
  await tx.users.update(person.id, change, ctx.clock.now());
  const data = { fields: Object.keys(change), by: 'provider' };
  await recordEvent(ctx, tx, actor, { type: 'account.updated', subject: person.id, data });
  return { ...person, ...change };
}
