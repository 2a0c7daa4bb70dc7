import { Type } from 'typebox';
import { confirmEmailChange, requestEmailChange } from '../../../core/emails/change-email.ts';
import { requestEmailVerification } from '../../../core/emails/request-email-verification.ts';
import { verifyEmail } from '../../../core/emails/verify-email.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { linkTo } from '../links.ts';
import { email, filled } from '../schemas.ts';
import { shownEmail } from '../wire.ts';

export const tokenBody = Type.Object({ token: filled() });

export const verifyEmailEndpoint = endpoint('POST /v0/auth/verify-email', {
  needs: 'nobody',
  operationId: 'verifyEmail',
  summary: 'Spend the mailed token: the address is verified',
  tag: 'Auth',
  body: tokenBody,
  replies: { 204: null },
  async handle(call) {
    const { admission } = await verifyEmail(call.ctx, call.visitor, call.body.token);
    // Only where policy signs people in by this link.
    if (admission?.kind === 'session') call.sendSession(admission.token, admission.live.session);
    return { status: 204 };
  },
});

export const resendVerificationEmail = endpoint('POST /v0/auth/resend-verification-email', {
  needs: 'user',
  operationId: 'resendVerificationEmail',
  summary: 'Mail a fresh verification token to the signed-in user',
  tag: 'Auth',
  replies: { 204: null },
  // Somebody without an address has nothing to verify.
  refusals: { email_invalid: { status: 404, code: 'user:not_found' } },
  async handle(call, me) {
    await requestEmailVerification(call.ctx, me, {
      address: shownEmail(me.live.user),
      link: linkTo(call, 'verifyEmailPath'),
    });
    return { status: 204 };
  },
});

export const changeEmail = endpoint('POST /v0/auth/change-email', {
  needs: 'user',
  operationId: 'changeEmail',
  summary: 'Mail a token to the new address; it is confirmed by spending that',
  tag: 'Auth',
  body: Type.Object({ password: filled(), new_email: email() }),
  replies: { 204: null },
  async handle(call, me) {
    await requestEmailChange(call.ctx, me, {
      newAddress: call.body.new_email,
      password: call.body.password,
      link: linkTo(call, 'confirmEmailChangePath'),
    });
    return { status: 204 };
  },
});

const invalidEmailChange: WireError = { status: 400, code: 'token:invalid_email_change' };

export const confirmEmailChangeEndpoint = endpoint('POST /v0/auth/confirm-email-change', {
  needs: 'nobody',
  operationId: 'confirmEmailChange',
  summary: 'Spend the token from the new address, which takes the place of the old one',
  tag: 'Auth',
  body: tokenBody,
  replies: { 204: null },
  refusals: {
    code_not_found: invalidEmailChange,
    code_expired: invalidEmailChange,
    code_used: invalidEmailChange,
  },
  async handle(call) {
    // Signed in here, that session stays; all others end (core map §2).
    await confirmEmailChange(call.ctx, await call.actor(), 'email_change', call.body.token);
    return { status: 204 };
  },
});
