import { emailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../count-limits.ts';
import type { WayIn } from '../credentials/way-in.ts';
import type { Tx } from '../store.ts';
import { endAnonymity } from '../users/end-anonymity.ts';
import type { Person } from '../users/user.ts';
import type { Identity } from './identity.ts';
import type { ProviderVisit } from './provider-visit.ts';
import { addIdentity, refreshIdentity } from './write-identity.ts';

export interface Linked {
  readonly identity: Identity;
  /** The person was anonymous: every session ended, the one that asks included. */
  readonly upgraded: boolean;
}

/**
 * Gives a signed-in person the identity they came back with. Their own already: its tokens are the newest ones.
 * Whoever has a way to come back is not anonymous any more (core map §2).
 * @param way from when on a sign-in with it is a strong proof
 * @returns identity_taken, identity_of_provider_exists, provider_email_unverified, identity_not_linkable, identity_address_differs, provider_email_missing, not_signed_in, limit_reached
 */
export async function linkIdentity(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  userId: Id,
  visit: ProviderVisit,
  way: WayIn,
): Promise<Linked | Refusal> {
  const link = await judgeLink(ctx, tx, userId, visit);
  if (link instanceof Refusal) return link;
  const { person, own, allowSignIn } = link;
  if (own) return { identity: await refreshIdentity(ctx, tx, own, visit, false), upgraded: false };
  const upgraded = person.anonymous && (await endAnonymity(ctx, tx, actor, userId));
  return { identity: await addIdentity(ctx, tx, actor, userId, visit, way, allowSignIn), upgraded };
}

/** Why it would not be linked, as far as that can be told now. */
export async function linkRefusal(ctx: Context, tx: Tx, userId: Id, visit: ProviderVisit): Promise<Refusal | null> {
  const link = await judgeLink(ctx, tx, userId, visit);
  return link instanceof Refusal ? link : null;
}

interface Link {
  readonly person: Person;
  readonly own: Identity | null;
  readonly allowSignIn: boolean;
}

async function judgeLink(ctx: Context, tx: Tx, userId: Id, visit: ProviderVisit): Promise<Link | Refusal> {
  const { facts, profile } = visit;
  const person = await tx.users.find(userId);
  if (!person) return refuse('not_signed_in', { why: 'the person is gone' });
  const taken = await tx.identities.findForSignIn(facts.key, profile.subject);
  if (taken && taken.userId !== userId) return refuse('identity_taken');
  if (facts.requireVerifiedEmail && !profile.emailVerified) return refuse('provider_email_unverified');
  const { onePerPerson, oneForSignIn } = ctx.surface.providers;
  const all = await tx.identities.listOf(userId);
  const ofProvider = all.filter(({ provider }) => provider === facts.key);
  if (onePerPerson && ofProvider.length > 0) return refuse('identity_of_provider_exists');
  // Also one that may not sign in.
  const own = taken ?? ofProvider.find(({ subject }) => subject === profile.subject) ?? null;
  const refused = own ? null : (whyNotLinkable(ctx, person, visit) ?? refuseBeyond('identities', all.length));
  if (refused) return refused;
  const another = oneForSignIn && ofProvider.some(({ allowSignIn }) => allowSignIn);
  return { person, own, allowSignIn: facts.allowSignIn && !another };
}

function whyNotLinkable(ctx: Context, person: Person, { facts, profile }: ProviderVisit): Refusal | null {
  if (facts.requireVerifiedEmail && !profile.emailVerified) return refuse('provider_email_unverified');
  if (ctx.surface.providers.linksAnyAddress) return null;
  if (!facts.trusted && !profile.emailVerified) {
    return refuse('identity_not_linkable', { why: 'the provider is not trusted and did not verify the address' });
  }
  if (ctx.project.policy.providers.linkDifferentEmails) return null;
  const form = profile.email === null ? null : emailForm(profile.email);
  if (!form) return refuse('provider_email_missing');
  return form.normal === person.email?.normal ? null : refuse('identity_address_differs');
}
