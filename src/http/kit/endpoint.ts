import type { Static, TSchema } from 'typebox';
import type { RefusalCode } from '../../base/refusal.ts';
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation: its schema validates, types and documents it. */
export interface Endpoint<C extends Call, W> {
  readonly method: Method;
  /** Below the dialect's native prefix; parameters as `:name`. */
  readonly path: string;
  /** As in the original API's document, where it has one. */
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly body?: TSchema;
  /** The body may be left out altogether. */
  readonly bodyOptional?: boolean;
  /** Also takes `application/x-www-form-urlencoded`. */
  readonly acceptsForms?: boolean;
  /** Takes a multipart body whose part of this name is a file; published, and read by the endpoint. */
  readonly uploads?: string;
  readonly query?: TSchema;
  readonly params?: TSchema;
  /** Status to schema; null for an empty body. */
  readonly replies: Readonly<Record<number, TSchema | null>>;
  /** Rows of the dialect's refusal table that differ here. */
  readonly refusals?: { readonly [code in RefusalCode]?: W };
  /** Served, but not part of the published document. */
  readonly hidden?: boolean;
  /** Where it is another than that of the server. */
  readonly bodyLimitBytes?: number;
  handle(call: C): Promise<Answer> | Answer;
}

type Typed<C, B, Q, P> = C & { readonly body: B; readonly query: Q; readonly params: P };

type Spec<C extends Call, W, B extends TSchema, Q extends TSchema, P extends TSchema> = Omit<
  Endpoint<C, W>,
  'handle' | 'body' | 'query' | 'params' | 'method' | 'path'
> & {
  readonly body?: B;
  readonly query?: Q;
  readonly params?: P;
  handle(call: Typed<C, Static<B>, Static<Q>, Static<P>>): Promise<Answer> | Answer;
};

/** A dialect's `endpoint('POST /path', {...})`: what `handle` sees is typed by the schemas beside it. */
export function endpointsOf<C extends Call, W>() {
  return <B extends TSchema, Q extends TSchema, P extends TSchema>(
    route: `${Method} /${string}`,
    spec: Spec<C, W, B, Q, P>,
  ): Endpoint<C, W> => {
    const [method, path] = route.split(' ') as [Method, string];
    return { method, path, ...spec } as unknown as Endpoint<C, W>;
  };
}
