import { timingSafeEqual } from 'node:crypto';
import { newEmailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { codePayload, findCode } from '../codes/codes.ts';
import type { OneTimeValue } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import type { Tx } from '../store.ts';
import { admitSignUp } from '../users/admit-sign-up.ts';
import { draftPerson } from '../users/new-person.ts';
import { readDisplayName } from '../users/profile-rules.ts';
import { enrolPerson } from '../users/upgrade-anonymous.ts';
import type { Person } from '../users/user.ts';
import { readNewUsername } from '../users/username-rules.ts';
import { retryingConflict } from './enter-by-provider.ts';
import { type HeldVisit, heldVisit } from './hold-visit.ts';
import { imageFrom, nameFrom, type ProviderVisit, signUpFacts } from './provider-visit.ts';
import { signUpRefusal } from './resolve-identity.ts';
import { addIdentity } from './write-identity.ts';

export interface ProviderSignUp {
  readonly token: string;
  /** What this browser is known by: it must be the one that was at the provider. */
  readonly browserToken: string | null;
  readonly username: string;
  /** Null: the provider's name for the person. */
  readonly displayName: string | null;
}

/**
 * Makes the person who came by a provider and now chose a username, and signs them in. What is taken leaves the token
 * as it is, for another try.
 * Order: token → browser → identity → address → username.
 * @throws Refusal username_*, display_name_invalid, sign_up_continuation_lost, sign_up_other_browser, flow_in_progress
 * (another request of the same browser was faster), sign_up_disabled, identity_taken, email_taken, username_taken,
 * too_many_requests, and what the gate refuses
 */
export async function completeProviderSignUp(ctx: Context, actor: Actor, input: ProviderSignUp): Promise<Admission> {
  const usernameNormal = readNewUsername(ctx, input.username);
  const displayName = readDisplayName(ctx, input.displayName);
  const { visit } = settle(
    await findHeld(ctx, await findCode(ctx, ctx.store.read, 'provider_sign_up', input.token), input),
  );
  const verdict = await admitSignUp(ctx, actor, signUpFacts(visit));
  const address = newEmailForm(visit.profile.email ?? '');
  const draft = draftPerson(ctx, {
    email: address,
    emailVerifiedBy: 'provider',
    displayName: displayName ?? nameFrom(ctx, visit.profile),
    usernameNormal,
    usernameDisplay: input.username,
    imageUrl: imageFrom(visit.profile),
    metadataClient: null,
  });
  const outcome = await retryingConflict(() =>
    asBearer(ctx, { credential: 'provider' }, async (tx) => {
      const code = await findCode(ctx, tx, 'provider_sign_up', input.token);
      if (code instanceof Refusal && code.code === 'code_used') return refuse('flow_in_progress');
      const held = findHeld(ctx, code, input);
      if (held instanceof Refusal) return held;
      const taken = await whatIsTaken(ctx, tx, held.visit, draft);
      if (taken) return taken;
      if (!(await tx.codes.spend(held.code.id, ctx.clock.now()))) return refuse('flow_in_progress');
      const { key } = held.visit.facts;
      const person = await enrolPerson(ctx, tx, actor, draft, 'provider', { provider: key, verdict });
      await addIdentity(ctx, tx, actor, person.id, held.visit, 'sign_up');
      return admitUser(ctx, tx, actor, person, {
        method: 'provider',
        strongFrom: null,
        persistent: true,
        isNewUser: true,
      });
    }),
  );
  return settle(outcome);
}

interface Held {
  readonly code: OneTimeValue;
  readonly visit: ProviderVisit;
}

function findHeld(ctx: Context, code: OneTimeValue | Refusal, { browserToken }: ProviderSignUp): Held | Refusal {
  if (code instanceof Refusal) return refuse('sign_up_continuation_lost', { why: code.code });
  const sameBrowser =
    browserToken !== null &&
    code.browserHash !== null &&
    timingSafeEqual(ctx.vault.digest(browserToken), code.browserHash);
  if (!sameBrowser) return refuse('sign_up_other_browser');
  const visit = heldVisit(ctx, codePayload<HeldVisit>(ctx, code));
  if (!visit) return refuse('sign_up_continuation_lost', { why: 'the provider is not configured any more' });
  return signUpRefusal(ctx, visit.facts, true) ?? { code, visit };
}

async function whatIsTaken(
  ctx: Context,
  tx: Tx,
  { facts, profile }: ProviderVisit,
  draft: Person,
): Promise<Refusal | null> {
  if (await tx.identities.findForSignIn(facts.key, profile.subject)) return refuse('identity_taken');
  if (draft.email && (await tx.emails.findForAuth(draft.email.normal))) return refuse('email_taken');
  if (await tx.users.usernameTaken(draft.usernameNormal!, ctx.clock.now())) return refuse('username_taken');
  return null;
}
