import { Refusal } from '../../base/refusal.ts';
import type { Actor, RequestOrigin } from '../../core/actor.ts';
import { type LinkPurpose, linkAddress, mailedLinks, visitLink } from '../../core/codes/mailed-links.ts';
import type { Context } from '../../core/context.ts';
import { confirmEmailChange } from '../../core/emails/change-email.ts';
import { verifyEmail } from '../../core/emails/verify-email.ts';
import type { LinksAgain } from '../../core/jobs/work.ts';
import { requestLinkAgain } from '../../core/mail/mail-link-again.ts';
import type { Answer } from '../kit/answer.ts';
import { askingPage, type ButtonForm, deadLinkPage, linkAgainPage, linkDonePage } from './link-pages.ts';
import { pagePath } from './page-path.ts';

interface Visit {
  readonly ctx: Context;
  readonly nonce: string;
  readonly token: string;
  readonly from: RequestOrigin;
}

/** A mailed link whose page asks first: scanners of mail follow links, and do not press buttons. */
interface TokenPage {
  readonly path: string;
  readonly purpose: LinkPurpose;
  spend(ctx: Context, actor: Actor, token: string): Promise<unknown>;
}

/** Where links of dialects land whose wire takes tokens by POST, when the application has no page of its own. */
export const tokenPages: readonly TokenPage[] = [
  { path: '/-/verify-email', purpose: 'email_verification', spend: verifyEmail },
  {
    path: '/-/confirm-email-change',
    purpose: 'email_change',
    spend: (ctx, actor, token) => confirmEmailChange(ctx, actor, 'email_change', token),
  },
];

export const newLinkPath = '/-/new-link';

export const tokenPageForm = (kind: TokenPage, visit: Visit): Promise<Answer> => show(kind, visit, 'look');

export const tokenPageSubmit = (kind: TokenPage, visit: Visit): Promise<Answer> => show(kind, visit, 'button');

async function show(kind: TokenPage, visit: Visit, by: 'look' | 'button'): Promise<Answer> {
  const { ctx, nonce, token, from } = visit;
  const { purpose } = kind;
  // These pages have no sessions: nobody is signed in as somebody else here.
  const actor: Actor = { kind: 'anonymous', from };
  const link = await visitLink(ctx, [purpose], token, { actor, by, browserToken: null });
  if (link.state === 'ask') {
    const form = { action: pagePath(ctx, kind.path), fields: { token } };
    return askingPage({ ctx, nonce, purpose, form, address: linkAddress(ctx, link) });
  }
  try {
    if (link.state === 'dead') throw link.refusal;
    if (link.state === 'go') await kind.spend(ctx, actor, token);
  } catch (refusal) {
    return deadHere(visit, purpose, refusal);
  }
  return linkDonePage({ ctx, nonce, purpose });
}

/** The page of a link that leads to one of ours and is dead. @throws what is no refusal */
export function deadHere({ ctx, nonce, token }: Omit<Visit, 'from'>, purpose: LinkPurpose, refusal: unknown): Answer {
  if (!(refusal instanceof Refusal)) throw refusal;
  const code = refusal.code === 'code_expired' ? 'TOKEN_EXPIRED' : 'INVALID_TOKEN';
  const again: ButtonForm | null = mailedLinks[purpose].again
    ? { action: pagePath(ctx, newLinkPath), fields: { token } }
    : null;
  return { ...deadLinkPage({ ctx, nonce, purpose, code, again }), refusal };
}

/** Mails a new link to the page that the dead one led to. */
export async function newLinkSubmit({ ctx, nonce, token, from }: Visit): Promise<Answer> {
  const links: LinksAgain = {
    email_verification: `${ctx.pagesUrl}/-/verify-email?token={token}`,
    password_reset: `${ctx.pagesUrl}/-/reset-password?token={token}`,
  };
  await requestLinkAgain(ctx, { kind: 'anonymous', from }, { token, links, browserToken: null });
  return linkAgainPage({ ctx, nonce });
}
