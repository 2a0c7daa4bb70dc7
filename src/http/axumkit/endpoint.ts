import type { Static, TSchema } from 'typebox';
import type { Answer } from '../kit/answer.ts';
import type { Endpoint, Method } from '../kit/endpoint.ts';
import type { AxumKitCall } from './call.ts';
import type { WireError } from './errors.ts';

/** What differs between endpoints beside what they do (spec §1.1, §1.3). */
export interface AxumKitEndpoint extends Endpoint<AxumKitCall, WireError> {
  /** Somebody must be signed in; asked before the body is read. `sensitive` trusts no cache. */
  readonly signedIn?: true | 'sensitive';
  /** The body is handed over as it came (`call.request.body`, a Buffer) instead of being read as JSON. */
  readonly rawBody?: boolean;
  /** A query that does not fit is answered in plain text (spec §1.6). */
  readonly plainQueryErrors?: boolean;
}

type Typed<B, Q, P> = AxumKitCall & { readonly body: B; readonly query: Q; readonly params: P };

type Spec<B extends TSchema, Q extends TSchema, P extends TSchema> = Omit<
  AxumKitEndpoint,
  'handle' | 'body' | 'query' | 'params' | 'method' | 'path'
> & {
  readonly body?: B;
  readonly query?: Q;
  readonly params?: P;
  handle(call: Typed<Static<B>, Static<Q>, Static<P>>): Promise<Answer> | Answer;
};

/** `endpoint('POST /v0/auth/login', {...})`: what `handle` sees is typed by the schemas beside it. */
export function endpoint<B extends TSchema, Q extends TSchema, P extends TSchema>(
  route: `${Method} /${string}`,
  spec: Spec<B, Q, P>,
): AxumKitEndpoint {
  const [method, path] = route.split(' ') as [Method, string];
  return { method, path, ...spec } as unknown as AxumKitEndpoint;
}
