import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../../base/refusal.ts';
import type { Context } from '../../core/context.ts';
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import type { Endpoint } from './endpoint.ts';
import type { InvalidInput } from './validation.ts';

/** What went wrong before an endpoint was reached, in the protocol's own terms. */
export type Malformed =
  | { readonly kind: 'json' }
  | { readonly kind: 'content_type'; readonly type: string; readonly accepted: readonly string[] }
  | { readonly kind: 'too_large' };

/**
 * An API surface as the kit serves it. It translates: requests into calls, refusals into its own errors.
 * `W` is a row of its refusal table.
 */
export interface Dialect<C extends Call, W> {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Path of the native API below the mount, e.g. `/api/auth`. */
  readonly nativePrefix: string;
  readonly endpoints: readonly Endpoint<C, W>[];
  /** Published as `components.securitySchemes`. */
  readonly securitySchemes: Readonly<Record<string, unknown>>;
  call(ctx: Context, request: FastifyRequest, reply: FastifyReply): C;
  /** Runs before validation, on every endpoint: origin checks and what else needs no schema. @throws Refusal */
  guard(call: C, endpoint: Endpoint<C, W>): void;
  /** After a handler answered: what the answer still needs, such as a cookie. */
  finish?(call: C): Promise<void> | void;
  refused(refusal: Refusal, call: C | null, endpoint: Endpoint<C, W> | null): Answer;
  invalid(input: InvalidInput, endpoint: Endpoint<C, W>): Answer;
  malformed(what: Malformed): Answer;
  fault(requestId: string): Answer;
  /** A path or method that does not exist here. */
  notFound(request: FastifyRequest): Answer;
}
