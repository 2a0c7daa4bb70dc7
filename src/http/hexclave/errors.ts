import type { Refusal, RefusalCode } from '../../base/refusal.ts';
import { providerErrors } from './provider-errors.ts';
import { requestErrors } from './request-errors.ts';
import { teamErrors } from './team-errors.ts';
import type { Texts } from './texts.ts';
import { userErrors } from './user-errors.ts';
import type { Wire, WireError } from './wire-error.ts';

/** Core's refusals in Hexclave's words (spec §1.12). Endpoints override single rows. */
export const wireErrors: Readonly<Record<RefusalCode, WireError>> = {
  ...requestErrors,
  ...userErrors,
  ...providerErrors,
  ...teamErrors,
};

/** A refusal in words, with the rows of an endpoint that differ. */
export function wireOf(
  { code, detail }: Pick<Refusal, 'code' | 'detail'>,
  overrides: { readonly [code in RefusalCode]?: WireError } | undefined,
  texts: Texts,
): Wire {
  const row = overrides?.[code] ?? wireErrors[code];
  return typeof row === 'function' ? row(detail, texts) : row;
}
