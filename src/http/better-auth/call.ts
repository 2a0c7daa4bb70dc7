import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { Actor, KeyActor } from '../../core/actor.ts';
import type { Context } from '../../core/context.ts';
import { admitApiKey } from '../../core/keys/admit-api-key.ts';
import { type CheckedSession, checkSession } from '../../core/sessions/check-session.ts';
import type { Session } from '../../core/sessions/session.ts';
import { Call } from '../kit/call.ts';
import { cookieLine } from '../kit/cookies.ts';
import type { Cookies } from './session-cookies.ts';
import type { BetterAuthSettings } from './settings.ts';

export interface NewSession {
  readonly token: string;
  readonly session: Session;
}

/** A request to the Better Auth dialect: where its session may be, and how its cookies go out. */
export class BetterAuthCall extends Call {
  readonly settings: BetterAuthSettings;
  readonly signed: Cookies;
  #session: Promise<CheckedSession | Refusal> | null = null;
  #key: Promise<KeyActor | Refusal> | null = null;
  /** This answer asks for a second factor after a sign-in. */
  challenged = false;
  #token: string | null = null;
  #sessionSent = false;
  #newSession: NewSession | null = null;
  readonly #exposed: string[] = [];
  #extended: Session | null = null;

  constructor(
    ctx: Context,
    request: FastifyRequest,
    reply: FastifyReply,
    settings: BetterAuthSettings,
    cookies: Cookies,
  ) {
    super(ctx, request, reply);
    this.settings = settings;
    this.signed = cookies;
  }

  /** The token the session was found under; only after `session()`. */
  get token(): string {
    return this.#token ?? '';
  }

  session(options: { readonly withoutExtending?: boolean; readonly fromStore?: boolean } = {}) {
    this.#session ??= this.#findSession(options);
    return this.#session;
  }

  /** A bearer token counts first; one that is worth nothing leaves the cookie in force (spec §1.8). */
  async #findSession(options: { withoutExtending?: boolean; fromStore?: boolean }): Promise<CheckedSession | Refusal> {
    const bearer = this.#bearerToken();
    if (bearer !== null) {
      const found = await checkSession(this.ctx, bearer, options);
      if (!(found instanceof Refusal)) {
        this.#token = bearer;
        return this.#noteExtension(found);
      }
    }
    let refused = new Refusal('not_signed_in');
    for (const cookie of this.cookieTwins(this.signed.session)) {
      const token = this.signed.verify(cookie);
      if (token === null) continue;
      const found = await checkSession(this.ctx, token, options);
      // Also of one that is over: whoever signs out names it.
      if (this.#token === null || !(found instanceof Refusal)) this.#token = token;
      if (!(found instanceof Refusal)) return this.#noteExtension(found);
      refused = found;
    }
    return refused;
  }

  /** Some session cookie is worth nothing to anybody: its session is over, or nobody signs so. */
  get showsDeadCookie(): boolean {
    return this.cookieTwins(this.signed.session).some((cookie) => !this.signed.isForeign(cookie));
  }

  /** A signed cookie; one of the same name that the browser kept from when cookies had another domain goes. */
  keepSigned(short: string, value: string, seconds: number): void {
    const { signed } = this;
    const name = signed.name(short);
    if (this.cookieTwins(name).length > 0) for (const line of signed.clearedElsewhere(name)) this.addCookie(line);
    this.addCookie(cookieLine(name, signed.sign(value), signed.attributes, seconds));
  }

