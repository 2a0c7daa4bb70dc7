import { Type } from 'typebox';
import { completeSecondFactor } from '../../../core/factors/complete-second-factor.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, signIn } from '../schemas.ts';
import { signedIn } from '../sign-in-answer.ts';
import { notLetInByCode } from '../user-errors.ts';

export const mfaSignIn = endpoint('POST /auth/mfa/sign-in', {
  needs: 'project_client',
  operationId: 'signInWithMfa',
  summary: 'Finish a sign-in that waits for a second factor',
  tag: 'Multi-factor',
  body: Fields({ type: Type.Literal('totp'), totp: Type.String(), code: Type.String() }),
  replies: { 200: signIn },
  refusals: notLetInByCode,
  async handle(call) {
    const { totp, code } = call.body;
    const admission = await completeSecondFactor(call.ctx, call.newcomer, {
      pendingToken: code.toLowerCase(),
      code: totp,
      accept: ['totp', 'mail_code', 'backup_code'],
      trustDevice: false,
    });
    return signedIn(call, admission, admission.kind === 'session' && admission.isNewUser);
  },
});
