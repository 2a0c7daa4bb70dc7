import { type Static, Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import type { LinkPurpose } from '../../../core/codes/mailed-links.ts';
import { confirmEmailChange, requestEmailChange } from '../../../core/emails/change-email.ts';
import { requestEmailVerification } from '../../../core/emails/request-email-verification.ts';
import { verifyEmail } from '../../../core/emails/verify-email.ts';
import { type Answer, json } from '../../kit/answer.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { landing } from '../landing.ts';
import { verificationLink } from '../links.ts';
import { finished, followLink, rememberBrowser, told } from '../mailed-links.ts';
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
      link: verificationLink(call.settings, landing(call, call.body.callbackURL)),
      browserToken: rememberBrowser(call),
    });
    return json({ status: true });
  },
});

const followed = Type.Object({ token: Type.String(), callbackURL: returnUrl('Where to go on to') });
type Followed = Static<typeof followed>;

const path = '/verify-email';

export const verifyEmailEndpoint = endpoint(`GET ${path}`, {
  needs: 'nobody',
  operationId: 'verifyEmail',
  summary: 'The mailed link: verifies an address, or moves an e-mail change on',
  tag: 'Default',
  query: followed,
  replies: { 200: Type.Object({ status: Type.Boolean(), user: Type.Optional(nullable(userSchema)) }), 302: null },
  handle: (call) => follow(call, call.query),
});

/** What the page's button posts. */
export const confirmVerifyEmail = endpoint(`POST ${path}`, {
  needs: 'nobody',
  operationId: 'confirmVerifyEmail',
  summary: 'The same, by somebody who pressed the button',
  tag: 'Default',
  hidden: true,
  acceptsForms: true,
  body: followed,
  replies: { 302: null },
  handle: (call) => follow(call, call.body),
});

/** One address for three kinds of link: the token's purpose says which. */
const follow = (call: BetterAuthCall, { token, callbackURL }: Followed): Promise<Answer> =>
  followLink(call, {
    path,
    purposes: ['email_verification', 'email_change_confirm', 'email_change'],
    token,
    ends: { callbackURL },
    async act(purpose) {
      const wire = await act(call, purpose, token);
      return finished(call, purpose, callbackURL, () => json(wire));
    },
    repeated: (purpose) => json(purpose === 'email_change_confirm' ? { status: true } : { status: true, user: null }),
    refused: (refusal, error) => {
      const expired = { ...error, code: 'TOKEN_EXPIRED', message: 'Token expired' };
      return told(call, refusal.code === 'code_expired' ? expired : error, 401);
    },
  });

/** @returns what a program is answered */
async function act(call: BetterAuthCall, purpose: LinkPurpose, token: string): Promise<object> {
  const actor = await call.actor();
  if (purpose === 'email_change' || purpose === 'email_change_confirm') {
    const change = await confirmEmailChange(call.ctx, actor, purpose, token);
    if (change.step === 'confirmed') return { status: true };
    const { admission, person } = change;
    if (admission?.kind === 'session') call.sendSession(admission.token, admission.live.session);
    return { status: true, user: userWire(person, call.settings) };
  }
  const { admission } = await verifyEmail(call.ctx, actor, token);
  if (admission?.kind === 'session') call.sendSession(admission.token, admission.live.session);
  if (admission?.kind === 'second_factor_required') setChallenge(call, admission);
  return { status: true, user: null };
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
        link: verificationLink(call.settings, landing(call, call.body.callbackURL)),
      });
    } catch (refusal) {
      // Whether an address has an account is not for its asker to know (rule 17).
      if (!(refusal instanceof Refusal && refusal.code === 'email_taken')) throw refusal;
    }
    return json({ status: true });
  },
});
