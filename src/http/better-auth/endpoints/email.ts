import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { purposeOfCode } from '../../../core/codes/check-code.ts';
import { confirmEmailChange, requestEmailChange } from '../../../core/emails/change-email.ts';
import { requestEmailVerification } from '../../../core/emails/request-email-verification.ts';
import { verifyEmail } from '../../../core/emails/verify-email.ts';
import { type TrustedUrl, withQuery } from '../../../core/return-urls.ts';
import type { Person } from '../../../core/users/user.ts';
import { type Answer, json } from '../../kit/answer.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { redirectCode, spellCode, type WireError, wireErrorOf } from '../errors.ts';
import { redirectTo, verificationLink } from '../links.ts';
import { nullable, returnUrl, returnUrlOrNull, statusSchema, userSchema } from '../schemas.ts';
import { setChallenge } from '../two-factor-challenge.ts';
import { userWire } from '../wire.ts';

const invalidAddress = { status: 400, code: 'VALIDATION_ERROR', message: '[body.email] Invalid email address' };

export const sendVerificationEmail = endpoint('POST /send-verification-email', {
  needs: 'nobody',
  operationId: 'sendVerificationEmail',
  summary: 'Mail a link that verifies an address',
  tag: 'Default',
  body: Type.Object({ email: Type.String(), callbackURL: returnUrlOrNull('Where the link goes on to') }),
  replies: { 200: statusSchema },
  refusals: { email_invalid: invalidAddress },
  async handle(call) {
    await requestEmailVerification(call.ctx, await call.actor(), {
      address: call.body.email,
      link: verificationLink(call.settings, call.body.callbackURL ?? undefined),
    });
    return json({ status: true });
  },
});

const purposes = ['email_verification', 'email_change_confirm', 'email_change'] as const;

export const verifyEmailEndpoint = endpoint('GET /verify-email', {
  needs: 'nobody',
  operationId: 'verifyEmail',
  summary: 'The mailed link: verifies an address, or moves an e-mail change on',
  tag: 'Default',
  query: Type.Object({ token: Type.String(), callbackURL: returnUrl('Where to go on to') }),
  replies: { 200: Type.Object({ status: Type.Boolean(), user: Type.Optional(nullable(userSchema)) }), 302: null },
  async handle(call) {
    const { callbackURL } = call.query;
    try {
      const answer = await followLink(call);
      return callbackURL ? redirectTo(callbackURL) : answer;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return linkRefused(call, refusal, callbackURL);
    }
  },
});

/** One address for three kinds of link: the token's purpose says which. */
async function followLink(call: BetterAuthCall): Promise<Answer> {
  const { token } = call.request.query as { token: string };
  const actor = await call.actor();
  const purpose = await purposeOfCode(call.ctx, purposes, token);
  if (purpose === 'email_change' || purpose === 'email_change_confirm') {
    const change = await confirmEmailChange(call.ctx, actor, purpose, token);
    if (change.step === 'confirmed') return json({ status: true });
    const { admission, person } = change;
    if (admission?.kind === 'session') call.sendSession(admission.token, admission.live.session);
    return json({ status: true, user: userWire(person, call.settings) });
  }
  const { admission } = await verifyEmail(call.ctx, actor, token);
  if (admission?.kind === 'session') call.sendSession(admission.token, admission.live.session);
  if (admission?.kind === 'second_factor_required') setChallenge(call, admission);
  return json({ status: true, user: null as Person | null });
}

function linkRefused(call: BetterAuthCall, refusal: Refusal, callbackURL: TrustedUrl | undefined): Answer {
  const { errorCodes } = call.settings;
  const error: WireError = wireErrorOf(refusal.code, refusal.detail);
  const told = refusal.code === 'code_expired' ? { ...error, code: 'TOKEN_EXPIRED', message: 'Token expired' } : error;
  if (callbackURL) return redirectTo(withQuery(callbackURL, { error: redirectCode(told, errorCodes) }));
  return json({ message: told.message, code: spellCode(told.code, errorCodes) }, 401);
}

export const changeEmail = endpoint('POST /change-email', {
  needs: 'user',
  operationId: 'changeEmail',
  summary: 'Start replacing the e-mail of the user',
  tag: 'Default',
  body: Type.Object({ newEmail: Type.String(), callbackURL: returnUrl('Where the mailed link goes on to') }),
  replies: { 200: statusSchema },
  refusals: {
    email_invalid: { status: 400, code: 'VALIDATION_ERROR', message: '[body.newEmail] Invalid email address' },
  },
  async handle(call, me) {
    try {
      await requestEmailChange(call.ctx, me, {
        newAddress: call.body.newEmail,
        link: verificationLink(call.settings, call.body.callbackURL),
      });
    } catch (refusal) {
      // Whether an address has an account is not for its asker to know (rule 17).
      if (!(refusal instanceof Refusal && refusal.code === 'email_taken')) throw refusal;
    }
    return json({ status: true });
  },
});
