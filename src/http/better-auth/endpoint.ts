import { endpointsOf } from '../kit/endpoint.ts';
import type { BetterAuthCall } from './call.ts';
import type { WireError } from './errors.ts';

export const endpoint = endpointsOf<BetterAuthCall, WireError>();
