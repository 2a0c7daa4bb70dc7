import type { Static, TSchema } from 'typebox';
import type { Answer } from '../kit/answer.ts';
import type { Endpoint, Method } from '../kit/endpoint.ts';
import type { Access, HexclaveCall } from './call.ts';
import type { WireError } from './wire-error.ts';

/** What differs by who calls, beside the endpoint itself (spec §1.5, §1.10). */
export interface HexclaveEndpoint extends Endpoint<HexclaveCall, WireError> {
  /** Who may call; empty: anybody, with or without access headers. */
  readonly access: readonly Access[];
  /** Someone must be signed in, else SCHEMA_ERROR `auth.user must be defined`. */
  readonly needsUser?: boolean;
  /** Server and admin access take this body instead: it holds fields that a client may not set. */
  readonly serverBody?: TSchema;
  readonly serverQuery?: TSchema;
  /** Unknown members of the query or body are let pass. */
  readonly lenient?: boolean;
  /** The access token may be of a session that has ended. */
  readonly takesEnded?: boolean;
  /** Request headers that must be there, by their name without prefix, e.g. `refresh-token`. */
  readonly requiredHeaders?: readonly string[];
}

type Typed<B, Q, P> = HexclaveCall & { readonly body: B; readonly query: Q; readonly params: P };

/** Access types from the one named upwards. */
const upwards = {
  client: ['client', 'server', 'admin'],
  server: ['server', 'admin'],
  admin: ['admin'],
  none: [],
} as const;

type Spec<B extends TSchema, Q extends TSchema, P extends TSchema, SB extends TSchema, SQ extends TSchema> = Omit<
  HexclaveEndpoint,
  'handle' | 'body' | 'query' | 'params' | 'method' | 'path' | 'access' | 'serverBody' | 'serverQuery'
> & {
  /** The least access that may call; `none`: headers are not asked for. */
  readonly access: keyof typeof upwards;
  readonly body?: B;
  readonly query?: Q;
  readonly params?: P;
  readonly serverBody?: SB;
  readonly serverQuery?: SQ;
  handle(
    call: Typed<Static<B> & Partial<Static<SB>>, Static<Q> & Partial<Static<SQ>>, Static<P>>,
  ): Promise<Answer> | Answer;
};

/** `endpoint('PATCH /users/me', {...})`. `handle` sees what the client's schema holds, and what the server's may add. */
export function endpoint<
  B extends TSchema,
  Q extends TSchema,
  P extends TSchema,
  SB extends TSchema = B,
  SQ extends TSchema = Q,
>(route: `${Method} /${string}`, spec: Spec<B, Q, P, SB, SQ>): HexclaveEndpoint {
  const [method, path] = route.split(' ') as [Method, string];
  return { method, path, ...spec, access: upwards[spec.access] } as unknown as HexclaveEndpoint;
}
