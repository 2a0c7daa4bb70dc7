import { Type } from 'typebox';
import { changePassword } from '../../../core/passwords/change-password.ts';
import { requestPasswordReset } from '../../../core/passwords/request-password-reset.ts';
import { resetPassword } from '../../../core/passwords/reset-password.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { linkTo } from '../links.ts';
import { email, filled } from '../schemas.ts';

/** Its bounds are the core's: the stricter of this dialect's and the project's (core map P1). */
const newPassword = filled('Password must be between 6 and 20 characters.');

export const forgotPassword = endpoint('POST /v0/auth/forgot-password', {
  needs: 'nobody',
  operationId: 'forgotPassword',
  summary: 'Mail a token to reset the password; unknown addresses are answered alike',
  tag: 'Auth',
  body: Type.Object({ email: email() }),
  replies: { 204: null },
  async handle(call) {
    const link = linkTo(call, 'resetPasswordPath');
    await requestPasswordReset(call.ctx, call.visitor, { address: call.body.email, link });
    return { status: 204 };
  },
});

const invalidReset: WireError = { status: 400, code: 'token:invalid_reset' };

export const resetPasswordEndpoint = endpoint('POST /v0/auth/reset-password', {
  needs: 'nobody',
  operationId: 'resetPassword',
  summary: 'Set a new password with the mailed token; every session ends',
  tag: 'Auth',
  body: Type.Object({ token: filled(), new_password: newPassword }),
  replies: { 204: null },
  refusals: {
    code_not_found: invalidReset,
    code_expired: invalidReset,
    code_used: invalidReset,
    code_address_changed: invalidReset,
  },
  async handle(call) {
    const { token, new_password: password } = call.body;
    await resetPassword(call.ctx, call.visitor, { token, password });
    return { status: 204 };
  },
});

export const changePasswordEndpoint = endpoint('POST /v0/auth/change-password', {
  needs: 'user',
  operationId: 'changePassword',
  summary: 'Change the password; other sessions end',
  tag: 'Auth',
  body: Type.Object({ current_password: filled(), new_password: newPassword }),
  replies: { 204: null },
  async handle(call, me) {
    const { current_password: current, new_password: next } = call.body;
    await changePassword(call.ctx, me, { current, next, newToken: false, mustDiffer: true });
    return { status: 204 };
  },
});
