import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { typedCode } from '../../base/typed-code.ts';
import type { RequestOrigin } from '../actor.ts';
import type { Context } from '../context.ts';
import { budgetFor } from '../networks/requester-site.ts';
import { takeBackAll, tryEach } from '../tries.ts';
import { readBackupCode } from './backup-codes.ts';
import type { Accepted } from './match-factor.ts';
import { secondFactorFailures } from './second-factor-rules.ts';

type FactorKind = Accepted[number];

/** A guess at a second factor, counted before it is made. */
export interface FactorTry {
  /** The factors that counted the code. It is compared with no other. */
  readonly counted: Accepted;
  /** It was no guess: nothing was compared. */
  takeBack(): Promise<void>;
  /**
   * The code was right for this factor, and clears the count of this factor alone: a mailed code must not refill the
   * tries at the authenticator app. For the others that counted it, it was no guess.
   */
  succeeded(by: FactorKind): Promise<void>;
}

/**
 * Counts a code for each accepted factor whose form it has. Failures are counted per person and factor over all
 * dialects; each known network of the person has a budget of its own, so that a thief of the password elsewhere does
 * not lock the owner out.
 * @throws Refusal temporarily_locked
 */
export async function tryFactors(
  ctx: Context,
  userId: Id,
  from: RequestOrigin,
  accept: Accepted,
  code: string,
): Promise<FactorTry> {
  const budget = await budgetFor(ctx, userId, from);
  const counted = ofSameForm(accept, code);
  const tries = await tryEach(
    ctx,
    counted.map((kind) => [secondFactorFailures, `${userId} ${kind} ${budget}`] as const),
  ).catch(asLocked);
  return {
    counted,
    takeBack: () => takeBackAll(tries),
    async succeeded(by) {
      for (const [at, each] of tries.entries()) await (counted[at] === by ? each.succeeded() : each.takeBack());
    },
  };
}

/** Text of neither form cannot be right, and counts as a guess at everything accepted. */
function ofSameForm(accept: Accepted, code: string): Accepted {
  const backup = readBackupCode(code) !== null;
  if (!backup && !/^\d{6}$/.test(typedCode(code))) return accept;
  return accept.filter((kind) => (kind === 'backup_code') === backup);
}

function asLocked(refusal: unknown): never {
  if (!(refusal instanceof Refusal && refusal.code === 'too_many_requests')) throw refusal;
  throw new Refusal('temporarily_locked', { retryAfterSeconds: refusal.detail.retryAfterSeconds ?? 900 });
}
