import { Type } from 'typebox';
import { checkReturnUrl } from '../../../core/return-urls.ts';
import { checkSignInOtp, requestSignInOtp, signInWithOtp } from '../../../core/sign-in/sign-in-otp.ts';
import { json } from '../../kit/answer.ts';
import { challengeOf } from '../challenge.ts';
import { endpoint } from '../endpoint.ts';
import { codeLink } from '../links.ts';
import { botChallenge, codeIsValid, code as codeText, Fields, signIn, signUpEmail, url } from '../schemas.ts';
import { signedIn } from '../sign-in-answer.ts';
import { notLetInByCode } from '../user-errors.ts';
import { text } from '../wire-error.ts';

const tag = 'OTP';
const refusals = {
  ...notLetInByCode,
  method_disabled: text(403, 'OTP sign-in is not enabled for this project'),
};

export const sendSignInCode = endpoint('POST /auth/otp/send-sign-in-code', {
  needs: 'project_client',
  operationId: 'sendSignInCode',
  summary: 'Mail a link and a code that sign in',
  tag,
  body: Fields({ email: signUpEmail(), callback_url: url(), ...botChallenge }),
  replies: { 200: Type.Object({ nonce: Type.String() }) },
  refusals,
  async handle(call) {
    const { body, ctx } = call;
    checkReturnUrl(ctx, body.callback_url, 'callback_url');
    const nonce = await requestSignInOtp(ctx, call.newcomer, {
      address: body.email,
      link: codeLink(body.callback_url),
      challenge: challengeOf(body),
    });
    return json({ nonce });
  },
});

export const signInByCode = endpoint('POST /auth/otp/sign-in', {
  needs: 'project_client',
  operationId: 'signInWithCode',
  summary: 'Sign in by the mailed link’s code, or by the typed code and the nonce',
  tag,
  body: Fields({ code: codeText() }),
  replies: { 200: signIn },
  refusals,
  async handle(call) {
    const { admission, isNewUser } = await signInWithOtp(call.ctx, call.newcomer, call.body.code.toLowerCase());
    return signedIn(call, admission, isNewUser);
  },
});

export const checkSignInCode = endpoint('POST /auth/otp/sign-in/check-code', {
  needs: 'project_client',
  operationId: 'checkSignInCode',
  summary: 'Would this code sign in?',
  tag,
  body: Fields({ code: codeText() }),
  replies: { 200: codeIsValid },
  refusals,
  async handle(call) {
    await checkSignInOtp(call.ctx, call.body.code.toLowerCase());
    return json({ is_code_valid: true });
  },
});
