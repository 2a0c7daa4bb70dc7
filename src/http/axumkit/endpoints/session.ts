import { Type } from 'typebox';
import { sendSecondFactorCode } from '../../../core/factors/mail-code.ts';
import { endSession } from '../../../core/sessions/end-session.ts';
import { signInWithPassword } from '../../../core/sign-in/sign-in-with-password.ts';
import type { AxumKitCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { linkTo } from '../links.ts';
import { email } from '../schemas.ts';

export const tempToken = Type.Object({ temp_token: Type.String() }, { description: 'A second factor is asked for' });

export const loginBody = Type.Object({
  email: email(),
  // Any length that could have been set anywhere: other dialects allow more than 20 (core map P1).
  password: Type.String({ pattern: '^[\\s\\S]{6,}$', says: 'Password must be between 6 and 20 characters.' }),
  remember_me: Type.Optional(Type.Boolean({ default: false })),
});

/** The password step of every way to sign in with one. */
export async function passwordStep(
  call: AxumKitCall,
  body: { readonly email: string; readonly password: string; readonly remember_me?: boolean },
) {
  const admission = await signInWithPassword(call.ctx, call.visitor, {
    identifier: { email: body.email },
    password: body.password,
    persistent: body.remember_me ?? false,
    verificationLink: linkTo(call, 'verifyEmailPath'),
  });
  if (admission.kind === 'second_factor_required') await mailCodeIfOnlyFactor(call, admission);
  return admission;
}

/** Who has no authenticator app has the mailed code, and this wire has no word to ask for it (core map F3). */
export async function mailCodeIfOnlyFactor(
  call: AxumKitCall,
  { person, token }: { readonly person: { readonly factors: { readonly totp: boolean } }; readonly token: string },
): Promise<void> {
  if (!person.factors.totp) await sendSecondFactorCode(call.ctx, call.visitor, token);
}

export const login = endpoint('POST /v0/auth/login', {
  needs: 'nobody',
  operationId: 'login',
  summary: 'Sign in with an e-mail and a password',
  tag: 'Auth',
  body: loginBody,
  replies: { 202: tempToken, 204: null },
  refuses: [
    ...(['method_disabled', 'email_invalid', 'credential_rejected', 'email_not_verified'] as const),
    ...(['user_banned', 'user_deactivated', 'user_restricted', 'too_many_requests', 'busy'] as const),
  ],
  example: { body: { email: 'ada@example.com', password: 'correct horse' } },
  handle: async (call) => call.admitted(await passwordStep(call, call.body)),
});

export const logout = endpoint('POST /v0/auth/logout', {
  needs: 'user',
  operationId: 'logout',
  summary: 'End the current session',
  tag: 'Auth',
  replies: { 204: null },
  async handle(call, me) {
    await endSession(call.ctx, me);
    call.clearSession();
    return { status: 204 };
  },
});
