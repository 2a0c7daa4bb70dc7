import { type Endpoint, endpointsOf } from '../kit/endpoint.ts';
import type { AxumKitCall } from './call.ts';
import type { WireError } from './errors.ts';

/** This dialect knows no keys and no servers. */
export type AxumKitNeeds = 'nobody' | 'user';

/** What differs between endpoints beside what they do (spec §1.1, §1.3). */
export interface AxumKitEndpoint extends Endpoint<AxumKitCall, WireError, AxumKitNeeds> {
  /** The body is handed over as it came (`call.request.body`, a Buffer) instead of being read as JSON. */
  readonly rawBody?: boolean;
  /** A query that does not fit is answered in plain text (spec §1.6). */
  readonly plainQueryErrors?: boolean;
}

export const endpoint = endpointsOf<AxumKitCall, WireError, AxumKitNeeds, AxumKitEndpoint>();
