import { Type } from 'typebox';
import { checkReturnUrl } from '../../../core/return-urls.ts';
import { checkSignInOtp, requestSignInOtp, signInWithOtp } from '../../../core/sign-in/sign-in-otp.ts';
import { json } from '../../kit/answer.ts';
import { challengeOf } from '../challenge.ts';
import { endpoint } from '../endpoint.ts';
import { codeLink } from '../links.ts';
import { botChallenge, codeIsValid, Fields, signIn, signUpEmail, url } from '../schemas.ts';
import { signedIn } from '../sign-in-answer.ts';
import { notLetInByCode } from '../user-errors.ts';
import { text } from '../wire-error.ts';

const tag = 'OTP';
const refusals = {
  ...notLetInByCode,
  method_disabled: text(403, 'OTP sign-in is not enabled for this project'),
};

/** 45 characters, and blanks that a person typed into the first six of them. */
const typedAndNonce = Type.String({ minLength: 45, maxLength: 64 });

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
    const callback = checkReturnUrl(ctx, body.callback_url, 'callback_url');
    const nonce = await requestSignInOtp(ctx, call.newcomer, {
      address: body.email,
      link: codeLink(callback),
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
  body: Fields({ code: typedAndNonce }),
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
  body: Fields({ code: typedAndNonce }),
  replies: { 200: codeIsValid },
  refusals,
  async handle(call) {
    await checkSignInOtp(call.ctx, call.body.code.toLowerCase());
    return json({ is_code_valid: true });
  },
});
