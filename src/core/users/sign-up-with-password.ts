import { type NewEmailForm, newEmailForm } from '../../base/email-form.ts';
import type { JsonObject } from '../../base/json.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { mailVerificationLink } from '../emails/mail-verification-link.ts';
import { type ImageSource, prepareSource } from '../files/image-source.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import { queueMail, tooManyMails } from '../mail/queue-mail.ts';
import { readMetadata } from '../metadata.ts';
import { hashNewPassword } from '../passwords/hash-new-password.ts';
import { checkNewPassword } from '../passwords/password-bounds.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import { Conflict, type Tx } from '../store.ts';
import { admitSignUp, checkSignUpOpen } from './admit-sign-up.ts';
import { type ChallengeAnswer, challengeNotCompleted, checkBotChallenge } from './bot-challenge.ts';
import { conflictAsRefusal } from './conflict-as-refusal.ts';
import { draftPerson } from './new-person.ts';
import { readDisplayName, readImageUrl, readUsernameDisplay } from './profile-rules.ts';
import { enrolPerson } from './upgrade-anonymous.ts';
import type { Person } from './user.ts';
import { readNewUsername } from './username-rules.ts';

export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly displayName: string | null;
  readonly username?: string;
  readonly usernameDisplay?: string;
  readonly imageUrl?: string | null;
  /** In place of an address; left out where the answer conceals whether the address was taken. */
  readonly image?: ImageSource;
  readonly metadataClient?: JsonObject | null;
  readonly persistent: boolean;
  /** What the browser brought from a bot challenge; null where the surface has none. */
  readonly challenge?: ChallengeAnswer | null;
  /** False: the person signs in afterwards, like everybody else. */
  readonly signsIn?: boolean;
  /** Null: no mail. */
  readonly verificationLink: LinkTemplate | null;
  /** What the browser that signs up will show when it follows that link. */
  readonly browserToken?: string | null;
}

export interface SignedUp {
  readonly person: Person;
  /** Null when the person was made but no session was opened; `withheld` says why when a rule did it. */
  readonly admission: Admission | null;
  readonly withheld: Refusal | null;
  /** The address was taken and the answer must not tell: `person` is made up. */
  readonly concealed: boolean;
}

/**
 * Creates a person with an e-mail and a password, and signs them in if nothing stands against it.
 * @throws Refusal method_disabled, sign_up_disabled, bot_challenge_required, bot_challenge_failed, sign_up_rejected, email_invalid, display_name_invalid, image_invalid, username_*,
 * password_too_short, password_too_long, metadata_too_large, email_taken, too_many_requests, busy
 */
export async function signUpWithPassword(ctx: Context, actor: Actor, input: SignUp): Promise<SignedUp> {
  const { policy } = ctx.project;
  if (!policy.methods.password) throw new Refusal('method_disabled');
  checkSignUpOpen(ctx);
  const email = readEmail(input.email);
  checkNewPassword(ctx, input.password);
  const challenge = await checkBotChallenge(ctx, actor.from, 'sign_up_with_credential', input.challenge ?? null);
  if (!challenge.mayMakePerson) throw challengeNotCompleted();
  const draft = draftPerson(ctx, {
    email,
    emailVerifiedBy: null,
    displayName: readDisplayName(ctx, input.displayName),
    ...readUsernames(ctx, input),
    imageUrl: readImageUrl(input.imageUrl ?? null),
    metadataClient: readMetadata('metadataClient', input.metadataClient ?? null),
  });
  const verdict = await admitSignUp(ctx, actor, { email, method: 'password', provider: null });
  const hash = await hashNewPassword(ctx, input.password);
  const conceal = policy.signUp.concealTaken === 'always' || policy.emailVerification === 'required';
  // A stored picture could be fetched, and so tell that somebody was made.
  const picture = conceal ? null : input.image && (await prepareSource(ctx, 'user_profile', input.image));
  // Asked for free addresses too: who asks must not see a difference.
  const mayMail = conceal && !(await tooManyMails(ctx, 'already registered', email.normal, actor.from));

  const attempt = () =>
    asBearer(ctx, { credential: 'sign_up' }, async (tx) => {
      if (draft.usernameNormal && (await tx.users.usernameTaken(draft.usernameNormal, ctx.clock.now()))) {
        return refuse('username_taken');
      }
      if (await tx.emails.findForAuth(email.normal)) {
        if (!conceal) return refuse('email_taken', { given: email.normal });
        await tellOwner(ctx, tx, actor, email, mayMail);
        return { person: draft, admission: null, withheld: null, concealed: true };
      }
      const now = ctx.clock.now();
      let person = await enrolPerson(ctx, tx, actor, draft, 'password', { verdict });
      if (picture) {
        await tx.users.update(person.id, await picture.keep(tx), now);
        person = (await tx.users.find(person.id))!;
      }
      await tx.passwords.set({ userId: person.id, hash, setAt: now, changedAt: now, strongFrom: null });
      const { verificationLink } = input;
      if (verificationLink && (policy.emails.verifyOnSignUp || policy.emailVerification === 'required')) {
        const browser = input.browserToken ? ctx.vault.digest(input.browserToken) : null;
        await mailVerificationLink(ctx, tx, person, verificationLink, actor.from, browser);
      }
      if (policy.signUp.concealTaken === 'always' || input.signsIn === false) {
        return { person, admission: null, withheld: null, concealed: false };
      }
      const admission = await admitUser(ctx, tx, actor, person, {
        method: 'sign_up',
        persistent: input.persistent,
        isNewUser: true,
      });
      return admission instanceof Refusal
        ? { person, admission: null, withheld: admission, concealed: false }
        : { person, admission, withheld: null, concealed: false };
    });
  // Of two sign-ups at once the index lets one through; the other looks again and finds the address taken.
  const outcome = await attempt()
    .catch((fault) => (fault instanceof Conflict ? attempt() : Promise.reject(fault)))
    .catch(conflictAsRefusal);
  const signedUp = settle(outcome);
  if (picture) await picture.confirm();
  return signedUp;
}

function readEmail(text: string): NewEmailForm {
  const form = newEmailForm(text);
  if (!form) throw new Refusal('email_invalid');
  return form;
}

function readUsernames(ctx: Context, input: SignUp): { usernameNormal: string | null; usernameDisplay: string | null } {
  if (input.username === undefined) {
    return {
      usernameNormal: null,
      usernameDisplay: input.usernameDisplay ? readUsernameDisplay(input.usernameDisplay) : null,
    };
  }
  return {
    usernameNormal: readNewUsername(ctx, input.username),
    usernameDisplay: readUsernameDisplay(input.usernameDisplay ?? input.username),
  };
}

/** The answer conceals; the mailbox does not: its owner learns that somebody tried, a few times an hour at most. */
async function tellOwner(ctx: Context, tx: Tx, actor: Actor, email: NewEmailForm, mayMail: boolean): Promise<void> {
  await recordEvent(ctx, tx, actor, {
    type: 'account.sign_in_failed',
    subject: (await tx.emails.findForAuth(email.normal))?.userId ?? null,
    level: 'warn',
    data: { method: 'sign_up', reason: 'email_taken' },
  });
  const message = { kind: 'already_registered', resetLink: null } as const;
  if (mayMail) await queueMail(ctx, tx, email.value, message, actor.from);
}
