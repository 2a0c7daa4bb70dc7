import type { RefusalCode } from '../../base/refusal.ts';
import { providerErrors } from './provider-errors.ts';
import { requestErrors } from './request-errors.ts';
import { teamErrors } from './team-errors.ts';
import { userErrors } from './user-errors.ts';
import type { WireError } from './wire-error.ts';

/** Core's refusals in Hexclave's words (spec §1.12). Endpoints override single rows. */
export const wireErrors: Readonly<Record<RefusalCode, WireError>> = {
  ...requestErrors,
  ...userErrors,
  ...providerErrors,
  ...teamErrors,
};
