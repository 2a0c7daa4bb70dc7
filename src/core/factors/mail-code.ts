import { later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { digits } from '../../base/random.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { typedCode } from '../../base/typed-code.ts';
import { act, asBearer } from '../acting.ts';
import type { Actor, RequestOrigin, UserActor } from '../actor.ts';
import { supersedeCodes } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { limit } from '../limit-rules.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { budgetFor } from '../networks/requester-site.ts';
import type { Tx } from '../store.ts';
import type { Person } from '../users/user.ts';
import { mayMailFactor } from './mailed-factor.ts';
import { findPending } from './pending.ts';
import { mailCodeAttempts, mailCodeSeconds, secondFactorMails } from './second-factor-rules.ts';

/** Six digits are only as good as their context: the row they belong to is part of the message. */
export const mailCodeMac = (ctx: Pick<Context, 'vault'>, row: Id, code: string): Uint8Array =>
  ctx.vault.mac('mail code', `${row} ${typedCode(code)}`);

/**
 * Mails a code for the second step of a sign-in. A new one takes the place of the last.
 * @throws Refusal pending_sign_in_not_found, mail_factor_not_set_up, too_many_requests
 */
export async function sendSecondFactorCode(ctx: Context, actor: Actor, pendingToken: string): Promise<void> {
  const seen = settle(await findPending(ctx, ctx.store.read, pendingToken));
  await limitMails(ctx, seen.userId, actor.from);
  const outcome = await asBearer(ctx, { credential: 'pending' }, async (tx) => {
    const pending = await findPending(ctx, tx, pendingToken);
    if (pending instanceof Refusal) return pending;
    const person = await tx.users.find(pending.userId);
    if (!person?.email || !mayMailFactor(ctx, person, pending.firstMethod)) return refuse('mail_factor_not_set_up');
    const code = digits(ctx.random, 6);
    const expiresAt = later(ctx.clock.now(), mailCodeSeconds * 1000);
    await tx.pendingSignIns.setMailCode(pending.id, mailCodeMac(ctx, pending.id, code), expiresAt);
    await mailCode(ctx, tx, person, code, actor.from);
    return undefined;
  });
  settle(outcome);
}

/**
 * Mails a code to somebody signed in: a proof again, or the first proof that turns the mailed factor on.
 * @throws Refusal mail_factor_not_set_up, too_many_requests
 */
export async function sendProofCode(ctx: Context, actor: UserActor): Promise<void> {
  const { user, session } = actor.live;
  if (!user.email) throw new Refusal('mail_factor_not_set_up');
  await limitMails(ctx, user.id, actor.from);
  await act(ctx, actor, { change: 'factor_tried' }, async (tx) => {
    const now = ctx.clock.now();
    const code = digits(ctx.random, 6);
    await supersedeCodes(ctx, tx, user.id, ['mail_factor_code']);
    await tx.codes.insert({
      id: ctx.ids.next(),
      purpose: 'mail_factor_code',
      valueHash: mailCodeMac(ctx, session.id, code),
      groupHash: null,
      attempts: 0,
      // Tries are counted before they are compared, so spending needs one count more than there are tries.
      maxAttempts: mailCodeAttempts + 1,
      userId: user.id,
      emailId: user.email!.id,
      addressNormal: user.email!.normal,
      sessionId: session.id,
      browserHash: null,
      payload: null,
      expiresAt: later(now, mailCodeSeconds * 1000),
      usedAt: null,
      voidedAt: null,
      createdAt: now,
    });
    await mailCode(ctx, tx, user, code, actor.from);
  });
}

/** Whoever has the password or a session may not fill the mailbox, and each new code brings new tries at it. */
const limitMails = async (ctx: Context, userId: Id, from: RequestOrigin): Promise<void> =>
  limit(ctx, secondFactorMails, `${userId} ${await budgetFor(ctx, userId, from)}`);

async function mailCode(ctx: Context, tx: Tx, person: Person, code: string, from: RequestOrigin): Promise<void> {
  await queueMail(
    ctx,
    tx,
    person.email!.value,
    { kind: 'second_factor_code', code, lifeSeconds: mailCodeSeconds },
    from,
  );
}
