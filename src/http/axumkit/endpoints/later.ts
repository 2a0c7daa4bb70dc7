import { Type } from 'typebox';
import { typedCode } from '../../../base/typed-code.ts';
import { completeSecondFactor } from '../../../core/factors/complete-second-factor.ts';
import type { Admission } from '../../../core/sessions/admit-user.ts';
import { type Answer, json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { loginBody, passwordStep, tempToken } from './session.ts';
import { registerPerson, registration } from './sign-up.ts';
import { kindsOf, verifyBody, wrongMailedCode } from './totp.ts';

/** Operations of later versions that stand beside the seed's without changing them (spec §5.2, §5.3). */
export const signup = endpoint('POST /v0/auth/signup', {
  needs: 'nobody',
  operationId: 'signup',
  summary: 'Register, as later versions spell it',
  tag: 'Auth',
  body: Type.Object(registration),
  replies: { 202: Type.Object({ message: Type.String() }) },
  async handle(call) {
    await registerPerson(call, call.body);
    return json({ message: 'Verification email sent. Complete signup from the link in your inbox.' }, 202);
  },
});

const appToken = Type.Object({ token: Type.String() }, { description: 'For the header `Authorization: Bearer`' });

/** For applications without cookies: the token is in the body, which nothing on the way may keep. */
function appAdmitted(admission: Admission): Answer {
  const headers = { 'cache-control': 'no-store' };
  if (admission.kind === 'session') return { status: 200, headers, body: { token: admission.token } };
  return { status: 202, headers, body: { temp_token: admission.token } };
}

export const appLogin = endpoint('POST /v0/app/auth/login', {
  needs: 'nobody',
  operationId: 'appLogin',
  summary: 'Sign in a native application: the token is in the body',
  tag: 'Auth',
  body: loginBody,
  replies: { 200: appToken, 202: tempToken },
  // An application keeps its token: there is no browser that forgets it.
  handle: async (call) => appAdmitted(await passwordStep(call, { ...call.body, remember_me: true })),
});

export const appVerify = endpoint('POST /v0/app/auth/totp/verify', {
  needs: 'nobody',
  operationId: 'appVerifyTotp',
  summary: 'The second step of a native application’s sign-in',
  tag: 'Auth - TOTP',
  body: verifyBody,
  replies: { 200: appToken },
  refusals: wrongMailedCode,
  async handle(call) {
    const { temp_token: pendingToken, code } = call.body;
    const proof = { pendingToken, code: typedCode(code), accept: kindsOf(code), trustDevice: false };
    return appAdmitted(await completeSecondFactor(call.ctx, call.visitor, proof));
  },
});
