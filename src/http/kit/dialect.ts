import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import type { Refusal } from '../../base/refusal.ts';
import type { Context } from '../../core/context.ts';
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import type { Endpoint } from './endpoint.ts';
import type { Me } from './needs.ts';
import type { BrowserNeeds } from './origin-notices.ts';
import type { AnswerAtOnce } from './shortcuts.ts';
import type { InvalidInput } from './validation.ts';

/** What went wrong before an endpoint was reached, in the protocol's own terms. */
export type Malformed =
  | { readonly kind: 'json'; readonly message: string }
  | { readonly kind: 'content_type'; readonly type: string; readonly accepted: readonly string[] }
  | { readonly kind: 'too_large' }
  /** Bytes or escapes that are not UTF-8. Of a path no endpoint is known. */
  | { readonly kind: 'text'; readonly part: 'path' | 'body' };

/**
 * An API surface as the kit serves it. It translates: requests into calls, refusals into its own errors.
 * `W` is a row of its refusal table.
 */
export interface Dialect<C extends Call, W, E extends Endpoint<C, W> = Endpoint<C, W>> {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Path of the native API below the mount, e.g. `/api/auth`. */
  readonly nativePrefix: string;
  /** The same as a route pattern, where several paths lead to one API; its parameters are not the endpoint's. */
  readonly routePattern?: string;
  /** Unknown paths below it are this dialect's to answer; the native prefix when absent. */
  readonly territory?: string;
  readonly endpoints: readonly E[];
  /** What answers GET below the mount but outside of the API, by path. */
  readonly beside?: Readonly<Record<string, () => Answer>>;
  readonly browsers: BrowserNeeds;
  /** Of a GET endpoint: does HEAD work too? Not where GET spends or begins something. */
  answersHead(endpoint: E): boolean;
  /** Bytes of the largest body, unless the operator says it or the endpoint has one of its own. */
  readonly bodyLimitBytes?: number;
  /** Published as `components.securitySchemes`. */
  readonly securitySchemes: Readonly<Record<string, unknown>>;
  /** Published with each operation: which of the schemes lead in, one of each list. Nobody needs none. */
  readonly security: { readonly [N in Exclude<E['needs'], 'nobody'>]: readonly (readonly string[])[] };
  /** Published: the body of every error that has a code, which is its member `code`. */
  readonly errorSchema: TSchema;
  /** Published: the words of its table of refusals; those of endpoints come from them. */
  readonly errorWords: readonly string[];
  /** Published: some errors have no code and are plain text. */
  readonly refusesInText?: boolean;
  /** Published: what the operations of a tag are about. */
  readonly tags: Readonly<Record<string, string>>;
  /** Published: what is refused before an endpoint's handler, whatever it does: who calls, and from where. */
  turnsAway(endpoint: E): readonly Refusal[];
  /** Published in place of what an endpoint declares, where a dialect declares more of it. */
  publishes?(endpoint: E): { readonly body?: TSchema; readonly query?: TSchema; readonly headers?: TSchema };
  /** By path: GET endpoints that memory answers most of the time, without the call, its guard, and what finishes it. */
  readonly atOnce?: Readonly<Record<string, AnswerAtOnce>>;
  call(ctx: Context, request: FastifyRequest, reply: FastifyReply): C | Promise<C>;
  /** Runs before validation, on every endpoint: origin checks and what else needs no schema. @throws Refusal */
  guard(call: C, endpoint: E): void;
  /** Instead of the kit's validation, for protocols whose schemas depend on who calls. @throws what `invalid` words */
  inputCheck?(endpoint: E): (call: C) => void;
  /**
   * Who calls, where the endpoint's `needs` let them in. Runs after validation; protocols that refuse earlier have done
   * so, and hand over whom they found. @throws Refusal in the dialect's words for who may not call
   */
  admit(call: C, endpoint: E): Me | Promise<Me>;
  /** Instead of JSON and forms by the endpoint's declaration: registers parsers, and every content type is let in. */
  readBodies?(app: FastifyInstance): Promise<void> | void;
  /** Instead of credentials for configured origins. */
  serveCors?(app: FastifyInstance, constraints: object): void;
  /** After a handler answered: what the answer still needs, such as a cookie. */
  finish?(call: C, endpoint: E): Promise<void> | void;
  refused(refusal: Refusal, call: C | null, endpoint: E | null, request: FastifyRequest): Answer;
  invalid(input: InvalidInput, endpoint: E, request: FastifyRequest): Answer;
  malformed(what: Malformed, request: FastifyRequest): Answer;
  fault(requestId: string): Answer;
  /** A path or method that does not exist here. */
  notFound(request: FastifyRequest): Answer;
  /** The last hand on every answer, errors included: headers and spelling that all of them share. */
  dress?(answer: Answer, request: FastifyRequest): Answer;
}
