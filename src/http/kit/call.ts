import { parseCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestOrigin } from '../../core/actor.ts';
import type { Context } from '../../core/context.ts';
import { cookieTwins } from './cookies.ts';
import { headerText } from './header-text.ts';

/** Where a request came from, as far as it can be believed. */
export const originOf = (request: FastifyRequest): RequestOrigin => ({
  ip: request.clientAddress,
  userAgent: request.headers['user-agent']?.slice(0, 512) ?? null,
});

/** One request, read once into typed values. A dialect extends it with its own carriers and its own way to answer. */
export class Call {
  readonly ctx: Context;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Checked against the endpoint's schemas, which also type them where an endpoint sees them. */
  body: unknown = undefined;
  query: unknown = undefined;
  params: unknown = undefined;
  #from: RequestOrigin | null = null;
  #cookies: Record<string, string | undefined> | null = null;

  constructor(ctx: Context, request: FastifyRequest, reply: FastifyReply) {
    this.ctx = ctx;
    this.request = request;
    this.reply = reply;
  }

  get from(): RequestOrigin {
    this.#from ??= originOf(this.request);
    return this.#from;
  }

  /** Values as sent, percent-decoded. */
  get cookies(): Record<string, string | undefined> {
    this.#cookies ??= parseCookie(this.request.headers.cookie ?? '');
    return this.#cookies;
  }

  /** Every value of a name, see `cookieTwins`. */
  cookieTwins(name: string): readonly string[] {
    return cookieTwins(this.request.headers.cookie, name);
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  setHeader(name: string, value: string): void {
    this.reply.header(name, headerText(name, value));
  }

  /** Cookies go out in the order they were set. */
  addCookie(line: string): void {
    this.reply.header('set-cookie', headerText('set-cookie', line));
  }
}
