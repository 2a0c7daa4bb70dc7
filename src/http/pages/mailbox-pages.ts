import { isoTime } from '../../base/clock.ts';
import type { CapturedMail } from '../../core/jobs/job.ts';
import type { Answer } from '../kit/answer.ts';
import { Raw } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';

/** Development: what would have been mailed. */
export function mailboxPage(request: { readonly nonce: string; readonly mails: readonly CapturedMail[] }): Answer {
  return page({
    title: 'Mail',
    wide: true,
    nonce: request.nonce,
    body: html`<h1>Mail that would have been sent</h1>
<p class="soft">No SMTP server is configured, so mail is kept here. Programs read <a href="/dev/mail.json">/dev/mail.json</a>.</p>
${
  request.mails.length === 0
    ? html`<p>Nothing yet.</p>`
    : html`<table class="stack"><thead><tr><th>Subject</th><th>To</th><th>At</th></tr></thead><tbody>
${request.mails.map(
  (mail) =>
    html`<tr><td><a href="/dev/mail/${mail.id}">${mail.subject}</a></td><td>${mail.to}</td><td class="soft">${minute(mail)}</td></tr>`,
)}</tbody></table>`
}`,
  });
}

export function mailPage(request: { readonly nonce: string; readonly mail: CapturedMail }): Answer {
  const { mail } = request;
  return page({
    title: mail.subject,
    wide: true,
    frames: true,
    nonce: request.nonce,
    body: html`<p><a href="/dev/mail">All mail</a></p>
<h1>${mail.subject}</h1>
<p class="soft">From ${mail.from} to ${mail.to}, ${minute(mail)}</p>
${mail.links.length > 0 && html`<ul>${mail.links.map((link) => html`<li><a href="${link}" rel="noreferrer">${link}</a></li>`)}</ul>`}
<iframe title="The message" sandbox src="/dev/mail/${mail.id}/body"></iframe>
<h2>As text</h2><pre class="text">${mail.text}</pre>`,
  });
}

/** `2026-08-01 12:00 UTC` */
const minute = (mail: CapturedMail): string => `${isoTime(mail.createdAt).slice(0, 16).replace('T', ' ')} UTC`;

/** The message itself, without any right: it is framed, never part of our page. */
export const mailBody = (mail: CapturedMail): Answer => ({
  status: 200,
  body: new Raw(mail.html, 'text/html; charset=utf-8'),
  headers: {
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'",
  },
});

export const mailWire = (mail: CapturedMail) => ({
  id: mail.id,
  to: mail.to,
  from: mail.from,
  subject: mail.subject,
  text: mail.text,
  html: mail.html,
  links: mail.links,
  created_at: isoTime(mail.createdAt),
});
