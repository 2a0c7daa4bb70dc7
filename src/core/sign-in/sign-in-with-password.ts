import { emailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { mailVerificationLink } from '../emails/mail-verification-link.ts';
import { forgiveLimit, limit, limitRules } from '../limit-rules.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import { networkOf } from '../network.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import type { Person } from '../users/user.ts';
import { readUsername } from '../users/username-rules.ts';

export interface PasswordSignIn {
  readonly identifier: { readonly email: string } | { readonly username: string };
  readonly password: string;
  readonly persistent: boolean;
  /** Mailed again when the address still has to be verified; null: no mail. */
  readonly verificationLink: LinkTemplate | null;
  readonly returnTo?: string | null;
  /** What this browser keeps from a sign-in that asked not to be asked again. */
  readonly trustToken?: string | null;
}

/**
 * Signs in by e-mail or username. Nothing about the person is said before the password was right.
 * @throws Refusal method_disabled, email_invalid, username_*, credential_rejected, too_many_requests, busy, and what the
 * gate refuses
 */
export async function signInWithPassword(ctx: Context, actor: Actor, input: PasswordSignIn): Promise<Admission> {
  const { find, account } = lookUp(ctx, input.identifier);
  const here = `${account} ${networkOf(actor.from.ip)}`;
  await limit(ctx, limitRules.passwordTriesHere, here);
  await limit(ctx, limitRules.passwordTriesAnywhere, account);
  if (!ctx.project.policy.methods.password) throw new Refusal('method_disabled');

  const seen = await find();
  const record = seen && (await ctx.store.read.passwords.find(seen.id));
  const { right, rehash } = await ctx.passwords.verify(input.password, record?.hash ?? null);
  const better = right && rehash ? await ctx.passwords.hash(input.password) : null;

  const outcome = await asBearer(ctx, { credential: 'password' }, async (tx) => {
    const person = seen && (await tx.users.find(seen.id));
    const current = person && (await tx.passwords.find(person.id));
    // What was verified must still be the password: a change in between wins (core map M5).
    if (!right || !person || !record || current?.hash !== record.hash) {
      await recordEvent(ctx, tx, actor, {
        type: 'account.sign_in_failed',
        subject: person?.id ?? null,
        level: 'warn',
        data: { method: 'password', reason: 'credential_rejected' },
      });
      return refuse('credential_rejected');
    }
    if (better !== null) await tx.passwords.rehash(person.id, record.hash, better);
    return admitUser(ctx, tx, actor, person, {
      method: 'password',
      persistent: input.persistent,
      returnTo: input.returnTo ?? null,
      trustToken: input.trustToken ?? null,
    });
  });

  if (outcome instanceof Refusal && outcome.code === 'email_not_verified' && seen) {
    if (input.verificationLink) await resendVerification(ctx, actor, seen, input.verificationLink);
  }
  if (!(outcome instanceof Refusal && outcome.code === 'credential_rejected')) {
    await forgiveLimit(ctx, limitRules.passwordTriesHere, here);
    await forgiveLimit(ctx, limitRules.passwordTriesAnywhere, account);
  }
  return settle(outcome);
}

interface LookUp {
  readonly find: () => Promise<Person | null>;
  /** What tries are counted under, the same for an account however it is named wrongly. */
  readonly account: string;
}

function lookUp(ctx: Context, identifier: PasswordSignIn['identifier']): LookUp {
  if ('email' in identifier) {
    const form = emailForm(identifier.email);
    if (!form) throw new Refusal('email_invalid');
    return { find: () => ctx.store.read.users.findByAuthEmail(form.normal), account: `e-mail ${form.normal}` };
  }
  const normal = readUsername(ctx, identifier.username);
  return { find: () => ctx.store.read.users.findByUsername(normal), account: `username ${normal}` };
}

async function resendVerification(ctx: Context, actor: Actor, person: Person, link: LinkTemplate): Promise<void> {
  const { retryAfterSeconds } = await ctx.limiter.hit(limitRules.verificationResend, `${ctx.project.id} ${person.id}`);
  if (retryAfterSeconds !== null) return;
  await asBearer(ctx, { credential: 'password' }, (tx) => mailVerificationLink(ctx, tx, person, link, actor.from));
  ctx.wakeJobs();
}
