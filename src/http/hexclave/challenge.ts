import { Refusal } from '../../base/refusal.ts';
import type { ChallengeAnswer } from '../../core/users/bot-challenge.ts';

/** What a request says of a bot challenge (spec §1.16). Null: nothing. @throws Refusal input_invalid */
export function challengeOf(given: {
  readonly bot_challenge_token?: string | undefined;
  readonly bot_challenge_phase?: 'invisible' | 'visible' | undefined;
  readonly bot_challenge_unavailable?: 'true' | undefined;
}): ChallengeAnswer | null {
  const { bot_challenge_token: token, bot_challenge_phase: phase, bot_challenge_unavailable: unavailable } = given;
  if (token === undefined && phase === undefined && unavailable === undefined) return null;
  if (unavailable !== undefined && (token !== undefined || phase !== undefined)) {
    const field = 'bot_challenge_unavailable cannot be combined with bot_challenge_token or bot_challenge_phase';
    throw new Refusal('input_invalid', { field });
  }
  return { token: token ?? null, phase: phase ?? null, unavailable: unavailable === 'true' };
}
