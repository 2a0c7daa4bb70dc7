import { emailForm } from '../../base/email-form.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import { Conflict, type Tx } from '../store.ts';
import { admitSignUp } from '../users/admit-sign-up.ts';
import { conflictAsRefusal } from '../users/new-person.ts';
import type { Person } from '../users/user.ts';
import type { ProviderVisit } from './provider-visit.ts';
import { type ResolveOptions, resolveIdentity, wouldSignUp } from './resolve-identity.ts';

export interface ProviderEntry {
  readonly person: Person;
  readonly admission: Admission;
  readonly isNewUser: boolean;
}

interface EnterOptions extends ResolveOptions {
  /** Where a flow goes on, also after a second factor. */
  readonly returnTo: string | null;
  readonly newUserReturnTo: string | null;
}

/**
 * From a verified visit to a session: who is it, then the gate. A person created on the way stays when the gate
 * refuses.
 * @returns what `resolveIdentity` and `admitUser` refuse; @throws Refusal sign_up_disabled, too_many_requests
 */
export async function enterByProvider(
  ctx: Context,
  actor: Actor,
  visit: ProviderVisit,
  options: EnterOptions,
): Promise<ProviderEntry | Refusal> {
  // A provider that may not create people is not counted as a sign-up: the transaction refuses it.
  if (visit.facts.signUp && (await wouldSignUp(ctx.store.read, visit))) await admitSignUp(ctx, actor);
  const attempt = () =>
    ctx.store.transaction(async (tx) => {
      const resolved = await resolveIdentity(ctx, tx, actor, visit, options);
      if (resolved instanceof Refusal) {
        await recordRefused(ctx, tx, actor, visit, resolved);
        return resolved;
      }
      const { person, isNewUser } = resolved;
      const admission = await admitUser(ctx, tx, actor, person, {
        method: 'provider',
        persistent: true,
        isNewUser,
        returnTo: (isNewUser ? options.newUserReturnTo : null) ?? options.returnTo,
      });
      return admission instanceof Refusal ? admission : { person, admission, isNewUser };
    });
  const outcome = await retryingConflict(attempt);
  ctx.wakeJobs();
  return outcome;
}

/** Whoever holds the address learns that somebody came with it. */
async function recordRefused(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  visit: ProviderVisit,
  refused: Refusal,
): Promise<void> {
  const { facts, profile } = visit;
  const form = refused.code === 'email_taken' && profile.email !== null ? emailForm(profile.email) : null;
  await recordEvent(ctx, tx, actor, {
    type: 'account.sign_in_failed',
    subject: (form && (await tx.emails.findForAuth(form.normal)))?.userId ?? null,
    level: 'warn',
    data: { method: 'provider', provider: facts.key, reason: refused.code },
  });
}

/** Of two first visits at once the index lets one through; the other looks again and finds what that one made. */
export const retryingConflict = <T>(attempt: () => Promise<T>): Promise<T | Refusal> =>
  attempt()
    .catch((fault) => (fault instanceof Conflict ? attempt() : Promise.reject(fault)))
    .catch((fault) => {
      if (fault instanceof Conflict && fault.index.startsWith('identity')) return refuse('identity_taken');
      return conflictAsRefusal(fault);
    });
