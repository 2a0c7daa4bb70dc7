import { Type } from 'typebox';
import { completeProviderSignUp } from '../../../core/identities/complete-provider-sign-up.ts';
import { signUpWithPassword } from '../../../core/users/sign-up-with-password.ts';
import { json } from '../../kit/answer.ts';
import type { AxumKitCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { linkTo } from '../links.ts';
import { email, filled, filledText, nullable } from '../schemas.ts';
import { mailCodeIfOnlyFactor, tempToken } from './session.ts';

const handle = filledText(3, 20, 'Handle must be between 3 and 20 characters.');
const displayName = filledText(1, 50, 'Name must be between 1 and 50 characters.');

export const registration = {
  email: email(),
  handle,
  display_name: displayName,
  password: filled('Password must be between 6 and 20 characters.'),
};

/** Makes a person, who then signs in. */
export const registerPerson = (
  call: AxumKitCall,
  body: { readonly email: string; readonly handle: string; readonly display_name: string; readonly password: string },
) =>
  signUpWithPassword(call.ctx, call.visitor, {
    email: body.email,
    password: body.password,
    displayName: body.display_name,
    username: body.handle,
    persistent: false,
    signsIn: false,
    verificationLink: linkTo(call, 'verifyEmailPath'),
  });

const registered = 'User created successfully. Please check your email to verify your account.';

export const register = endpoint('POST /v0/users', {
  needs: 'nobody',
  operationId: 'createUser',
  summary: 'Register; a verification mail follows',
  tag: 'User',
  body: Type.Object(registration),
  replies: { 201: Type.Object({ message: Type.String() }) },
  refuses: [
    ...(['method_disabled', 'sign_up_disabled', 'sign_up_rejected', 'bot_challenge_required'] as const),
    ...(['bot_challenge_failed', 'email_invalid', 'display_name_invalid', 'username_invalid'] as const),
    ...(['username_too_short', 'username_too_long', 'username_taken', 'password_too_short'] as const),
    ...(['password_too_long', 'password_breached', 'email_taken', 'too_many_requests', 'busy'] as const),
  ],
  example: {
    body: { email: 'ada@example.com', handle: 'ada', display_name: 'Ada Lovelace', password: 'correct horse' },
    reply: { 201: { message: registered } },
  },
  async handle(call) {
    await registerPerson(call, call.body);
    return json({ message: registered }, 201);
  },
});

export const completeSignup = endpoint('POST /v0/auth/complete-signup', {
  needs: 'nobody',
  operationId: 'completeSignup',
  summary: 'Choose a handle after the first sign-in by a provider: the account is made and signed in',
  tag: 'Auth',
  body: Type.Object({
    pending_token: filled('Pending token is required'),
    handle: filledText(3, 20, 'Handle must be between 3 and 20 characters'),
    display_name: Type.Optional(nullable(displayName)),
  }),
  replies: { 202: tempToken, 204: null },
  refusals: { email_taken: { status: 409, code: 'oauth:email_already_exists' } },
  async handle(call) {
    const { pending_token: token, handle: username, display_name: name } = call.body;
    const admission = await completeProviderSignUp(call.ctx, call.visitor, {
      token,
      username,
      displayName: name ?? null,
      browserToken: call.browser.id,
    });
    if (admission.kind === 'second_factor_required') await mailCodeIfOnlyFactor(call, admission);
    return call.admitted(admission);
  },
});
