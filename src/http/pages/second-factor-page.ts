import type { Answer } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';

/** The second step of a sign-in that a browser was redirected through (core map F2). Posts back to where it is. */
export function secondFactorPage(request: {
  readonly nonce: string;
  readonly action: string;
  readonly mayMail: boolean;
  readonly mailed: boolean;
  readonly trouble: string | null;
  readonly formMayLeadTo: readonly string[];
}): Answer {
  const { action, mayMail, mailed, trouble } = request;
  return page({
    title: 'One more step',
    status: trouble === null ? 200 : 400,
    nonce: request.nonce,
    formMayLeadTo: request.formMayLeadTo,
    body: html`<h1>One more step</h1>
<p class="soft">${mailed ? 'A code is on its way to your mailbox.' : 'Enter the code of your authenticator app, or one of your backup codes.'}</p>
${trouble && html`<p class="bad" role="alert">${trouble}</p>`}
<form method="post" action="${action}">
<label for="code">Code</label>
<input id="code" name="code" inputmode="text" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus>
<label class="check"><input type="checkbox" name="trust" value="on"> Do not ask again on this browser for 30 days</label>
<button>Continue</button>
</form>
${mayMail && html`<form method="post" action="${action}"><input type="hidden" name="mail" value="on"><button class="quiet">Mail me a code</button></form>`}`,
  });
}
