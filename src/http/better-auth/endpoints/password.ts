import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { checkCode } from '../../../core/codes/check-code.ts';
import { changePassword } from '../../../core/passwords/change-password.ts';
import { provePassword } from '../../../core/passwords/prove-password.ts';
import { requestPasswordReset } from '../../../core/passwords/request-password-reset.ts';
import { resetPassword } from '../../../core/passwords/reset-password.ts';
import { ownUrl, type TrustedUrl, withQuery } from '../../../core/return-urls.ts';
import { json } from '../../kit/answer.ts';
import { logRefusal } from '../../kit/log-refusal.ts';
import { endpoint } from '../endpoint.ts';
import { landingIfGiven } from '../landing.ts';
import { redirectTo, resetLink } from '../links.ts';
import { returnUrl, statusSchema, tokenAndUserSchema } from '../schemas.ts';
import { userWire } from '../wire.ts';

const resetDisabled = { status: 400, code: 'RESET_PASSWORD_DISABLED', message: "Reset password isn't enabled" };

/** Two names for one operation: the older client asks for `/forget-password` (spec §1.14). */
const requestReset = (path: '/request-password-reset' | '/forget-password', operationId: string) =>
  endpoint(`POST ${path}`, {
    needs: 'nobody',
    operationId,
    summary: 'Mail a link to reset the password',
    tag: 'Default',
    body: Type.Object({ email: Type.String(), redirectTo: returnUrl('Page of the application that takes the token') }),
    replies: { 200: Type.Object({ status: Type.Boolean(), message: Type.String() }) },
    refusals: {
      method_disabled: resetDisabled,
      email_invalid: { status: 400, code: 'VALIDATION_ERROR', message: '[body.email] Invalid email address' },
    },
    async handle(call) {
      await requestPasswordReset(call.ctx, await call.actor(), {
        address: call.body.email,
        link: resetLink(call.settings, landingIfGiven(call, call.body.redirectTo)),
      });
      return json({
        status: true,
        message: 'If this email exists in our system, check your email for the reset link',
      });
    },
  });

export const requestPasswordResetEndpoint = requestReset('/request-password-reset', 'requestPasswordReset');
export const forgetPassword = requestReset('/forget-password', 'forgetPassword');

export const resetPasswordCallback = endpoint('GET /reset-password/:token', {
  needs: 'nobody',
  operationId: 'forgetPasswordCallback',
  summary: 'The mailed link: goes on to the page that takes the new password',
  tag: 'Default',
  params: Type.Object({ token: Type.String() }),
  query: Type.Object({ callbackURL: Type.Unsafe<TrustedUrl>(Type.String()) }),
  replies: { 302: null },
  async handle(call) {
    const { token } = call.params;
    // Our page takes the new password where the application named none, and says what is wrong with a dead link.
    const hosted = withQuery(ownUrl(call.ctx.pagesUrl, '/-/reset-password'), { token });
    const target = landingIfGiven(call, call.query.callbackURL);
    if (target === null) return redirectTo(hosted);
    try {
      await checkCode(call.ctx, 'password_reset', token);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      logRefusal(call.request, refusal, 'Better Auth');
      return redirectTo(withQuery(target, { error: 'INVALID_TOKEN' }));
    }
    return redirectTo(withQuery(target, { token }));
  },
});

export const resetPasswordEndpoint = endpoint('POST /reset-password', {
  needs: 'nobody',
  operationId: 'resetPassword',
  summary: 'Set a new password with the token of the mailed link',
  tag: 'Default',
  body: Type.Object({ newPassword: Type.String(), token: Type.Optional(Type.String()) }),
  query: Type.Object({ token: Type.Optional(Type.String()) }),
  replies: { 200: statusSchema },
  async handle(call) {
    await resetPassword(call.ctx, await call.actor(), {
      token: call.body.token ?? call.query.token ?? '',
      password: call.body.newPassword,
    });
    return json({ status: true });
  },
});

export const changePasswordEndpoint = endpoint('POST /change-password', {
  needs: 'user',
  operationId: 'changePassword',
  summary: 'Change the password; other sessions end',
  tag: 'Default',
  body: Type.Object({
    newPassword: Type.String(),
    currentPassword: Type.String(),
    revokeOtherSessions: Type.Optional(nullableBoolean()),
  }),
  replies: { 200: tokenAndUserSchema },
  async handle(call, me) {
    const token = await changePassword(call.ctx, me, {
      current: call.body.currentPassword,
      next: call.body.newPassword,
      newToken: call.body.revokeOtherSessions ?? false,
    });
    if (token !== null) call.sendSession(token, me.live.session);
    const person = (await call.ctx.store.read.users.find(me.live.user.id)) ?? me.live.user;
    return json({ token, user: userWire(person, call.settings) });
  },
});

function nullableBoolean() {
  return Type.Union([Type.Boolean(), Type.Null()]);
}

export const verifyPassword = endpoint('POST /verify-password', {
  needs: 'user',
  fromStore: true,
  operationId: 'verifyPassword',
  summary: 'Is this the password of the signed-in user?',
  tag: 'Default',
  body: Type.Object({ password: Type.String() }),
  replies: { 200: statusSchema },
  refusals: { password_not_set: { status: 400, code: 'INVALID_PASSWORD', message: 'Invalid password' } },
  async handle(call, me) {
    await provePassword(call.ctx, me, call.body.password);
    return json({ status: true });
  },
});
