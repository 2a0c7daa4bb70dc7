import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../../core/context.ts';
import { previewInvitation } from '../../core/orgs/list-invitations.ts';
import type { Answer } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';
import { wayOn } from './message-pages.ts';

/**
 * Where a mailed invitation leads when the application has no page of its own. It answers nothing: who the visitor is
 * is known in the application, and following a link joins nobody.
 */
export async function invitationPage(visit: {
  readonly ctx: Context;
  readonly nonce: string;
  readonly code: string;
}): Promise<Answer> {
  const { ctx, nonce, code } = visit;
  try {
    const { invitation, organization } = await previewInvitation(ctx, code);
    return page({
      title: 'You are invited',
      nonce,
      body: html`<h1>Join ${organization.name || organization.slug}</h1>
<p>This invitation is for ${invitation.address}.</p>
<p>Sign in to ${ctx.project.displayName} with that address, or make an account with it, to answer. If you are asked for an
invitation code, it is</p>
<p><code>${code}</code></p>
<p class="soft">If you do not know who invited you, close this page: nothing changes.</p>
${wayOn(ctx)}`,
    });
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const shown = page({
      title: 'This invitation does not work',
      status: 400,
      nonce,
      body: html`<h1>This invitation does not work</h1>
<p>It may have been answered or withdrawn, or it has expired. Ask whoever invited you to send a new one.</p>
${wayOn(ctx)}`,
    });
    return { ...shown, refusal };
  }
}
