import { Type } from 'typebox';
import type { MailedCodePurpose } from '../../../core/codes/one-time-value.ts';
import { checkMailedCode, verifyEmailWithCode } from '../../../core/emails/verify-email-with-code.ts';
import { resetPasswordWithCode } from '../../../core/passwords/reset-password-with-code.ts';
import { requestMailCode } from '../../../core/sign-in/request-mail-code.ts';
import { signInWithCode } from '../../../core/sign-in/sign-in-with-code.ts';
import { type Answer, json } from '../../kit/answer.ts';
import { fieldsOfNew } from '../additional-fields.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { nullable, successSchema, userSchema } from '../schemas.ts';
import { keepTrust, setChallenge, trustToken, twoFactorAnswer } from '../two-factor-challenge.ts';
import { refuseServerManaged } from '../user-fields.ts';
import { userWire } from '../wire.ts';

const tag = 'Email-otp';

/** What a code is for, in this wire's words. */
const purposes = {
  'sign-in': 'sign_in_code',
  'email-verification': 'email_verification_code',
  'forget-password': 'password_reset_code',
} as const satisfies Record<string, MailedCodePurpose>;

const type = Type.Union([
  Type.Literal('email-verification'),
  Type.Literal('sign-in'),
  Type.Literal('forget-password'),
  Type.Literal('change-email'),
]);

const wrong: WireError = { status: 400, code: 'INVALID_OTP', message: 'Invalid OTP' };
const refusals = {
  method_disabled: { status: 404, code: 'NOT_FOUND', message: 'Not found' },
  code_not_found: wrong,
  code_used: wrong,
  code_address_changed: wrong,
  sign_up_disabled: wrong,
  code_expired: { status: 400, code: 'OTP_EXPIRED', message: 'OTP expired' },
  code_exhausted: { status: 403, code: 'TOO_MANY_ATTEMPTS', message: 'Too many attempts' },
  user_not_found: { status: 400, code: 'USER_NOT_FOUND', message: 'User not found' },
} satisfies Record<string, WireError>;

const typed = { email: Type.String(), otp: Type.String({ maxLength: 64 }) };

/** Changes of address have a mail of their own, to both addresses. */
const wrongType: Answer = { status: 400, body: { message: 'Invalid OTP type', code: 'INVALID_OTP_TYPE' } };

export const sendVerificationOtp = endpoint('POST /email-otp/send-verification-otp', {
  needs: 'nobody',
  operationId: 'sendEmailVerificationOTP',
  summary: 'Mail a code',
  tag,
  body: Type.Object({ email: Type.String(), type }),
  replies: { 200: successSchema },
  refusals,
  async handle(call) {
    if (call.body.type === 'change-email') return wrongType;
    return mailCode(call, call.body.email, purposes[call.body.type]);
  },
});

async function mailCode(call: BetterAuthCall, address: string, purpose: MailedCodePurpose): Promise<Answer> {
  await requestMailCode(call.ctx, await call.actor(), { purpose, address });
  return json({ success: true });
}

export const checkVerificationOtp = endpoint('POST /email-otp/check-verification-otp', {
  needs: 'nobody',
  operationId: 'verifyEmailWithOTP',
  summary: 'Is a code right? It stays good',
  tag,
  body: Type.Object({ ...typed, type }),
  replies: { 200: successSchema },
  refusals,
  async handle(call) {
    const { body } = call;
    if (body.type === 'change-email') return wrongType;
    const purpose = purposes[body.type];
    await checkMailedCode(call.ctx, await call.actor(), { purpose, address: body.email, code: body.otp });
    return json({ success: true });
  },
});

export const verifyEmailOtp = endpoint('POST /email-otp/verify-email', {
  needs: 'nobody',
  operationId: 'verifyEmailOTP',
  summary: 'Verify an address with a code',
  tag,
  body: Type.Object(typed),
  replies: { 200: Type.Object({ status: Type.Literal(true), token: nullable(Type.String()), user: userSchema }) },
  refusals,
  async handle(call) {
    const { email: address, otp: code } = call.body;
    const { admission, person } = await verifyEmailWithCode(call.ctx, await call.actor(), { address, code });
    if (admission?.kind === 'second_factor_required') setChallenge(call, admission);
    if (admission?.kind === 'session') call.sendSession(admission.token, admission.live.session);
    const token = admission?.kind === 'session' ? admission.token : null;
    return json({ status: true, token, user: userWire(person, call.settings) });
  },
});

export const signInEmailOtp = endpoint('POST /sign-in/email-otp', {
  needs: 'nobody',
  operationId: 'signInWithEmailOTP',
  summary: 'Sign in with a code; an address without an account gets one',
  tag,
  body: Type.Object({
    ...typed,
    name: Type.Optional(Type.String()),
    image: Type.Optional(nullable(Type.String())),
  }),
  replies: {
    200: Type.Union([
      Type.Object({ token: Type.String(), user: userSchema }),
      Type.Object({ twoFactorRedirect: Type.Literal(true), twoFactorMethods: Type.Array(Type.String()) }),
    ]),
  },
  refusals,
  async handle(call) {
    const { body } = call;
    refuseServerManaged(body);
    const { admission } = await signInWithCode(call.ctx, await call.actor(), {
      address: body.email,
      code: body.otp,
      displayName: body.name ?? null,
      imageUrl: body.image ?? null,
      metadataClient: fieldsOfNew(body, call.settings),
      trustToken: trustToken(call),
    });
    if (admission.kind === 'second_factor_required') return twoFactorAnswer(call, admission);
    call.sendSession(admission.token, admission.live.session);
    keepTrust(call, admission.deviceTrust);
    return json({ token: admission.token, user: userWire(admission.live.user, call.settings) });
  },
});

/** Two names for one operation: the second is that of before 1.4. */
const requestReset = (
  route: 'POST /email-otp/request-password-reset' | 'POST /forget-password/email-otp',
  operationId: string,
) =>
  endpoint(route, {
    needs: 'nobody',
    operationId,
    summary: 'Mail a code to set a new password',
    tag,
    body: Type.Object({ email: Type.String() }),
    replies: { 200: successSchema },
    refusals,
    handle: (call) => mailCode(call, call.body.email, 'password_reset_code'),
  });

export const requestPasswordResetOtp = requestReset(
  'POST /email-otp/request-password-reset',
  'requestPasswordResetWithEmailOTP',
);
export const forgetPasswordOtp = requestReset('POST /forget-password/email-otp', 'forgetPasswordWithEmailOTP');

export const resetPasswordOtp = endpoint('POST /email-otp/reset-password', {
  needs: 'nobody',
  operationId: 'resetPasswordWithEmailOTP',
  summary: 'Set a new password with a code; every session ends',
  tag,
  body: Type.Object({ ...typed, password: Type.String() }),
  replies: { 200: successSchema },
  refusals,
  async handle(call) {
    const { email: address, otp: code, password } = call.body;
    await resetPasswordWithCode(call.ctx, await call.actor(), { address, code, password });
    return json({ success: true });
  },
});
