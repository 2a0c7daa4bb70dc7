import type { Answer } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';

/**
 * Where a sign-in link leads in a browser that did not ask for it: a person presses the button, a mail scanner does not
 * (core map W9).
 */
export function signInLinkPage(request: {
  readonly nonce: string;
  readonly action: string;
  readonly application: string;
  readonly address: string;
  /** Sent along with the form: the token and the places to go on to. */
  readonly fields: Readonly<Record<string, string>>;
  /** Origins or schemes of those places. */
  readonly formMayLeadTo: readonly string[];
}): Answer {
  const { application, address, fields } = request;
  return page({
    title: 'Sign in',
    nonce: request.nonce,
    formMayLeadTo: request.formMayLeadTo,
    body: html`<h1>Sign in to ${application}?</h1>
<p>You will be signed in on this device as <strong>${address}</strong>.</p>
<p class="soft">If you did not ask for this link, close this page: nothing happens.</p>
<form method="post" action="${request.action}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>Sign in</button>
</form>`,
  });
}
