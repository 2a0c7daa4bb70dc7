import type { JsonObject } from '../../base/json.ts';
import { type MetadataObject, readMetadata } from '../metadata.ts';
import type { User } from './user.ts';

/** How and from where somebody came, as the column `sign_up` keeps it. */
export interface SignUpRecord {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string | null;
  /** 0 to 100. Nothing here computes them: services that look at sign-ups write them. */
  readonly risk: { readonly bot: number; readonly freeTrialAbuse: number };
}

export function readSignUp({ signUp }: Pick<User, 'signUp'>): SignUpRecord {
  const risk = (signUp?.risk ?? {}) as JsonObject;
  return {
    country: typeof signUp?.country === 'string' ? signUp.country : null,
    risk: { bot: Number(risk.bot ?? 0), freeTrialAbuse: Number(risk.freeTrialAbuse ?? 0) },
  };
}

/** What is there with what changed; absent: unchanged. */
export const withSignUp = (user: Pick<User, 'signUp'>, change: Partial<SignUpRecord>): MetadataObject =>
  readMetadata('signUp', {
    ...user.signUp,
    ...(change.country !== undefined && { country: change.country }),
    ...(change.risk !== undefined && { risk: { ...change.risk } }),
  });
