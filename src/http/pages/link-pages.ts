import type { LinkPurpose } from '../../core/codes/mailed-links.ts';
import type { Context } from '../../core/context.ts';
import type { Answer } from '../kit/answer.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';
import { linkWords } from './link-words.ts';
import { donePage, told, wayOn } from './message-pages.ts';

interface Shown {
  readonly ctx: Pick<Context, 'project'>;
  readonly nonce: string;
  readonly purpose: LinkPurpose;
}

/** A form of one button. What it sends along is not for people to see. */
export interface ButtonForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

const buttonForm = (
  { action, fields }: ButtonForm,
  button: string,
): Html => html`<form method="post" action="${action}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>${button}</button>
</form>`;

/** A person presses the button, a mail scanner does not. */
export function askingPage(
  request: Shown & {
    readonly form: ButtonForm;
    /** Which address it is about; null where none is to be named. */
    readonly address: string | null;
    /** Origins or schemes that the answer to the form may lead to. */
    readonly formMayLeadTo?: readonly string[];
  },
): Answer {
  const { ctx, nonce, purpose, form, address, formMayLeadTo = [] } = request;
  const { title, text, button } = linkWords[purpose];
  return page({
    title,
    nonce,
    formMayLeadTo,
    body: html`<h1>${title}</h1>
<p>${ctx.project.displayName}${address !== null && html`: <strong>${address}</strong>`}</p>
<p>${text}</p>
<p class="soft">If you did not ask for this link, close this page: nothing happens.</p>
${buttonForm(form, button)}`,
  });
}

/** What the link was for is so, by this visit or an earlier one. */
export const linkDonePage = ({ ctx, nonce, purpose }: Shown): Answer =>
  donePage({ ...linkWords[purpose].done, nonce, ctx });

/** @param again the form that asks for a new link; null: none is mailed in its place */
export function deadLinkPage(
  request: Shown & { readonly code: string; readonly again: ButtonForm | null; readonly status?: number },
): Answer {
  const { ctx, nonce, purpose, code, again, status = 400 } = request;
  return page({
    title: 'This link does not work',
    status,
    nonce,
    body: html`<h1>This link does not work</h1>
<p>${told[code] ?? told.INVALID_TOKEN}</p>
${
  again === null
    ? html`<p>${linkWords[purpose].dead}</p>`
    : html`<p>A new link can be mailed to the address that this one was sent to.</p>${buttonForm(again, 'Mail me a new link')}`
}
${wayOn(ctx)}`,
  });
}

/** The link is good, for another person than the one signed in here. */
export const wrongAccountPage = ({ ctx, nonce, purpose }: Shown): Answer =>
  page({
    title: 'Another account is signed in',
    status: 400,
    nonce,
    body: html`<h1>Another account is signed in</h1>
<p>${told.INVALID_USER} The link stays good: sign out, or open it in another browser.</p>
<p class="soft">It is the link of: ${linkWords[purpose].title}</p>
${wayOn(ctx)}`,
  });

/** The link wants its person signed in. */
export const signInFirstPage = ({ ctx, nonce, purpose }: Shown): Answer =>
  page({
    title: linkWords[purpose].title,
    status: 401,
    nonce,
    body: html`<h1>Sign in first</h1>
<p>Sign in to ${ctx.project.displayName} in this browser, then open the link again. If it was followed before, what it
was for is done.</p>
${wayOn(ctx)}`,
  });

/** The same whatever the dead link was: nobody learns from it whether an address has an account. */
export const linkAgainPage = ({ ctx, nonce }: Omit<Shown, 'purpose'>): Answer =>
  donePage({
    title: 'Look into your mailbox',
    text: 'If the link was one of ours, a new one is on its way to the address it was sent to. A few an hour are mailed at most.',
    nonce,
    ctx,
  });
