import type { LinkTemplate } from '../../core/mail/mail.ts';
import type { TrustedUrl } from '../../core/return-urls.ts';

/** The page a mailed link leads to: the caller's, which was checked, with the code in its query (spec §1.14). */
export function codeLink(callbackUrl: TrustedUrl): LinkTemplate {
  const url = new URL(callbackUrl);
  url.searchParams.delete('code');
  const join = url.search === '' ? '?' : '&';
  const { hash } = url;
  url.hash = '';
  return `${url.href.replace(/\?$/, '')}${join}code={token}${hash}`;
}
