import { newEmailForm } from '../../base/email-form.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import { issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import { holdVisit } from './hold-visit.ts';
import { nameFrom, type ProviderVisit } from './provider-visit.ts';
import { signUpRefusal } from './resolve-identity.ts';

/** Somebody new where new people choose a username first: nobody was made yet. */
export interface PendingEntry {
  readonly kind: 'sign_up_pending';
  readonly token: string;
  readonly email: string;
  readonly name: string | null;
}

/**
 * Somebody new is back from a provider and still has to choose a username. The visit waits for them, bound to their
 * browser; nobody is made yet.
 * @returns provider_unavailable, provider_email_missing, provider_email_unverified, sign_up_disabled
 */
export async function holdSignUp(
  ctx: Context,
  tx: Tx,
  visit: ProviderVisit,
  options: { readonly requestSignUp: boolean; readonly browserToken?: string | null },
): Promise<PendingEntry | Refusal> {
  const { facts, profile } = visit;
  const refused = signUpRefusal(ctx, facts, options.requestSignUp);
  if (refused) return refused;
  const email = profile.email === null ? null : newEmailForm(profile.email);
  if (profile.emailUnread) return refuse('provider_unavailable', { field: 'profile', why: 'addresses were not told' });
  if (!email) return refuse('provider_email_missing');
  // The account will be made as a verified one: there is no mail that could prove the address later.
  if (!profile.emailVerified) return refuse('provider_email_unverified');
  const token = await issueCode(ctx, tx, {
    purpose: 'provider_sign_up',
    lifeSeconds: ctx.surface.codes.providerSignUpSeconds,
    addressNormal: email.normal,
    browserHash: options.browserToken == null ? null : ctx.vault.digest(options.browserToken),
    payload: holdVisit(visit),
  });
  return { kind: 'sign_up_pending', token, email: email.value, name: nameFrom(ctx, profile) };
}
