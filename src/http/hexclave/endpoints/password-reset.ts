import { Type } from 'typebox';
import { checkCode } from '../../../core/codes/check-code.ts';
import { changePassword } from '../../../core/passwords/change-password.ts';
import { requestPasswordReset } from '../../../core/passwords/request-password-reset.ts';
import { resetPassword } from '../../../core/passwords/reset-password.ts';
import { setFirstPassword } from '../../../core/passwords/set-first-password.ts';
import { checkReturnUrl } from '../../../core/return-urls.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { codeLink } from '../links.ts';
import { codeIsValid, code as codeText, email, Fields, newPassword, success, url } from '../schemas.ts';

const tag = 'Password';

export const sendResetCode = endpoint('POST /auth/password/send-reset-code', {
  needs: 'project_client',
  operationId: 'sendPasswordResetCode',
  summary: 'Mail a link to choose a new password',
  tag,
  body: Fields({ email: email(), callback_url: url() }),
  replies: { 200: Type.Object({ success: Type.String() }) },
  async handle(call) {
    const { body, ctx } = call;
    const link = codeLink(checkReturnUrl(ctx, body.callback_url, 'callback_url'));
    await requestPasswordReset(ctx, call.newcomer, { address: body.email, link });
    return json({ success: 'maybe, only if user with e-mail exists' });
  },
});

export const resetPasswordByCode = endpoint('POST /auth/password/reset', {
  needs: 'project_client',
  operationId: 'resetPassword',
  summary: 'Set a new password with the code of the mailed link',
  tag,
  body: Fields({ password: newPassword(), code: codeText() }),
  replies: { 200: success },
  async handle(call) {
    const { code, password } = call.body;
    await resetPassword(call.ctx, call.newcomer, { token: code.toLowerCase(), password });
    return json({ success: true });
  },
});

export const checkResetCode = endpoint('POST /auth/password/reset/check-code', {
  needs: 'project_client',
  operationId: 'checkPasswordResetCode',
  summary: 'Would this code set a new password?',
  tag,
  body: Fields({ code: codeText() }),
  replies: { 200: codeIsValid },
  async handle(call) {
    await checkCode(call.ctx, 'password_reset', call.body.code.toLowerCase());
    return json({ is_code_valid: true });
  },
});

export const setPassword = endpoint('POST /auth/password/set', {
  needs: 'user',
  userIsField: true,
  operationId: 'setPassword',
  summary: 'A first password for whoever has none',
  tag,
  body: Fields({ password: newPassword() }),
  replies: { 200: success },
  async handle(call, me) {
    await setFirstPassword(call.ctx, me, call.body.password);
    return json({ success: true });
  },
});

export const updatePassword = endpoint('POST /auth/password/update', {
  needs: 'user',
  userIsField: true,
  operationId: 'updatePassword',
  summary: 'Change the password; sessions end but the one whose refresh token is shown',
  tag,
  body: Fields({ old_password: Type.String(), new_password: newPassword() }),
  replies: { 200: success },
  async handle(call, me) {
    const { old_password: current, new_password: next } = call.body;
    await changePassword(call.ctx, me, {
      current,
      next,
      newToken: false,
      spared: call.named('refresh-token'),
    });
    return json({ success: true });
  },
});
