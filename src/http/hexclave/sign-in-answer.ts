import { Refusal } from '../../base/refusal.ts';
import type { Admission } from '../../core/sessions/admit-user.ts';
import { type Answer, json } from '../kit/answer.ts';
import type { HexclaveCall } from './call.ts';

/** The answer of every path that signs in; `is_new_user` only where the path says it (spec §2). */
export async function signedIn(call: HexclaveCall, admission: Admission, isNewUser?: boolean): Promise<Answer> {
  if (admission.kind === 'second_factor_required') {
    throw new Refusal('second_factor_required', { attempt: admission.token });
  }
  const tokens = await call.tokens(admission.token, admission.live);
  return json({ ...tokens, ...(isNewUser !== undefined && { is_new_user: isNewUser }) });
}
