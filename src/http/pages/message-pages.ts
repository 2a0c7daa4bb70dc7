import type { Context } from '../../core/context.ts';
import type { Answer } from '../kit/answer.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';

/** What the codes that flows end with mean to the person who sees them. */
export const told: Readonly<Record<string, string>> = {
  INVALID_TOKEN: 'This link is not valid any more. It may have been used already, or a newer one was sent.',
  invalid_token: 'This link is not valid any more. It may have been used already, or a newer one was sent.',
  TOKEN_EXPIRED: 'This link has expired. Ask for a new one.',
  token_expired: 'This link has expired. Ask for a new one.',
  INVALID_USER: 'This link belongs to another account than the one signed in here.',
  TOO_MANY_REQUESTS: 'That was too often in a short time. Please wait a minute and try again.',
  BANNED_USER: 'This account has been banned.',
  state_mismatch: 'The sign-in took too long or was started in another browser. Please try again.',
  state_not_found: 'The sign-in took too long or was started in another browser. Please try again.',
  access_denied: 'The sign-in was cancelled at the provider.',
  account_not_linked: 'There is an account with this e-mail address already. Sign in the way you did before.',
  email_not_verified: 'The provider has not verified this e-mail address.',
  email_not_found: 'The provider did not share an e-mail address.',
  signup_disabled: 'New accounts cannot be created here at the moment.',
};

const codeForm = /^['A-Za-z0-9_-]{1,80}$/;

/** @param code shown as it is when it looks like a code, else as UNKNOWN (better-auth spec §1.2) */
export function errorPage(request: { code: string; nonce: string; ctx: Application | null; status?: number }): Answer {
  const code = codeForm.test(request.code) ? request.code : 'UNKNOWN';
  return page({
    title: 'Something went wrong',
    status: request.status ?? 200,
    nonce: request.nonce,
    body: html`<h1>Something went wrong</h1>
<p>${told[code] ?? 'The request could not be completed. Please go back and try again.'}</p>
<p class="soft">If you tell somebody about this, mention the code <code>${code}</code>.</p>
${wayOn(request.ctx)}`,
  });
}

type Application = Pick<Context, 'project'>;

/** Every page has a way on: the application, where it is known. */
export const wayOn = (ctx: Application | null): Html =>
  ctx?.project.appUrl
    ? html`<a class="button" href="${ctx.project.appUrl}">Go on to ${ctx.project.displayName}</a>`
    : html`<p class="soft">You can close this page and go back to the application you came from.</p>`;

export function donePage(request: { title: string; text: string; nonce: string; ctx: Application | null }): Answer {
  return page({
    title: request.title,
    nonce: request.nonce,
    body: html`<h1>${request.title}</h1><p>${request.text}</p>${wayOn(request.ctx)}`,
  });
}

export const notFoundPage = (nonce: string): Answer =>
  page({
    title: 'Page not found',
    status: 404,
    nonce,
    body: html`<h1>Page not found</h1><p>There is nothing at this address. Please check the link.</p>
<a class="button" href="/">Go to the start page</a>`,
  });
