import type { Answer } from '../kit/answer.ts';
import { Raw } from '../kit/answer.ts';
import { type Html, html, Html as Markup } from './html.ts';

/** One look for every page: readable at 320 px, in light and dark, without scripts. */
const css = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5a6675;--line:#d9dfe7;--paper:#fff;--ground:#f3f5f8;--accent:#2f5bd8;--on-accent:#fff;--bad:#b3261e;--code:#eef1f6}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf2;--soft:#9aa6b6;--line:#333d4b;--paper:#1a212b;--ground:#11161d;--accent:#8fadff;--on-accent:#0d1524;--bad:#ffb4ab;--code:#242d39}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;display:flex;flex-direction:column;align-items:center;padding:32px 16px}
main{width:100%;max-width:27rem;background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:28px}
main.wide{max-width:60rem}
.brand{display:flex;align-items:center;gap:.5rem;margin:0 0 20px;color:var(--soft);font-weight:600;text-decoration:none}
.brand svg{width:22px;height:22px;fill:none;stroke:var(--accent);stroke-width:2}
h1{font-size:1.4rem;line-height:1.25;margin:0 0 12px}
h2{font-size:1.05rem;margin:28px 0 8px}
p{margin:0 0 14px}
.soft{color:var(--soft);font-size:.9rem}
.bad{color:var(--bad)}
label{display:block;font-weight:600;margin:14px 0 6px}
input{width:100%;padding:11px 12px;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:9px}
input:focus-visible,button:focus-visible,a:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button,.button{display:inline-block;margin-top:20px;padding:11px 18px;border:0;border-radius:9px;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
form button{width:100%}
button.quiet{background:transparent;color:var(--accent);border:1px solid var(--line);margin-top:12px}
label.check{display:flex;gap:.6rem;align-items:center;font-weight:400}
label.check input{width:auto}
a{color:var(--accent);overflow-wrap:anywhere}
code{background:var(--code);border-radius:5px;padding:.1em .35em;font-size:.88em;overflow-wrap:anywhere}
pre{background:var(--code);border-radius:9px;padding:12px;overflow:auto;font-size:.82rem;line-height:1.45}
pre.text{white-space:pre-wrap;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.93rem}
td,th{text-align:left;padding:8px 10px 8px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
table:not(.stack) :is(th,td):first-child{overflow-wrap:normal}
form+p{margin-top:18px}
ul{padding-left:1.2rem;margin:0 0 14px}
details{border-bottom:1px solid var(--line);padding:8px 0}
summary{cursor:pointer;overflow-wrap:anywhere}
.method{display:inline-block;min-width:3.6rem;font-weight:700;font-size:.8rem;color:var(--accent)}
iframe{width:100%;height:36rem;border:1px solid var(--line);border-radius:9px}
@media (max-width:420px){body{padding:12px 8px}main{padding:20px 16px}.stack thead{display:none}.stack tr{display:block;border-bottom:1px solid var(--line);padding:8px 0}.stack td{display:block;border:0;padding:0}}
`;

export interface Page {
  readonly title: string;
  readonly body: Html;
  readonly status?: number;
  readonly wide?: boolean;
  /** Unpredictable, once per answer: only our own style block runs. */
  readonly nonce: string;
  /** Documents shown in a frame are ours and sandboxed. */
  readonly frames?: boolean;
  /** Where the answer to a form may send the browser, beside here: browsers hold redirects to `form-action` too. */
  readonly formMayLeadTo?: readonly string[];
}

/** In the page itself: nobody asks for /favicon.ico, which may be a dialect's. */
export const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2f5bd8" stroke-width="2.4"><circle cx="8" cy="8" r="5"/><path d="M11.5 11.5 20 20m-3-3 2.5-2.5"/></svg>',
)}`;

/** A page with the headers that every page carries (rule 24). */
export function page({
  title,
  body,
  status = 200,
  wide = false,
  nonce,
  frames = false,
  formMayLeadTo = [],
}: Page): Answer {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="${icon}">
<title>${title} · Latchkey</title>
<style nonce="${nonce}">${new Markup(css)}</style>
</head>
<body>
<main class="${wide ? 'wide' : ''}">
<p class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="8" cy="8" r="5"/><path d="M11.5 11.5 20 20m-3-3 2.5-2.5"/></svg>Latchkey</p>
${body}
</main>
</body>
</html>
`;
  return {
    status,
    body: new Raw(document.text, 'text/html; charset=utf-8'),
    headers: {
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'content-security-policy': [
        "default-src 'none'",
        `style-src 'nonce-${nonce}'`,
        "img-src 'self' data:",
        ["form-action 'self'", ...formMayLeadTo].join(' '),
        "base-uri 'none'",
        "frame-ancestors 'none'",
        ...(frames ? ["frame-src 'self'"] : []),
      ].join('; '),
    },
  };
}
