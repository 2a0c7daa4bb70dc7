import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { Actor, Anonymous } from '../../core/actor.ts';
import type { Context } from '../../core/context.ts';
import type { Admission } from '../../core/sessions/admit-user.ts';
import { type CheckedSession, checkSession } from '../../core/sessions/check-session.ts';
import type { Session } from '../../core/sessions/session.ts';
import { Call } from '../kit/call.ts';
import { otherDomains } from '../kit/cookies.ts';
import type { AnonymousBrowser } from './anonymous-browser.ts';
import { cookieLine, sessionCookie } from './cookies.ts';
import type { AxumKitSettings } from './settings.ts';

/** A request to the AxumKit dialect: where its session is, and which browser it came from. */
export class AxumKitCall extends Call {
  readonly settings: AxumKitSettings;
  readonly browser: AnonymousBrowser;
  #session: Promise<CheckedSession | Refusal> | null = null;
  #token: string | null = null;

  constructor(
    ctx: Context,
    request: FastifyRequest,
    reply: FastifyReply,
    settings: AxumKitSettings,
    browserOf: (request: FastifyRequest, shown: string | undefined) => AnonymousBrowser,
  ) {
    super(ctx, request, reply);
    this.settings = settings;
    this.browser = browserOf(request, this.cookies.anonymous_user_id);
  }

  /** The token that was shown: in the cookie, or as a bearer token by applications that have no cookies (spec §5.2). */
  get token(): string | null {
    if (this.#token !== null) return this.#token;
    const cookie = this.cookies[sessionCookie];
    if (cookie !== undefined && cookie !== '') return cookie;
    return /^Bearer +(\S+)$/i.exec(this.header('authorization') ?? '')?.[1] ?? null;
  }

  /** Whoever asks, signed in or not. */
  async actor(): Promise<Actor> {
    const found = await this.session();
    return found instanceof Refusal ? this.visitor : { kind: 'user', from: this.from, live: found.live };
  }

  /** Whoever asks where nobody looks at the session (spec §1.3). */
  get visitor(): Anonymous {
    return { kind: 'anonymous', from: this.from };
  }

  /** Looked up once. Trusting the cache is enough: whatever is written, the core reads the session again. */
  session(): Promise<CheckedSession | Refusal> {
    this.#session ??= this.#findSession();
    return this.#session;
  }

  async #findSession(): Promise<CheckedSession | Refusal> {
    const cookies = this.cookieTwins(sessionCookie).filter((value) => value !== '');
    let refused = new Refusal('not_signed_in', { why: 'no cookie' });
    for (const token of cookies.length > 0 ? cookies : [this.token]) {
      if (token === null) continue;
      const found = await checkSession(this.ctx, token);
      if (!(found instanceof Refusal)) {
        this.#token = token;
        // Of several the one that counts goes out again, alone: from the next request on the browser has one.
        if (cookies.length > 1) this.sendSession(token, found.live.session);
        return found;
      }
      refused = found;
    }
    return refused;
  }

  /** From when the cookie had another domain: it would be sent beside the one of now for as long as it lives. */
  #clearTwins(): void {
    if (this.cookieTwins(sessionCookie).length < 2) return;
    for (const cookieDomain of otherDomains(new URL(this.settings.baseUrl).hostname, this.settings.cookieDomain)) {
      this.addCookie(cookieLine({ cookieDomain }, sessionCookie, '', 0));
    }
  }

  /** Hands the browser a session; it forgets it when it closes, unless the person asked to be remembered. */
  sendSession(token: string, { persistent, endsAt }: Session): void {
    this.#clearTwins();
    const life = persistent ? Math.round((endsAt - this.ctx.clock.now()) / 1000) : null;
    this.addCookie(cookieLine(this.settings, sessionCookie, token, life));
  }

  clearSession(): void {
    this.#clearTwins();
    this.addCookie(cookieLine(this.settings, sessionCookie, '', 0));
  }

  /** What became of a sign-in: a cookie, or the token of the second step. */
  admitted(admission: Admission): { readonly status: number; readonly body?: { readonly temp_token: string } } {
    if (admission.kind === 'second_factor_required') return { status: 202, body: { temp_token: admission.token } };
    this.sendSession(admission.token, admission.live.session);
    return { status: 204 };
  }
}
