import { type Answer, Raw } from '../kit/answer.ts';
import { Html, html } from './html.ts';
import { icon } from './layout.ts';
import type { Scalar } from './scalar.ts';

/** Where the document of a dialect is for the page: documents of other hosts are on this one too. */
export const documentPath = (name: string): string => `/docs/${name}.json`;

/** Without it, and for browsers without scripts. */
export const listPath = '/docs/list';

/**
 * Every document for reading and searching. The script asks this server for the documents and nobody for anything else: its
 * fonts, its proxy, its account and its assistant are off, and the policy of the page would stop them.
 */
export function referencePage(request: {
  readonly nonce: string;
  readonly scalar: Scalar;
  readonly documents: readonly { readonly name: string; readonly title: string }[];
}): Answer {
  const { nonce, scalar, documents } = request;
  const configuration = {
    sources: documents.map(({ name, title }) => ({ title, slug: name, url: documentPath(name) })),
    ...{ withDefaultFonts: false, telemetry: false, agent: { disabled: true }, mcp: { disabled: true } },
    ...{
      hideClientButton: true,
      hideTestRequestButton: true,
      showDeveloperTools: 'never',
      documentDownloadType: 'direct',
    },
    ...{ operationTitleSource: 'summary', defaultOpenAllTags: false, theme: 'default', customCss: css },
  };
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta property="csp-nonce" content="${nonce}">
<link rel="icon" href="${icon}">
<title>Operations · Latchkey</title>
<noscript><meta http-equiv="refresh" content="0; url=${listPath}"></noscript>
<style nonce="${nonce}">${new Html(ownCss)}</style>
</head>
<body>
<p id="plain">The operations are also <a href="${listPath}">one plain page</a>.</p>
<div id="reference"></div>
<script nonce="${nonce}">${new Html(stylesByNonce)}</script>
<script nonce="${nonce}" src="${scalar.url}"></script>
<script nonce="${nonce}">${new Html(inScript(configuration))}</script>
</body>
</html>
`;
  return {
    status: 200,
    body: new Raw(document.text, 'text/html; charset=utf-8'),
    headers: {
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'content-security-policy': [
        "default-src 'none'",
        `script-src 'nonce-${nonce}'`,
        `style-src 'nonce-${nonce}'`,
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    },
  };
}

/**
 * Styles that the script makes itself get the nonce of the page, and what it would write as attributes is set as
 * properties, which the policy has nothing against: there is no `unsafe-inline` to let in what a document might smuggle.
 * Validators are told not to try whether they may compile code.
 */
const stylesByNonce = `{
const {nonce}=document.currentScript,{createElement}=document,{setAttribute}=Element.prototype;
globalThis.__zod_globalConfig={jitless:true};
const inner=Object.getOwnPropertyDescriptor(Element.prototype,'innerHTML');
Object.defineProperty(Element.prototype,'innerHTML',{...inner,set(text){
inner.set.call(this,String(text??'').replaceAll(/(<[a-z][^<>]*?) style="/gi,'$1 data-style="'));
for(const each of(this.content??this).querySelectorAll('[data-style]'))each.style.cssText=each.dataset.style;
}});
document.createElement=function(name,options){
const made=createElement.call(this,name,options);
if(made instanceof HTMLStyleElement)made.nonce=nonce;
return made;
};
Element.prototype.setAttribute=function(name,value){
if(name==='style'&&this.style)this.style.cssText=value;
else setAttribute.call(this,name,value);
};
}`;

/** The line about the plain page is gone once the script has come. */
function inScript(configuration: object): string {
  const text = JSON.stringify(configuration).replaceAll('<', '\\u003c');
  return `document.getElementById('plain').hidden=true;Scalar.createApiReference('#reference',${text})`;
}

const fonts = 'system-ui,-apple-system,"Segoe UI",Roboto,sans-serif';
const css = `:root{--scalar-font:${fonts};--scalar-font-code:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}`;
const ownCss = `:root{color-scheme:light dark}body{margin:0;font:16px/1.55 ${fonts}}#plain{margin:24px 16px}`;
