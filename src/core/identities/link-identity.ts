import { emailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Person } from '../users/user.ts';
import type { Identity } from './identity.ts';
import type { ProviderVisit } from './provider-visit.ts';
import { addIdentity, refreshIdentity } from './write-identity.ts';

/**
 * Gives a signed-in person the identity they came back with. Their own already: its tokens are the newest ones.
 * @returns identity_taken, identity_not_linkable, identity_address_differs, provider_email_missing, not_signed_in
 */
export async function linkIdentity(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  userId: Id,
  visit: ProviderVisit,
): Promise<Identity | Refusal> {
  const { facts, profile } = visit;
  const person = await tx.users.find(userId);
  if (!person) return refuse('not_signed_in', { why: 'the person is gone' });
  const taken = await tx.identities.findForSignIn(facts.key, profile.subject);
  if (taken && taken.userId !== userId) return refuse('identity_taken');
  const own = taken ?? (await findOwn(tx, userId, visit));
  if (own) return refreshIdentity(ctx, tx, own, visit, false);
  const refused = whyNotLinkable(ctx, person, visit);
  if (refused) return refused;
  if (person.anonymous) await stopBeingAnonymous(ctx, tx, person);
  return addIdentity(ctx, tx, actor, userId, visit, 'link');
}

/** Whoever has a way to come back is not anonymous any more (core map §2). */
const stopBeingAnonymous = (ctx: Context, tx: Tx, person: Person): Promise<void> => {
  const now = ctx.clock.now();
  return tx.users.update(person.id, { anonymous: false, signedUpAt: now }, now);
};

/** Also one that may not sign in. */
const findOwn = async (tx: Tx, userId: Id, { facts, profile }: ProviderVisit): Promise<Identity | undefined> =>
  (await tx.identities.listOf(userId)).find(
    (identity) => identity.provider === facts.key && identity.subject === profile.subject,
  );

function whyNotLinkable(ctx: Context, person: Person, { facts, profile }: ProviderVisit): Refusal | null {
  if (!facts.trusted && !profile.emailVerified) {
    return refuse('identity_not_linkable', { why: 'the provider is not trusted and did not verify the address' });
  }
  if (ctx.project.policy.providers.linkDifferentEmails) return null;
  const form = profile.email === null ? null : emailForm(profile.email);
  if (!form) return refuse('provider_email_missing');
  return form.normal === person.email?.normal ? null : refuse('identity_address_differs');
}
