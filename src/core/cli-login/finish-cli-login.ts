import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act, asBearer } from '../acting.ts';
import type { Actor, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { checkSession } from '../sessions/check-session.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { Reads } from '../store.ts';
import type { CliLogin } from './cli-login.ts';
import { cliTokenPlace } from './start-cli-login.ts';

/** A sign-in that still waits for its browser. @returns cli_login_not_found */
async function findOpen(ctx: Context, reads: Pick<Reads, 'cliLogins'>, code: string): Promise<CliLogin | Refusal> {
  const login = await reads.cliLogins.findByLogin(ctx.vault.digest(code.toLowerCase()));
  return login && login.approvedAt === null && login.expiresAt > ctx.clock.now()
    ? login
    : refuse('cli_login_not_found');
}

/** Did the program have a session without identifiers? @throws Refusal cli_login_not_found */
export async function inspectCliLogin(ctx: Context, loginCode: string): Promise<'anonymous' | 'none'> {
  const login = settle(await findOpen(ctx, ctx.store.read, loginCode));
  return login.anonymousSessionId === null ? 'none' : 'anonymous';
}

/**
 * The browser takes over the program's session without identifiers, once.
 * @throws Refusal cli_login_not_found; cli_no_anonymous_session with `field` none or over
 */
export async function claimCliSession(
  ctx: Context,
  loginCode: string,
): Promise<{ readonly token: string; readonly live: LiveSession }> {
  const login = settle(
    await asBearer(ctx, { credential: 'code' }, async (tx) => {
      const open = await findOpen(ctx, tx, loginCode);
      if (open instanceof Refusal) return open;
      if (open.anonymousToken === null) return refuse('cli_no_anonymous_session', { field: 'none' });
      const claimed = await tx.cliLogins.claimAnonymous(open.id, ctx.clock.now());
      return claimed ? open : refuse('cli_no_anonymous_session', { field: 'none', why: 'claimed before' });
    }),
  );
  const token = ctx.vault.open(cliTokenPlace(login.id, 'anonymous_token_enc'), login.anonymousToken!);
  const checked = await checkSession(ctx, token, { fromStore: true });
  if (checked instanceof Refusal) throw new Refusal('cli_no_anonymous_session', { field: 'over', why: checked.code });
  return { token, live: checked.live };
}

/**
 * The browser lets the program have the session of this token: the very same one (core map T6).
 * @throws Refusal cli_login_not_found, refresh_token_rejected
 */
export async function approveCliLogin(
  ctx: Context,
  actor: Actor,
  input: { readonly loginCode: string; readonly token: string },
): Promise<void> {
  settle(await findOpen(ctx, ctx.store.read, input.loginCode));
  const checked = await checkSession(ctx, input.token, { fromStore: true });
  if (checked instanceof Refusal) throw new Refusal('refresh_token_rejected', { why: checked.code });
  const { session, user } = checked.live;
  const owner: UserActor = { kind: 'user', from: actor.from, live: checked.live };
  await act(ctx, owner, {}, async (tx) => {
    const login = await findOpen(ctx, tx, input.loginCode);
    if (login instanceof Refusal) return login;
    const sealed = ctx.vault.seal(cliTokenPlace(login.id, 'session_token_enc'), input.token);
    if (!(await tx.cliLogins.approve(login.id, session.id, sealed, ctx.clock.now()))) {
      return refuse('cli_login_not_found');
    }
    await recordEvent(ctx, tx, owner, {
      type: 'account.signed_in',
      subject: user.id,
      sessionId: session.id,
      data: { method: 'cli' },
    });
    return undefined;
  });
}

export type CliLoginState =
  | { readonly kind: 'waiting' | 'expired' | 'used' }
  | { readonly kind: 'done'; readonly token: string };

/** What the program learns; the token only once. @throws Refusal polling_code_not_found */
export async function pollCliLogin(ctx: Context, pollingCode: string): Promise<CliLoginState> {
  const login = await ctx.store.read.cliLogins.findByPolling(ctx.vault.digest(pollingCode.toLowerCase()));
  if (!login) throw new Refusal('polling_code_not_found');
  const now = ctx.clock.now();
  if (login.expiresAt <= now) return { kind: 'expired' };
  if (login.redeemedAt !== null) return { kind: 'used' };
  if (login.sessionToken === null) return { kind: 'waiting' };
  if (!(await asBearer(ctx, { credential: 'code' }, (tx) => tx.cliLogins.redeem(login.id, now))))
    return { kind: 'used' };
  return { kind: 'done', token: ctx.vault.open(cliTokenPlace(login.id, 'session_token_enc'), login.sessionToken) };
}
