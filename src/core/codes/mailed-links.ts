import { timingSafeEqual } from 'node:crypto';
import { Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { isImpersonation } from '../sessions/session.ts';
import type { Reads } from '../store.ts';
import { codePayload, findCode } from './codes.ts';
import type { OneTimeValue, Purpose } from './one-time-value.ts';

/** What is known of a mailed link by its purpose. */
interface MailedLink {
  /** Whoever is signed in as another person is told so, and the link stays good. */
  readonly ownerOnly: boolean;
  /**
   * The page of a dead one offers a new one, which is mailed to the same address. Only where any stranger may ask for
   * such a mail anyway; what a session asked for is started again by a session.
   */
  readonly again: boolean;
  /** Is what a used link was for the case now? Then following it again is a success. */
  stands(reads: Reads, code: OneTimeValue, actor: Actor): Promise<boolean>;
}

const never = async () => false;

/** Every link that is mailed and acts by being followed. */
export const mailedLinks = {
  email_verification: {
    ownerOnly: false,
    again: true,
    async stands(reads, { emailId, addressNormal }) {
      const email = emailId === null ? null : await reads.emails.find(emailId);
      return email !== null && email.verifiedAt !== null && email.normal === addressNormal;
    },
  },
  email_change_confirm: { ownerOnly: true, again: false, stands: async () => true },
  email_change: {
    ownerOnly: true,
    again: false,
    async stands(reads, { userId, addressNormal }) {
      const person = userId === null ? null : await reads.users.find(userId);
      return person?.email != null && person.email.verifiedAt !== null && person.email.normal === addressNormal;
    },
  },
  sign_in_link: { ownerOnly: false, again: true, stands: async (_reads, code, actor) => isTheirs(code, actor) },
  /** Its page takes the new password: following it changes nothing. */
  password_reset: { ownerOnly: false, again: true, stands: never },
  user_deletion: { ownerOnly: true, again: false, stands: never },
} as const satisfies { readonly [purpose in Purpose]?: MailedLink };

export type LinkPurpose = keyof typeof mailedLinks;
export const linkPurposes = Object.keys(mailedLinks) as readonly LinkPurpose[];

/** How somebody, or some machine, comes by a link. */
export interface LinkVisit {
  readonly actor: Actor;
  /**
   * `button`: of the page that asks. `own_fetch`: a script of the application. `navigation`: whoever opens the address, a
   * mail scanner as well as a person. `look`: HEAD and prefetching, which never act.
   */
  readonly by: 'button' | 'own_fetch' | 'navigation' | 'look';
  /** What the browser kept when it asked for the mail. */
  readonly browserToken: string | null;
}

export type LinkState =
  /** `ask`: a page with a button comes first. `go`: act now. */
  | { readonly state: 'ask' | 'go'; readonly purpose: LinkPurpose; readonly code: OneTimeValue }
  | { readonly state: 'done' | 'wrong_account'; readonly purpose: LinkPurpose }
  /** @param refusal code_not_found, code_used, code_expired */
  | { readonly state: 'dead'; readonly purpose: LinkPurpose; readonly refusal: Refusal };

/**
 * What following a mailed link may do. Scanners of mail follow links before people do, and strangers have mails sent to
 * addresses that are not theirs: a link acts at once only where it shows that whoever asked for the mail, or the person
 * it is for, follows it.
 * @param purposes which the address takes; a token that is none of them is a dead one of the first
 */
export async function visitLink(
  ctx: Context,
  purposes: readonly [LinkPurpose, ...LinkPurpose[]],
  token: string,
  visit: LinkVisit,
): Promise<LinkState> {
  const { read } = ctx.store;
  for (const purpose of purposes) {
    const link: MailedLink = mailedLinks[purpose];
    const found = await findCode(ctx, read, purpose, token);
    if (found instanceof Refusal) {
      if (found.code === 'code_not_found') continue;
      const code = (await read.codes.find(purpose, ctx.vault.digest(token)))!;
      const done = found.code === 'code_used' && (await link.stands(read, code, visit.actor));
      return done ? { state: 'done', purpose } : { state: 'dead', purpose, refusal: found };
    }
    if (link.ownerOnly && visit.actor.kind === 'user' && visit.actor.live.user.id !== found.userId) {
      return { state: 'wrong_account', purpose };
    }
    return { state: actsAtOnce(ctx, found, visit) ? 'go' : 'ask', purpose, code: found };
  }
  return { state: 'dead', purpose: purposes[0], refusal: refuse('code_not_found', { why: 'no such link' }) };
}

/** The address that a link is about, for the page that asks; null when it is about none. */
export function linkAddress(ctx: Context, { purpose, code }: Extract<LinkState, { code: unknown }>): string | null {
  if (purpose === 'sign_in_link') return codePayload<{ address: string }>(ctx, code).address;
  if (purpose === 'email_change' || purpose === 'email_change_confirm') {
    return codePayload<{ value: string }>(ctx, code).value;
  }
  return code.addressNormal;
}

function actsAtOnce(ctx: Context, code: OneTimeValue, { actor, by, browserToken }: LinkVisit): boolean {
  if (by === 'look') return false;
  if (by !== 'navigation' || !ctx.project.policy.mailLinks.confirm) return true;
  return isTheirs(code, actor) || askedHere(ctx, code, browserToken);
}

/** The person the link is for is signed in here, and nobody else in their name. */
function isTheirs(code: OneTimeValue, actor: Actor): boolean {
  if (actor.kind !== 'user' || isImpersonation(actor.live.session)) return false;
  const { id, email } = actor.live.user;
  if (code.userId !== null) return code.userId === id;
  return email?.usedForAuth === true && email.verifiedAt !== null && email.normal === code.addressNormal;
}

const askedHere = (ctx: Context, { browserHash }: OneTimeValue, token: string | null): boolean =>
  browserHash !== null && token !== null && timingSafeEqual(ctx.vault.digest(token), browserHash);