  /** The browser sent several, see `cookieTwins`: from the next answer on it has one. */
  get #hasTwins(): boolean {
    const sent = this.request.headers.cookie;
    if (!sent || sent.indexOf(this.signed.session) === sent.lastIndexOf(this.signed.session)) return false;
    return this.cookieTwins(this.signed.session).length > 1;
  }

  #clearTwins(): void {
    if (this.#hasTwins) for (const line of this.signed.clearTwinLines()) this.addCookie(line);
  }

  #noteExtension<T extends CheckedSession | Refusal>(found: T): T {
    if (!(found instanceof Refusal) && found.extended) this.#extended = found.live.session;
    return found;
  }

  #bearerToken(): string | null {
    const sent = this.header('authorization');
    if (sent === undefined) return null;
    const credentials = /^Bearer +(\S+)$/i.exec(sent)?.[1];
    if (credentials === undefined) return null;
    if (!credentials.includes('.')) return credentials;
    let text: string;
    try {
      text = decodeURIComponent(credentials);
    } catch {
      return null;
    }
    const dot = text.lastIndexOf('.');
    const mac = Buffer.from(
      text
        .slice(dot + 1)
        .replaceAll('-', '+')
        .replaceAll('_', '/'),
      'base64',
    );
    const value = text.slice(0, dot);
    return this.ctx.vault.verifyMac('better-auth cookie', value, mac) ? value : null;
  }

  /** Whoever asks: signed in or not. */
  async actor(): Promise<Actor> {
    const found = await this.session();
    return found instanceof Refusal
      ? { kind: 'anonymous', from: this.from }
      : { kind: 'user', from: this.from, live: found.live };
  }

  /**
   * Who signs in. Somebody anonymous leaves that person behind or becomes the new one; no other session has a part in
   * it, and the event names nobody else.
   */
  async newcomer(): Promise<Actor> {
    const stranger: Actor = { kind: 'anonymous', from: this.from };
    if (!this.ctx.surface.accepts.anonymous) return stranger;
    const actor = await this.actor();
    return actor.kind === 'user' && actor.live.user.anonymous ? actor : stranger;
  }

  /** Asked first where waiting for `key` would be most of the work. */
  get mayShowKey(): boolean {
    return this.settings.apiKeysActAsOwner && this.header('x-api-key') !== undefined;
  }

  /**
   * The key in `x-api-key`, where keys stand in for their owners; null when none was sent. One request counts once.
   * @throws Refusal api_key_*, user_banned
   */
  async key(): Promise<KeyActor | null> {
    const text = this.settings.apiKeysActAsOwner ? this.header('x-api-key') : undefined;
    if (text === undefined) return null;
    this.#key ??= admitApiKey(this.ctx, this.from, text);
    const admitted = await this.#key;
    if (admitted instanceof Refusal) throw admitted;
    return admitted;
  }

  /** Hands the browser a session, and bearer clients the same token (spec §1.8). */
  sendSession(token: string, session: Session): void {
    this.#clearTwins();
    const lines = this.signed.sessionLines(token, session);
    for (const line of lines) this.addCookie(line);
    this.setReadable('set-auth-token', this.signed.sign(token));
    this.#sessionSent = true;
    this.#newSession = { token, session };
  }

  /** The session this answer hands out, when it does. */
  get newSession(): NewSession | null {
    return this.#newSession;
  }

  /** A header that applications on other origins may read. */
  setReadable(name: string, value: string): void {
    this.setHeader(name, value);
    if (!this.#exposed.includes(name)) this.#exposed.push(name);
    this.setHeader('access-control-expose-headers', this.#exposed.join(', '));
  }

  clearSession(): void {
    this.#clearTwins();
    for (const line of this.signed.clearLines()) this.addCookie(line);
    this.#sessionSent = true;
    this.#newSession = null;
  }

  /** A session whose life was extended, or whose cookie had twins, goes out again, on whatever answer did it. */
  resendExtended(): Promise<void> | undefined {
    if (this.#sessionSent) return undefined;
    if (this.#extended !== null) this.sendSession(this.token, this.#extended);
    else if (this.#session !== null && this.#hasTwins) return this.#sendAgain(this.#session);
    return undefined;
  }

  async #sendAgain(asked: Promise<CheckedSession | Refusal>): Promise<void> {
    const found = await asked;
    if (!(found instanceof Refusal)) this.sendSession(this.token, found.live.session);
  }
}
