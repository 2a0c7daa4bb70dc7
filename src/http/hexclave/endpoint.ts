import type { Static, TSchema } from 'typebox';
import type { Answer } from '../kit/answer.ts';
import type { Endpoint, Method, Typed } from '../kit/endpoint.ts';
import type { Me } from '../kit/needs.ts';
import type { HexclaveCall } from './call.ts';
import type { WireError } from './wire-error.ts';

/** Who calls this dialect. Every need but `nobody` asks for access headers of the project as well. */
export type HexclaveNeeds = 'nobody' | 'project_client' | 'user' | 'user_or_server' | 'server' | 'admin';

/** What differs by who calls, beside the endpoint itself (spec §1.5, §1.10). */
export interface HexclaveEndpoint extends Endpoint<HexclaveCall, WireError, HexclaveNeeds> {
  /** That nobody is signed in is told with what is wrong with the request: SCHEMA_ERROR `auth.user must be defined`. */
  readonly userIsField?: boolean;
  /** Server and admin access take this body instead: it holds fields that a client may not set. */
  readonly serverBody?: TSchema;
  readonly serverQuery?: TSchema;
  /** Query fields of the resource, which its other verbs take too; set for all endpoints together. */
  readonly sharedQuery?: Readonly<Record<string, TSchema>>;
  /** Unknown members of the query or body are let pass. */
  readonly lenient?: boolean;
  /** The access token may be of a session that has ended. */
  readonly takesEnded?: boolean;
  /** Request headers that must be there, by their name without prefix, e.g. `refresh-token`. */
  readonly requiredHeaders?: readonly string[];
}

type Spec<
  N extends HexclaveNeeds,
  B extends TSchema,
  Q extends TSchema,
  P extends TSchema,
  SB extends TSchema,
  SQ extends TSchema,
> = Omit<
  HexclaveEndpoint,
  'needs' | 'handle' | 'body' | 'query' | 'params' | 'method' | 'path' | 'serverBody' | 'serverQuery' | 'sharedQuery'
> & {
  readonly needs: N;
  readonly body?: B;
  readonly query?: Q;
  readonly params?: P;
  readonly serverBody?: SB;
  readonly serverQuery?: SQ;
  handle(
    call: Typed<HexclaveCall, Static<B> & Partial<Static<SB>>, Static<Q> & Partial<Static<SQ>>, Static<P>>,
    me: Me<N>,
  ): Promise<Answer> | Answer;
};

/** `endpoint('PATCH /users/me', {...})`. `handle` sees what the client's schema holds, and what the server's may add. */
export function endpoint<
  N extends HexclaveNeeds,
  B extends TSchema,
  Q extends TSchema,
  P extends TSchema,
  SB extends TSchema = B,
  SQ extends TSchema = Q,
>(route: `${Method} /${string}`, spec: Spec<N, B, Q, P, SB, SQ>): HexclaveEndpoint {
  const [method, path] = route.split(' ') as [Method, string];
  return { method, path, ...spec } as unknown as HexclaveEndpoint;
}
