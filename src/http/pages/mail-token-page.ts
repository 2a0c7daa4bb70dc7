import { Refusal } from '../../base/refusal.ts';
import type { RequestOrigin } from '../../core/actor.ts';
import { checkCode } from '../../core/codes/check-code.ts';
import type { Context } from '../../core/context.ts';
import { confirmEmailChange } from '../../core/emails/change-email.ts';
import { verifyEmail } from '../../core/emails/verify-email.ts';
import type { Answer } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';
import { donePage, errorPage } from './message-pages.ts';
import { pagePath } from './page-path.ts';

interface Visit {
  readonly ctx: Context;
  readonly nonce: string;
  readonly token: string;
}

/** A mailed link whose page asks first: scanners of mail follow links, and do not press buttons (core map W9). */
interface TokenPage {
  readonly path: string;
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly done: { readonly title: string; readonly text: string };
  check(ctx: Context, token: string): Promise<void>;
  spend(ctx: Context, from: RequestOrigin, token: string): Promise<unknown>;
}

/** Where links of dialects land whose wire takes tokens by POST, when the application has no page of its own. */
export const tokenPages: readonly TokenPage[] = [
  {
    path: '/-/verify-email',
    title: 'Confirm your e-mail address',
    text: 'Press the button to confirm that this address is yours.',
    button: 'Confirm the address',
    done: { title: 'E-mail verified', text: 'Thank you, your address is confirmed.' },
    // A link that was followed before still says that the address is verified.
    check: async () => {},
    spend: (ctx, from, token) => verifyEmail(ctx, { kind: 'anonymous', from }, token),
  },
  {
    path: '/-/confirm-email-change',
    title: 'Confirm your new e-mail address',
    text: 'Press the button to use this address from now on. Every device will be signed out.',
    button: 'Use this address',
    done: { title: 'E-mail changed', text: 'From now on you sign in with your new address.' },
    check: async (ctx, token) => void (await checkCode(ctx, 'email_change', token)),
    spend: (ctx, from, token) => confirmEmailChange(ctx, { kind: 'anonymous', from }, 'email_change', token),
  },
];

export async function tokenPageForm(kind: TokenPage, { ctx, nonce, token }: Visit): Promise<Answer> {
  try {
    await kind.check(ctx, token);
  } catch (refusal) {
    return deadLink(nonce, refusal);
  }
  return page({
    title: kind.title,
    nonce,
    body: html`<h1>${kind.title}</h1>
<p>${kind.text}</p>
<form method="post" action="${pagePath(ctx, kind.path)}">
<input type="hidden" name="token" value="${token}">
<button>${kind.button}</button>
</form>`,
  });
}

export async function tokenPageSubmit(
  kind: TokenPage,
  { ctx, nonce, token, from }: Visit & { readonly from: RequestOrigin },
): Promise<Answer> {
  try {
    await kind.spend(ctx, from, token);
  } catch (refusal) {
    return deadLink(nonce, refusal);
  }
  return donePage({ ...kind.done, nonce });
}

function deadLink(nonce: string, refusal: unknown): Answer {
  if (!(refusal instanceof Refusal)) throw refusal;
  const code = refusal.code === 'code_expired' ? 'TOKEN_EXPIRED' : 'INVALID_TOKEN';
  return errorPage({ code, nonce, home: '/', status: 400 });
}
