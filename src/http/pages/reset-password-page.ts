import type { RequestOrigin } from '../../core/actor.ts';
import { checkCode } from '../../core/codes/check-code.ts';
import type { Context } from '../../core/context.ts';
import { passwordBounds } from '../../core/passwords/password-bounds.ts';
import { resetPassword } from '../../core/passwords/reset-password.ts';
import type { Answer } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';
import { linkDonePage } from './link-pages.ts';
import { deadHere } from './mail-token-page.ts';
import { pagePath } from './page-path.ts';
import { formTrouble } from './trouble.ts';

interface Visit {
  readonly ctx: Context;
  readonly nonce: string;
  readonly token: string;
}

/** Where a reset link lands when the application has no page of its own. */
export async function resetPasswordForm(visit: Visit): Promise<Answer> {
  try {
    await checkCode(visit.ctx, 'password_reset', visit.token);
    return form(visit, null);
  } catch (refusal) {
    return deadHere(visit, 'password_reset', refusal);
  }
}

export async function resetPasswordSubmit(
  visit: Visit & { readonly password: string; readonly again: string; readonly from: RequestOrigin },
): Promise<Answer> {
  if (visit.password !== visit.again) return form(visit, 'The two passwords are not the same.');
  try {
    const { token, password } = visit;
    await resetPassword(visit.ctx, { kind: 'anonymous', from: visit.from }, { token, password });
  } catch (refusal) {
    const trouble = formTrouble(refusal);
    return trouble === null ? deadHere(visit, 'password_reset', refusal) : form(visit, trouble);
  }
  return linkDonePage({ ...visit, purpose: 'password_reset' });
}

function form(visit: Visit, trouble: string | null): Answer {
  const { minLength, maxLength } = passwordBounds(visit.ctx);
  return page({
    title: 'Choose a new password',
    status: trouble === null ? 200 : 400,
    nonce: visit.nonce,
    body: html`<h1>Choose a new password</h1>
<p class="soft">${minLength} to ${maxLength} characters. Every device will be signed out.</p>
${trouble && html`<p class="bad" role="alert">${trouble}</p>`}
<form method="post" action="${pagePath(visit.ctx, '/-/reset-password')}">
<input type="hidden" name="token" value="${visit.token}">
<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="${minLength}" required autofocus>
<label for="again">Once more</label>
<input id="again" name="again" type="password" autocomplete="new-password" required>
<button>Set the password</button>
</form>`,
  });
}
