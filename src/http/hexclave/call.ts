import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { Actor, ServerActor, UserActor } from '../../core/actor.ts';
import type { Context } from '../../core/context.ts';
import type { AccessLevel } from '../../core/projects/admit-project-key.ts';
import type { DirectoryEntry } from '../../core/projects/directory.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { type AccessClaims, mintAccessToken } from '../../core/signing/access-token.ts';
import { Call } from '../kit/call.ts';
import type { HexclaveSettings } from './settings.ts';
import type { Texts } from './texts.ts';

export type Access = AccessLevel;

/** Who calls, as the headers say and as it was checked (spec §1.5). */
export interface Caller {
  /** Null: no access headers. */
  readonly access: Access | null;
  readonly project: DirectoryEntry;
  /** What the access token said; also when its session has ended. */
  readonly claims: AccessClaims | null;
  readonly live: LiveSession | null;
  /** The project's server, or an administrator with server rights: a key or token was seen. */
  readonly server: ServerActor | null;
}

/** A request to the Hexclave dialect. Its context is that of the project the request names. */
export class HexclaveCall extends Call {
  readonly settings: HexclaveSettings;
  readonly texts: Texts;
  readonly access: Access | null;
  readonly project: DirectoryEntry;
  /** Of whom the access token speaks; null without one, and when that person is gone. */
  readonly live: LiveSession | null;
  readonly claims: AccessClaims | null;
  /** The project's server or an administrator, whose key or token was seen. */
  readonly server: ServerActor | null;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    settings: HexclaveSettings,
    texts: Texts,
    ctx: Context,
    caller: Caller,
  ) {
    super(ctx, request, reply);
    this.settings = settings;
    this.texts = texts;
    this.access = caller.access;
    this.project = caller.project;
    this.live = caller.live;
    this.claims = caller.claims;
    this.server = caller.server;
  }

  /** A header of either family; the newer one counts (spec §1.2). */
  named(name: string): string | null {
    return this.header(`x-hexclave-${name}`) ?? this.header(`x-stack-${name}`) ?? null;
  }

  /** Server or admin access: what a client may not do is allowed. */
  get asServer(): boolean {
    return this.server !== null;
  }

  /** Somebody looks at the answer in a browser: it is indented (spec §1.4). */
  get readByPeople(): boolean {
    return this.request.headers.accept?.includes('text/html') === true;
  }

  /** Whoever asks: the person the token speaks of, or nobody. Sign-in and sign-up go through it. */
  get newcomer(): Actor {
    return this.live ? { kind: 'user', from: this.from, live: this.live } : { kind: 'anonymous', from: this.from };
  }

  /**
   * The person an endpoint is asked about: clients may only ask about themselves.
   * @throws Refusal self_only (the endpoint words it), not_signed_in (a server names nobody, and nobody is signed in)
   */
  subject(me: UserActor | ServerActor, userId: string | undefined): string {
    if (me.kind === 'user') {
      if (userId !== me.live.user.id) throw new Refusal('self_only');
      return userId;
    }
    const named = userId ?? this.live?.user.id;
    if (named === undefined) throw new Refusal('not_signed_in');
    return named;
  }

  /** The same for lists: a server that names nobody means everybody. @throws Refusal self_only */
  subjectOrAll(me: UserActor | ServerActor, userId: string | undefined): string | null {
    return me.kind === 'server' ? (userId ?? null) : this.subject(me, userId);
  }

  /** What sign-in answers with (spec §2). */
  async tokens(token: string, live: LiveSession) {
    return {
      access_token: await mintAccessToken(this.ctx, live),
      refresh_token: token,
      user_id: live.user.id,
    };
  }
}
