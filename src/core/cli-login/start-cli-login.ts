import { type Instant, later } from '../../base/clock.ts';
import { opaqueToken } from '../../base/random.ts';
import { Refusal } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Context } from '../context.ts';
import { checkSession } from '../sessions/check-session.ts';
import type { Session } from '../sessions/session.ts';

export interface StartedCliLogin {
  /** The program asks with it whether the sign-in is done. */
  readonly pollingCode: string;
  /** The person takes it to a browser. */
  readonly loginCode: string;
  readonly expiresAt: Instant;
}

/** Where the two tokens of a sign-in are kept: one cannot stand in for the other. */
export const cliTokenPlace = (id: string, column: 'anonymous_token_enc' | 'session_token_enc') => ({
  table: 'cli_login',
  column,
  row: id,
});

/**
 * @param input.anonymousToken of the session that the program had so far, for the browser to take over
 * @throws Refusal cli_anonymous_rejected; `field` says why: unknown, expired, not_anonymous
 */
export async function startCliLogin(
  ctx: Context,
  input: { readonly lifeSeconds: number; readonly anonymousToken: string | null },
): Promise<StartedCliLogin> {
  const anonymous = input.anonymousToken === null ? null : await anonymousSession(ctx, input.anonymousToken);
  const [pollingCode, loginCode] = [opaqueToken(ctx.random), opaqueToken(ctx.random)];
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  const expiresAt = later(now, input.lifeSeconds * 1000);
  await asBearer(ctx, { credential: 'none' }, (tx) =>
    tx.cliLogins.insert({
      ...{ id, pollingHash: ctx.vault.digest(pollingCode), loginHash: ctx.vault.digest(loginCode) },
      anonymousSessionId: anonymous?.id ?? null,
      anonymousToken: anonymous && ctx.vault.seal(cliTokenPlace(id, 'anonymous_token_enc'), input.anonymousToken!),
      ...{ anonymousClaimedAt: null, sessionId: null, sessionToken: null, approvedAt: null, redeemedAt: null },
      ...{ expiresAt, createdAt: now },
    }),
  );
  return { pollingCode, loginCode, expiresAt };
}

async function anonymousSession(ctx: Context, token: string): Promise<Session> {
  const checked = await checkSession(ctx, token, { fromStore: true });
  if (checked instanceof Refusal) {
    const field = checked.code === 'session_expired' ? 'expired' : 'unknown';
    throw new Refusal('cli_anonymous_rejected', { field, why: checked.code });
  }
  if (!checked.live.user.anonymous) throw new Refusal('cli_anonymous_rejected', { field: 'not_anonymous' });
  return checked.live.session;
}
