import type { Answer } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';

export interface ShownDialect {
  readonly title: string;
  readonly url: string;
  readonly documentUrl: string;
}

/** The start page. What runs here is only shown to whoever sits at the machine, or in development. */
export function homePage(request: {
  readonly nonce: string;
  readonly dialects: readonly ShownDialect[];
  readonly mailbox: boolean;
  readonly insider: boolean;
}): Answer {
  return page({
    title: 'Identity server',
    wide: request.insider,
    nonce: request.nonce,
    body: request.insider ? insider(request.dialects, request.mailbox) : outsider,
  });
}

const outsider = html`<h1>You are at the sign-in server</h1>
<p>This server signs people in to other applications. If a link brought you here, go back to the application you came
from.</p>`;

const insider = (dialects: readonly ShownDialect[], mailbox: boolean) => html`<h1>Latchkey is running</h1>
<p>Point an unchanged client at one of these addresses. All of them share one set of users and sessions.</p>
<table>
<thead><tr><th>API</th><th>Base URL for its client</th></tr></thead>
<tbody>${dialects.map(({ title, url }) => html`<tr><td>${title}</td><td><code>${url}</code></td></tr>`)}</tbody>
</table>
<h2>Look around</h2>
<ul>
<li><a href="/docs">Operations of every API</a></li>
${mailbox && html`<li><a href="/dev/mail">Mail that would have been sent</a></li>`}
<li><a href="/readyz">Readiness</a> and <a href="/metrics">metrics</a></li>
</ul>`;
