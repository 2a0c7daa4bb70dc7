import type { FastifyRequest } from 'fastify';
import { type Instant, minutes } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Context } from '../../core/context.ts';
import { isTrustedOrigin } from '../../core/return-urls.ts';
import { isFormType } from './form-body.ts';

/** What a dialect's browser applications depend on. */
export interface BrowserNeeds {
  /** Sessions in cookies reach pages of the server's own site alone. */
  readonly sessionsIn: 'cookies' | 'headers';
  /** Where the operator names the applications' origins. */
  readonly originsNamedIn: string;
}

/** Origins that are remembered, and lines an hour: whoever makes requests chooses what their `Origin` says. */
const remembered = 1_000;
const linesPerHour = 20;

/**
 * Tells the operator what only a browser sees: an application's answer that was kept from it, a cookie that was dropped.
 * One line for each origin.
 */
export class OriginNotices {
  readonly #ctx: Context;
  readonly #log: Pick<Log, 'warn'>;
  readonly #needs: BrowserNeeds;
  readonly #known = new Set<string>();
  #hourBegan = 0 as Instant;
  #lines = 0;

  constructor(ctx: Context, log: Pick<Log, 'warn'>, needs: BrowserNeeds) {
    this.#ctx = ctx;
    this.#log = log;
    this.#needs = needs;
  }

  /** Of every request with an `Origin`. */
  look({ headers }: FastifyRequest): void {
    const { origin } = headers;
    if (origin === undefined || origin === 'null' || this.#needs.sessionsIn === 'headers') return;
    if (this.#known.has(origin) || isNavigation(headers)) return;
    if (!isTrustedOrigin(this.#ctx, origin)) this.#tellUnnamed(origin, 'may not call');
    else if (headers['sec-fetch-site'] === 'cross-site') this.#tellForeign(origin);
  }

  /** Of a request that was refused: a form of another origin, or an address that nobody may be sent to. */
  refused({ code, detail }: Refusal): void {
    if (code === 'csrf_failed' && detail.why !== undefined) this.#tellUnnamed(detail.why, 'may not call');
    if (code !== 'return_url_untrusted' || !URL.canParse(detail.given ?? '')) return;
    const { origin } = new URL(detail.given!);
    if (!isTrustedOrigin(this.#ctx, origin)) this.#tellUnnamed(origin, 'may not be returned to');
  }

  #tellUnnamed(origin: string, what: string): void {
    this.#tell(
      origin,
      `pages of this origin ${what}: it is not named. If it is yours, add it to ${this.#needs.originsNamedIn}`,
    );
  }

  #tellForeign(origin: string): void {
    const own = new URL(this.#ctx.surfaceUrl).origin;
    this.#tell(
      origin,
      `browsers drop the cookies of ${own} on pages of this origin, which is another site: nobody stays signed in there. ` +
        'Serve both below one domain and by one scheme (localhost, 127.0.0.1 and app.localhost are three sites), or use ' +
        'the bearer token',
    );
  }

  #tell(origin: string, message: string): void {
    if (this.#known.has(origin) || !URL.canParse(origin) || origin.length > 300) return;
    const now = this.#ctx.clock.now();
    if (now - this.#hourBegan >= minutes(60)) {
      this.#hourBegan = now;
      this.#lines = 0;
    }
    if (this.#lines >= linesPerHour) return;
    this.#lines += 1;
    if (this.#known.size >= remembered) this.#known.delete(this.#known.values().next().value!);
    this.#known.add(origin);
    this.#log.warn({ origin, surface: this.#ctx.surface.name }, message);
  }
}

/** Somebody follows a form from elsewhere, such as a provider's way back: no page waits for the answer. */
const isNavigation = (headers: FastifyRequest['headers']): boolean =>
  headers['sec-fetch-mode'] === undefined
    ? isFormType(headers['content-type'])
    : headers['sec-fetch-mode'] === 'navigate';
