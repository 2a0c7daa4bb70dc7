import { emailForm } from '../../base/email-form.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { refuseSignIn } from '../audit/refuse-sign-in.ts';
import type { Context } from '../context.ts';
import { issueOuterCode } from '../oauth/issue-outer-code.ts';
import type { OuterRequest } from '../oauth/outer-request.ts';
import type { TrustedUrl } from '../return-urls.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import { Conflict, type Tx } from '../store.ts';
import { admitSignUp } from '../users/admit-sign-up.ts';
import { challengeNotCompleted } from '../users/bot-challenge.ts';
import { conflictAsRefusal } from '../users/conflict-as-refusal.ts';
import type { SignUpVerdict } from '../users/judge-sign-up.ts';
import type { Person } from '../users/user.ts';
import { holdSignUp, type PendingEntry } from './hold-sign-up.ts';
import { type ProviderVisit, signUpFacts } from './provider-visit.ts';
import { type ResolveOptions, resolveIdentity, wouldSignUp } from './resolve-identity.ts';

export interface ProviderEntry {
  readonly person: Person;
  readonly admission: Admission;
  readonly isNewUser: boolean;
}

/** Somebody whom a client waits for: it exchanges the code, and the gate is asked then. */
export interface CodeEntry {
  readonly kind: 'code_issued';
  readonly code: string;
}

interface EnterOptions extends Omit<ResolveOptions, 'verdict'> {
  readonly outer?: OuterRequest | null;
  readonly mayMakePerson?: boolean;
  /** What the browser is known by: a sign-up that waits is bound to it. */
  readonly browserToken?: string | null;
  /** Where a flow goes on, also after a second factor. */
  readonly returnTo: TrustedUrl | null;
  readonly newUserReturnTo: TrustedUrl | null;
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
): Promise<ProviderEntry | PendingEntry | CodeEntry | Refusal> {
  // A provider that may not create people is not counted as a sign-up: the transaction refuses it.
  const asks = ctx.surface.providers.asksNewPeople;
  let verdict: SignUpVerdict | null = null;
  if (visit.facts.signUp && !asks && (await wouldSignUp(ctx, ctx.store.read, visit))) {
    if (options.mayMakePerson === false) return challengeNotCompleted();
    verdict = await admitSignUp(ctx, actor, signUpFacts(visit));
  }
  const attempt = () =>
    asBearer(ctx, { credential: 'provider' }, async (tx) => {
      if (asks && (await wouldSignUp(ctx, tx, visit))) return holdSignUp(ctx, tx, visit, options);
      const resolved = await resolveIdentity(ctx, tx, actor, visit, { ...options, verdict });
      if (resolved instanceof Refusal) return refuseVisit(ctx, tx, actor, visit, resolved);
      const { person, isNewUser, strongFrom } = resolved;
      const { outer: request } = options;
      if (request) {
        const grant = { request, userId: person.id, isNewUser, strongFrom, linking: null };
        return { kind: 'code_issued' as const, code: await issueOuterCode(ctx, tx, grant) };
      }
      const admission = await admitUser(ctx, tx, actor, person, {
        method: 'provider',
        strongFrom,
        persistent: true,
        isNewUser,
        returnTo: (isNewUser ? options.newUserReturnTo : null) ?? options.returnTo,
      });
      return admission instanceof Refusal ? admission : { person, admission, isNewUser };
    });
  const outcome = await retryingConflict(attempt);
  return outcome;
}

/** Whoever holds the address learns that somebody came with it. */
async function refuseVisit(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  { facts, profile }: ProviderVisit,
  refused: Refusal,
): Promise<Refusal> {
  const form = refused.code === 'email_taken' && profile.email !== null ? emailForm(profile.email) : null;
  const person = (form && (await tx.emails.findForAuth(form.normal)))?.userId ?? null;
  return refuseSignIn(ctx, tx, actor, refused, { person, method: 'provider', provider: facts.key });
}

/** Of two first visits at once the index lets one through; the other looks again and finds what that one made. */
export const retryingConflict = <T>(attempt: () => Promise<T>): Promise<T | Refusal> =>
  attempt()
    .catch((fault) => (fault instanceof Conflict ? attempt() : Promise.reject(fault)))
    .catch((fault) => {
      if (fault instanceof Conflict && fault.index.startsWith('identity')) return refuse('identity_taken');
      return conflictAsRefusal(fault);
    });
