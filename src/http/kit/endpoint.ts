import type { Static, TSchema } from 'typebox';
import type { RefusalCode } from '../../base/refusal.ts';
import type { Context } from '../../core/context.ts';
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import type { Me, Needs } from './needs.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation: its schema validates, types and documents it. */
export interface Endpoint<C extends Call, W, N extends Needs = Needs> {
  /** Who may call. The dialect admits them before the handler runs, and the document says so. */
  readonly needs: N;
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
  /**
   * All that the use case refuses, beside `refusals` and what everybody is refused; with the field where words depend on
   * it. Published; test worlds hold the endpoint to it.
   */
  readonly refuses?: readonly (RefusalCode | readonly [RefusalCode, field: string])[];
  /** Published; replies by status. */
  readonly example?: { readonly body?: unknown; readonly reply?: Readonly<Record<number, unknown>> };
  /** Served, but not part of the published document. */
  readonly hidden?: boolean;
  /** Without what this asks for there is no such operation, whoever calls. @throws Refusal */
  readonly onlyWith?: (ctx: Context) => void;
  /** Where it is another than that of the server. */
  readonly bodyLimitBytes?: number;
  handle(call: C, me: Me<N>): Promise<Answer> | Answer;
}

/** A call as a handler sees it: with the types of the schemas. */
export type Typed<C, B, Q, P> = C & { readonly body: B; readonly query: Q; readonly params: P };

type Spec<E, C extends Call, N extends Needs, B extends TSchema, Q extends TSchema, P extends TSchema> = Omit<
  E,
  'needs' | 'handle' | 'body' | 'query' | 'params' | 'method' | 'path'
> & {
  readonly needs: N;
  readonly body?: B;
  readonly query?: Q;
  readonly params?: P;
  handle(call: Typed<C, Static<B>, Static<Q>, Static<P>>, me: Me<N>): Promise<Answer> | Answer;
};

/**
 * A dialect's `endpoint('POST /path', {...})`: what `handle` sees is typed by the schemas beside it, and who calls by
 * what the endpoint needs. `All` are the kinds of callers that the dialect knows.
 */
export function endpointsOf<
  C extends Call,
  W,
  All extends Needs,
  E extends Endpoint<C, W, All> = Endpoint<C, W, All>,
>() {
  return <N extends All, B extends TSchema, Q extends TSchema, P extends TSchema>(
    route: `${Method} /${string}`,
    spec: Spec<E, C, N, B, Q, P>,
  ): E => {
    const [method, path] = route.split(' ') as [Method, string];
    return { method, path, ...spec } as unknown as E;
  };
}
