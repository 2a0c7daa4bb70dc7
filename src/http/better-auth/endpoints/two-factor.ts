import { type Static, type TSchema, Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import type { UserActor } from '../../../core/actor.ts';
import { completeSecondFactor } from '../../../core/factors/complete-second-factor.ts';
import { sendProofCode, sendSecondFactorCode } from '../../../core/factors/mail-code.ts';
import {
  disableSecondFactor,
  enableMailFactor,
  generateBackupCodes as regenerate,
  showTotp,
  stageTotp,
} from '../../../core/factors/manage-factors.ts';
import type { Accepted } from '../../../core/factors/match-factor.ts';
import { proveBackupCode, proveMailCode, proveTotp } from '../../../core/factors/prove-factor.ts';
import { totpUri } from '../../../core/factors/totp.ts';
import { type Answer, json } from '../../kit/answer.ts';
import { expiredCookieLine } from '../../kit/cookies.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { statusSchema, userSchema } from '../schemas.ts';
import { challengeToken, clearChallenge, keepTrust } from '../two-factor-challenge.ts';
import { shownEmail, userWire } from '../wire.ts';

const tag = 'Two-factor';
const passwordBody = Type.Object({ password: Type.String() });
/** People without a password learn no more than that theirs is wrong. */
const refusals = {
  password_not_set: { status: 400, code: 'INVALID_PASSWORD', message: 'Invalid password' },
} as const;

const uriOf = (call: BetterAuthCall, actor: UserActor, secretBase32: string, issuer?: string): string =>
  totpUri({ issuer: issuer || call.ctx.project.displayName, account: shownEmail(actor.live.user), secretBase32 });

/** `XXXX-XXXX`: easier to copy by hand; what comes back may have the hyphen or not. */
const shownCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`;

export const enable = endpoint('POST /two-factor/enable', {
  needs: 'user',
  operationId: 'enableTwoFactor',
  summary: 'Stage an authenticator secret, or switch mailed codes on',
  tag,
  body: Type.Object({
    password: Type.String(),
    issuer: Type.Optional(Type.String({ maxLength: 100 })),
    method: Type.Optional(Type.Union([Type.Literal('totp'), Type.Literal('otp')])),
  }),
  replies: {
    200: Type.Union([
      Type.Object({ method: Type.Literal('totp'), totpURI: Type.String(), backupCodes: Type.Array(Type.String()) }),
      Type.Object({ method: Type.Literal('otp') }),
    ]),
  },
  refusals,
  async handle(call, me) {
    const { password, method, issuer } = call.body;
    if (method === 'otp') {
      call.sendSession(await enableMailFactor(call.ctx, me, password), me.live.session);
      return json({ method: 'otp' });
    }
    const { secretBase32, backupCodes } = await stageTotp(call.ctx, me, password);
    return json({
      method: 'totp',
      totpURI: uriOf(call, me, secretBase32, issuer),
      backupCodes: backupCodes.map(shownCode),
    });
  },
});

export const disable = endpoint('POST /two-factor/disable', {
  needs: 'user',
  operationId: 'disableTwoFactor',
  summary: 'Take every second factor away',
  tag,
  body: passwordBody,
  replies: { 200: statusSchema },
  refusals,
  async handle(call, me) {
    call.sendSession(await disableSecondFactor(call.ctx, me, call.body.password), me.live.session);
    call.addCookie(expiredCookieLine(call.signed.name('trust_device'), call.signed.attributes));
    return json({ status: true });
  },
});

export const getTotpUri = endpoint('POST /two-factor/get-totp-uri', {
  needs: 'user',
  operationId: 'getTotpUri',
  summary: 'The address for the QR code, again',
  tag,
  body: passwordBody,
  replies: { 200: Type.Object({ totpURI: Type.String() }) },
  refusals,
  async handle(call, me) {
    return json({ totpURI: uriOf(call, me, await showTotp(call.ctx, me, call.body.password)) });
  },
});

export const generateBackupCodes = endpoint('POST /two-factor/generate-backup-codes', {
  needs: 'user',
  operationId: 'generateBackupCodes',
  summary: 'Replace the backup codes',
  tag,
  body: passwordBody,
  replies: { 200: Type.Object({ status: Type.Boolean(), backupCodes: Type.Array(Type.String()) }) },
  refusals,
  async handle(call, me) {
    const codes = await regenerate(call.ctx, me, call.body.password);
    return json({ status: true, backupCodes: codes.map(shownCode) });
  },
});

export const sendOtp = endpoint('POST /two-factor/send-otp', {
  needs: 'nobody',
  operationId: 'sendTwoFactorOtp',
  summary: 'Mail a code for the second step, or as a proof while signed in',
  tag,
  bodyOptional: true,
  body: Type.Object({ trustDevice: Type.Optional(Type.Boolean()) }),
  replies: { 200: statusSchema },
  async handle(call) {
    const actor = await call.actor();
    if (actor.kind === 'user') await sendProofCode(call.ctx, actor);
    else await sendSecondFactorCode(call.ctx, actor, challengeToken(call));
    return json({ status: true });
  },
});

const verified = Type.Object({ token: Type.Optional(Type.String()), user: userSchema });
const codeBody = { code: Type.String({ maxLength: 64 }), trustDevice: Type.Optional(Type.Boolean()) };

/** Three ways to show a factor: a session wins over a challenge (spec §2.5). */
const verify = <B extends TSchema & { '~static'?: unknown }>(
  name: 'totp' | 'otp' | 'backup-code',
  summary: string,
  body: B,
  accept: Accepted,
  prove: (call: BetterAuthCall, actor: UserActor, code: string) => Promise<string | null>,
) =>
  endpoint(`POST /two-factor/verify-${name}`, {
    needs: 'nobody',
    operationId: `verify${name.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())}`,
    summary,
    tag,
    body,
    replies: { 200: verified },
    refusals: {
      code_expired: { status: 400, code: 'OTP_HAS_EXPIRED', message: 'OTP has expired' },
    },
    async handle(call) {
      const given = call.body as Static<typeof anyCode>;
      const actor = await call.actor();
      if (actor.kind !== 'user') return completeChallenge(call, given, accept);
      const rotated = await prove(call, actor, given.code);
      if (rotated !== null) call.sendSession(rotated, actor.live.session);
      const person = (await call.ctx.store.read.users.find(actor.live.user.id)) ?? actor.live.user;
      return json({ token: rotated ?? call.token, user: userWire(person, call.settings) });
    },
  });

const anyCode = Type.Object({ ...codeBody, disableSession: Type.Optional(Type.Boolean()) });

export const verifyTotp = verify(
  'totp',
  'Show a code of the authenticator app',
  Type.Object(codeBody),
  ['totp'],
  (call, actor, code) => proveTotp(call.ctx, actor, code),
);

export const verifyOtp = verify(
  'otp',
  'Show a mailed code',
  Type.Object(codeBody),
  ['mail_code'],
  (call, actor, code) => proveMailCode(call.ctx, actor, code),
);

export const verifyBackupCode = verify(
  'backup-code',
  'Show a backup code',
  anyCode,
  ['backup_code'],
  async (call, actor, code) => {
    await proveBackupCode(call.ctx, actor, code);
    return null;
  },
);

const noSessionless = '[body.disableSession] Invalid input: the second step of a sign-in makes its session';

async function completeChallenge(
  call: BetterAuthCall,
  given: Static<typeof anyCode>,
  accept: Accepted,
): Promise<Answer> {
  // Before the code is spent: a second step that makes no session would leave one that nobody holds.
  if (given.disableSession) throw new Refusal('input_invalid', { field: noSessionless });
  let admission: Awaited<ReturnType<typeof completeSecondFactor>>;
  try {
    admission = await completeSecondFactor(call.ctx, await call.actor(), {
      pendingToken: challengeToken(call),
      code: given.code,
      accept,
      trustDevice: given.trustDevice ?? false,
    });
  } catch (refusal) {
    if (refusal instanceof Refusal && refusal.code === 'pending_sign_in_exhausted') clearChallenge(call);
    throw refusal;
  }
  if (admission.kind !== 'session') throw new Error('a completed second factor was asked for again');
  call.sendSession(admission.token, admission.live.session);
  clearChallenge(call);
  keepTrust(call, admission.deviceTrust);
  return json({ token: admission.token, user: userWire(admission.live.user, call.settings) });
}
