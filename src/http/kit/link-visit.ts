import type { LinkVisit } from '../../core/codes/mailed-links.ts';
import { isTrustedOrigin } from '../../core/return-urls.ts';
import type { Call } from './call.ts';
import { isFormType } from './form-body.ts';

/** How a request comes by a mailed link, from what browsers say of themselves and scripts cannot change. */
export function visitedBy(call: Call): LinkVisit['by'] {
  if (call.request.method === 'HEAD' || /prefetch|prerender/.test(purposeOf(call))) return 'look';
  if (call.request.method === 'POST') return 'button';
  const mode = call.header('sec-fetch-mode');
  if (mode === 'navigate') return 'navigation';
  const origin = call.header('origin');
  if (origin !== undefined) return isTrustedOrigin(call.ctx, origin) ? 'own_fetch' : 'navigation';
  // Browsers leave Origin out of what a page gets from its own host.
  const own = call.header('sec-fetch-site') === 'same-origin' && (mode === 'cors' || mode === 'same-origin');
  return own ? 'own_fetch' : 'navigation';
}

const purposeOf = (call: Call): string => call.header('sec-purpose') ?? call.header('purpose') ?? '';

/** A person sees the answer, rather than a program. */
export const isSeen = (call: Call): boolean =>
  call.header('accept')?.includes('text/html') === true || isFormType(call.header('content-type'));
