import type { Refusal } from '../../base/refusal.ts';
import type { Answer } from '../kit/answer.ts';
import { type Endpoint, endpointsOf } from '../kit/endpoint.ts';
import type { BetterAuthCall } from './call.ts';
import type { WireError } from './errors.ts';

/** Who calls this dialect: browsers and applications, keys of people, and the project's own services. */
export type BetterAuthNeeds = 'nobody' | 'user' | 'user_or_key' | 'user_or_server' | 'user_key_or_server' | 'server';

export interface BetterAuthEndpoint extends Endpoint<BetterAuthCall, WireError, BetterAuthNeeds> {
  /** What it reads belongs to whoever signed in recently (spec §1.6). Writes are asked for their proof by the core. */
  readonly fresh?: boolean;
  /**
   * The session is read from the store: what reads credentials or makes tokens trusts no cache (core map T11). Writes
   * need it not, because the core reads the session again in their transaction.
   */
  readonly fromStore?: boolean;
  /** What a person sees of a refusal in place of JSON; null: JSON. */
  readonly refusedPage?: (call: BetterAuthCall, refusal: Refusal) => Answer | null;
}

export const endpoint = endpointsOf<BetterAuthCall, WireError, BetterAuthNeeds, BetterAuthEndpoint>();
