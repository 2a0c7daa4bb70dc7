import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { completeSecondFactor } from '../../../core/factors/complete-second-factor.ts';
import { sendSecondFactorCode } from '../../../core/factors/mail-code.ts';
import { readPendingFactors } from '../../../core/factors/read-pending.ts';
import type { Answer } from '../../kit/answer.ts';
import { logRefusal } from '../../kit/log-refusal.ts';
import { errorPage } from '../../pages/message-pages.ts';
import { secondFactorPage } from '../../pages/second-factor-page.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { goOn } from '../landing.ts';
import { formSourceOf } from '../links.ts';
import { nonce, signedInPage } from '../mailed-links.ts';
import { challengeToken, clearChallenge, keepTrust } from '../two-factor-challenge.ts';

/** Where a redirect flow stops when a second factor is owed: its wire has no other place for it (core map F2). */
export const secondFactorPath = '/second-factor';

const common = { summary: 'Page that asks for the second factor', tag: 'Two-factor', hidden: true } as const;

export const showSecondFactorPage = endpoint(`GET ${secondFactorPath}`, {
  needs: 'nobody',
  ...common,
  operationId: 'secondFactorPage',
  replies: { 200: null },
  handle: (call) => show(call, null, false),
});

export const takeSecondFactorPage = endpoint(`POST ${secondFactorPath}`, {
  needs: 'nobody',
  ...common,
  operationId: 'secondFactorPageSubmit',
  acceptsForms: true,
  body: Type.Object({
    code: Type.Optional(Type.String({ maxLength: 64 })),
    trust: Type.Optional(Type.String()),
    mail: Type.Optional(Type.String()),
  }),
  replies: { 302: null },
  async handle(call) {
    const { body } = call;
    const actor = await call.actor();
    try {
      if (body.mail !== undefined) {
        await sendSecondFactorCode(call.ctx, actor, challengeToken(call));
        return await show(call, null, true);
      }
      const admission = await completeSecondFactor(call.ctx, actor, {
        pendingToken: challengeToken(call),
        code: body.code ?? '',
        accept: ['totp', 'mail_code', 'backup_code'],
        trustDevice: body.trust !== undefined,
      });
      if (admission.kind !== 'session') throw new Error('a completed second factor was asked for again');
      call.sendSession(admission.token, admission.live.session);
      clearChallenge(call);
      keepTrust(call, admission.deviceTrust);
      return goOn(call, admission.returnTo, () => signedInPage(call));
    } catch (refusal) {
      if (refusal instanceof Refusal) logRefusal(call.request, refusal, 'Better Auth');
      const text = refusal instanceof Refusal ? trouble[refusal.code] : undefined;
      if (text === undefined) return lost(call, refusal);
      return show(call, text, false);
    }
  },
});

const trouble: Partial<Record<Refusal['code'], string>> = {
  second_factor_rejected: 'This code is not right, or it was used before. Try the next one.',
  code_expired: 'This code has expired. Ask for a new one.',
  code_exhausted: 'Too many tries with this code. Ask for a new one.',
  temporarily_locked: 'Too many wrong codes. Wait a quarter of an hour, then sign in again.',
};

async function show(call: BetterAuthCall, text: string | null, mailed: boolean): Promise<Answer> {
  try {
    const { mailCode, returnTo } = await readPendingFactors(call.ctx, challengeToken(call));
    const action = `${new URL(call.settings.baseUrl).pathname}${secondFactorPath}`;
    return secondFactorPage({
      nonce: nonce(call),
      action,
      mayMail: mailCode && !mailed,
      mailed,
      trouble: text,
      formMayLeadTo: formSourceOf(returnTo),
    });
  } catch (refusal) {
    return lost(call, refusal);
  }
}

/** No sign-in waits here any more: it expired, was finished, or was given up after too many tries. */
function lost(call: BetterAuthCall, refusal: unknown): Answer {
  if (!(refusal instanceof Refusal)) throw refusal;
  clearChallenge(call);
  return errorPage({ code: 'state_mismatch', nonce: nonce(call), ctx: call.ctx, status: 400 });
}
