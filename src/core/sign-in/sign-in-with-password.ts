import { emailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { refuseSignIn } from '../audit/refuse-sign-in.ts';
import type { Context } from '../context.ts';
import { mailVerificationLink } from '../emails/mail-verification-link.ts';
import { limitRules } from '../limit-rules.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import { nobody, requesterSite } from '../networks/requester-site.ts';
import type { TrustedUrl } from '../return-urls.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import type { Tx } from '../store.ts';
import { asGuess } from '../tries.ts';
import type { Person } from '../users/user.ts';
import { readUsername } from '../users/username-rules.ts';
import { accountByEmail, accountByUsername, tryPassword } from './password-tries.ts';

export interface PasswordSignIn {
  readonly identifier: { readonly email: string } | { readonly username: string };
  readonly password: string;
  readonly persistent: boolean;
  /** Mailed again when the address still has to be verified; null: no mail. */
  readonly verificationLink: LinkTemplate | null;
  /** What the browser will show when it follows that link. */
  readonly browserToken?: string | null;
  readonly returnTo?: TrustedUrl | null;
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
  if (!ctx.project.policy.methods.password) throw new Refusal('method_disabled');

  const seen = await find();
  const [record, site] = await Promise.all([
    ctx.store.read.passwords.find(seen?.id ?? nobody),
    requesterSite(ctx, seen, actor.from, input.trustToken ?? null),
  ]);
  const tried = await tryPassword(ctx, account, site);
  const { right, better } = await verified(ctx, input.password, record?.hash ?? null).catch(async (fault) => {
    await tried.takeBack(); // busy: nothing was compared
    throw fault;
  });

  const signIn = async (tx: Tx) => {
    const person = seen && (await tx.users.find(seen.id));
    const current = person && (await tx.passwords.find(person.id));
    // What was verified must still be the password: a change in between wins (core map M5).
    if (!right || !person || !record || current?.hash !== record.hash) {
      const why = !person ? 'nobody is known by this name' : record ? 'another password' : 'they have no password';
      const refused = refuse('credential_rejected', { why });
      return refuseSignIn(ctx, tx, actor, refused, { person: person?.id ?? null, method: 'password' });
    }
    if (better !== null) await tx.passwords.rehash(person.id, record.hash, better);
    return admitUser(ctx, tx, actor, person, {
      method: 'password',
      strongFrom: current.strongFrom,
      persistent: input.persistent,
      returnTo: input.returnTo ?? null,
      trustToken: input.trustToken ?? null,
    });
  };
  const outcome = await asGuess(tried, () => asBearer(ctx, { credential: 'password' }, signIn));

  if (outcome instanceof Refusal && outcome.code === 'email_not_verified' && seen) {
    if (input.verificationLink)
      await resendVerification(ctx, actor, seen, input.verificationLink, input.browserToken ?? null);
  }
  if (!(outcome instanceof Refusal && outcome.code === 'credential_rejected')) await tried.succeeded();
  return settle(outcome);
}

/** `better`: the password under the hash of today, where the stored one is older. */
async function verified(ctx: Context, password: string, hash: string | null) {
  const { right, rehash } = await ctx.passwords.verify(password, hash);
  return { right, better: right && rehash ? await ctx.passwords.hash(password) : null };
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
    return { find: () => ctx.store.read.users.findByAuthEmail(form.normal), account: accountByEmail(form.normal) };
  }
  const normal = readUsername(ctx, identifier.username);
  return { find: () => ctx.store.read.users.findByUsername(normal), account: accountByUsername(normal) };
}

async function resendVerification(
  ctx: Context,
  actor: Actor,
  person: Person,
  link: LinkTemplate,
  browserToken: string | null,
): Promise<void> {
  const { retryAfterSeconds } = await ctx.limiter.hit(limitRules.verificationResend, `${ctx.project.id} ${person.id}`);
  if (retryAfterSeconds !== null) return;
  const browser = browserToken === null ? null : ctx.vault.digest(browserToken);
  await asBearer(ctx, { credential: 'password' }, (tx) =>
    mailVerificationLink(ctx, tx, person, link, actor.from, browser),
  );
}
