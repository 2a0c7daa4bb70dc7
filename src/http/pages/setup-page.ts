import { Refusal } from '../../base/refusal.ts';
import type { RequestOrigin } from '../../core/actor.ts';
import { checkCode } from '../../core/codes/check-code.ts';
import type { Context } from '../../core/context.ts';
import { passwordBounds } from '../../core/passwords/password-bounds.ts';
import { createFirstAdmin } from '../../core/projects/first-admin.ts';
import type { Answer } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';
import { donePage, errorPage } from './message-pages.ts';
import { formTrouble } from './trouble.ts';

interface Visit {
  readonly ctx: Context;
  readonly nonce: string;
  readonly token: string;
}

interface Filled {
  readonly email: string;
  readonly name: string;
}

/** The link printed at the first start: makes the first administrator. */
export async function setupForm(visit: Visit): Promise<Answer> {
  try {
    await checkCode(visit.ctx, 'admin_link', visit.token);
    return form(visit, { email: '', name: '' }, null);
  } catch (refusal) {
    return deadLink(visit, refusal);
  }
}

export async function setupSubmit(
  visit: Visit & Filled & { readonly password: string; readonly from: RequestOrigin },
): Promise<Answer> {
  try {
    const { token, email, name: displayName, password } = visit;
    await createFirstAdmin(visit.ctx, { kind: 'anonymous', from: visit.from }, { token, email, displayName, password });
  } catch (refusal) {
    const trouble = formTrouble(refusal);
    return trouble === null ? deadLink(visit, refusal) : form(visit, visit, trouble);
  }
  return donePage({
    title: 'Welcome',
    text: 'The first administrator exists. Sign in from any application that uses this server.',
    nonce: visit.nonce,
    ctx: visit.ctx,
  });
}

function deadLink(visit: Visit, refusal: unknown): Answer {
  if (!(refusal instanceof Refusal)) throw refusal;
  return { ...errorPage({ code: 'INVALID_TOKEN', nonce: visit.nonce, ctx: visit.ctx, status: 400 }), refusal };
}

function form(visit: Visit, filled: Filled, trouble: string | null): Answer {
  const { minLength } = passwordBounds(visit.ctx);
  return page({
    title: 'Set up',
    status: trouble === null ? 200 : 400,
    nonce: visit.nonce,
    body: html`<h1>Create the first administrator</h1>
<p class="soft">This server has no administrator yet. The link you followed works once.</p>
${trouble && html`<p class="bad" role="alert">${trouble}</p>`}
<form method="post" action="/-/setup">
<input type="hidden" name="token" value="${visit.token}">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="name" value="${filled.name}" required autofocus>
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" value="${filled.email}" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="${minLength}" required>
<button>Create the account</button>
</form>`,
  });
}
