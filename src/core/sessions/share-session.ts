import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act, asBearer } from '../acting.ts';
import type { Actor, UserActor } from '../actor.ts';
import { codePayload, findCode, issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { endWhatCodeGave } from '../endings/end-what-code-gave.ts';
import {
  type CodeProof,
  clientCodeSeconds,
  type OuterRequest,
  provesChallenge,
  redirectRefusal,
} from '../oauth/outer-request.ts';
import type { TrustedUrl } from '../return-urls.ts';
import { checkSession } from './check-session.ts';
import type { LiveSession } from './session.ts';

type Payload = { covered: string; request: OuterRequest | null };

/**
 * A value that hands this very session to another domain, once. The session's token is kept under a key made from the
 * value, so that what is stored opens nothing without it (core map T6).
 * @param request when a client gets it as its code: what it has to show with it
 * @throws Refusal not_signed_in
 */
export async function shareSession(
  ctx: Context,
  actor: UserActor,
  token: string,
  request: OuterRequest | null = null,
): Promise<string> {
  const { user, session } = actor.live;
  return act(ctx, actor, {}, async (tx) => {
    return issueCode(ctx, tx, {
      purpose: 'shared_session',
      lifeSeconds: request ? clientCodeSeconds : ctx.surface.codes.sharedSessionSeconds,
      userId: user.id,
      sessionId: session.id,
      payload: (code): Payload => ({ covered: cover(ctx, code, Buffer.from(token)).toString('base64'), request }),
    });
  });
}

/**
 * The other domain shows the value and gets the session. A second use of what was made for a client ends the session.
 * @param proof of the client it was made for. Asked for exactly when it was made for one; a wrong verifier spends it
 * @throws Refusal code_*, grant_rejected, redirect_uri_rejected, session_not_found (it ended meanwhile),
 * session_expired, and what stands against its person
 */
export async function redeemSharedSession(
  ctx: Context,
  actor: Actor,
  value: string,
  proof: CodeProof | null = null,
): Promise<{ readonly live: LiveSession; readonly token: string; readonly returnTo: TrustedUrl | null }> {
  const { covered, request } = settle(
    await asBearer(ctx, { credential: 'code' }, async (tx): Promise<Payload | Refusal> => {
      const found = await findCode(ctx, tx, 'shared_session', value);
      if (found instanceof Refusal) {
        if (found.code === 'code_used') await endWhatCodeGave(ctx, tx, actor, 'shared_session', value);
        return found;
      }
      const payload = codePayload<Payload>(ctx, found);
      const { request = null } = payload;
      if ((request === null) !== (proof === null)) return refuse('code_not_found', { why: 'made for another use' });
      const proven = request === null || provesChallenge(request, proof!);
      const refused = proven && request ? redirectRefusal(request, proof!) : null;
      if (refused) return refused;
      if (!(await tx.codes.spend(found.id, ctx.clock.now()))) {
        await endWhatCodeGave(ctx, tx, actor, 'shared_session', value);
        return refuse('code_used');
      }
      if (!proven) return refuse('grant_rejected', { why: 'another verifier' });
      // Only what was made for a client is a code of OAuth, of which a second use is an alarm.
      if (request && found.sessionId !== null) await tx.codes.noteGiven(found.id, found.sessionId);
      return { ...payload, request };
    }),
  );
  const token = cover(ctx, value, Buffer.from(covered, 'base64')).toString();
  const checked = await checkSession(ctx, token, { fromStore: true });
  if (!(checked instanceof Refusal)) return { live: checked.live, token, returnTo: request?.returnTo ?? null };
  throw checked.code === 'not_signed_in' ? new Refusal('session_not_found', { why: 'it ended' }) : checked;
}

/** Adds or takes away a key stream that only the value gives: each value covers one token, once. */
function cover(ctx: Context, value: string, bytes: Buffer): Buffer {
  const stream = Buffer.concat([0, 1].map((part) => ctx.vault.mac('shared session', `${part} ${value}`)));
  return Buffer.from(bytes.map((byte, at) => byte ^ stream[at]!));
}
