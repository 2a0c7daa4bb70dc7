import { Type } from 'typebox';
import { typedCode } from '../../../base/typed-code.ts';
import { activateTotp } from '../../../core/factors/activate-totp.ts';
import { completeSecondFactor } from '../../../core/factors/complete-second-factor.ts';
import {
  disableSecondFactorByCode,
  generateBackupCodesByCode,
  stageTotpSecret,
} from '../../../core/factors/manage-factors.ts';
import type { Accepted } from '../../../core/factors/match-factor.ts';
import { readTotpStatus } from '../../../core/factors/read-totp-status.ts';
import { totpUri } from '../../../core/factors/totp.ts';
import { json } from '../../kit/answer.ts';
import { qrPng } from '../../kit/qr-png.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { code, time } from '../schemas.ts';
import { shownEmail, timeWire } from '../wire.ts';

const tag = 'Auth - TOTP';
const backupCodes = Type.Object({ backup_codes: Type.Array(Type.String()) });
const appCode = code(6, 6, 'TOTP code must be 6 digits');
const anyCode = code(6, 8, 'Code must be 6-8 characters');

/** Longer names than this no app shows, and the QR code must stay readable. */
const longestIssuer = 40;

/** The length says what it is; seven characters are nothing (spec §2.4). */
export function kindsOf(typed: string): Accepted {
  const { length } = typedCode(typed);
  return length === 6 ? ['totp', 'mail_code'] : length === 8 ? ['backup_code'] : [];
}

export const setup = endpoint('POST /v0/auth/totp/setup', {
  needs: 'user',
  operationId: 'setupTotp',
  summary: 'Make a secret for an authenticator app, which a first code switches on',
  tag,
  replies: { 200: Type.Object({ qr_code_base64: Type.String(), qr_code_uri: Type.String() }) },
  async handle(call, me) {
    const secretBase32 = await stageTotpSecret(call.ctx, me);
    const issuer = [...(call.settings.totpIssuer ?? call.ctx.project.displayName)].slice(0, longestIssuer).join('');
    const uri = totpUri({ issuer, account: shownEmail(me.live.user), secretBase32 });
    return json({ qr_code_base64: (await qrPng(uri)).toString('base64'), qr_code_uri: uri });
  },
});

export const enable = endpoint('POST /v0/auth/totp/enable', {
  needs: 'user',
  operationId: 'enableTotp',
  summary: 'The first code of the app switches it on and gives backup codes',
  tag,
  body: Type.Object({ code: appCode }),
  replies: { 200: backupCodes },
  async handle(call, me) {
    const activated = await activateTotp(call.ctx, me, typedCode(call.body.code));
    call.sendSession(activated.token, me.live.session);
    return json({ backup_codes: activated.backupCodes });
  },
});

const invalidCode: WireError = { status: 400, code: 'totp:invalid_code' };
/** A mailed code that is late is as wrong as any other (core map F3). */
export const wrongMailedCode = { code_expired: invalidCode, code_exhausted: invalidCode };

export const verifyBody = Type.Object({ temp_token: Type.String(), code: anyCode });

export const verify = endpoint('POST /v0/auth/totp/verify', {
  needs: 'nobody',
  operationId: 'verifyTotp',
  summary: 'The second step of a sign-in; a wrong code ends it',
  tag,
  body: verifyBody,
  replies: { 204: null },
  refusals: wrongMailedCode,
  async handle(call) {
    const admission = await completeSecondFactor(call.ctx, call.visitor, {
      pendingToken: call.body.temp_token,
      code: typedCode(call.body.code),
      accept: kindsOf(call.body.code),
      trustDevice: false,
    });
    return call.admitted(admission);
  },
});

export const status = endpoint('GET /v0/auth/totp/status', {
  needs: 'user',
  operationId: 'totpStatus',
  summary: 'Is an authenticator app on, and how many backup codes are left?',
  tag,
  replies: {
    200: Type.Object({
      enabled: Type.Boolean(),
      enabled_at: Type.Optional(time),
      backup_codes_remaining: Type.Optional(Type.Integer()),
    }),
  },
  async handle(call, me) {
    const totp = await readTotpStatus(call.ctx, me);
    if (!totp) return json({ enabled: false });
    return json({ enabled: true, enabled_at: timeWire(totp.activatedAt), backup_codes_remaining: totp.backupCodes });
  },
});

export const disable = endpoint('POST /v0/auth/totp/disable', {
  needs: 'user',
  operationId: 'disableTotp',
  summary: 'Switch the second factor off, on a code of the app or a backup code',
  tag,
  body: Type.Object({ code: anyCode }),
  replies: { 204: null },
  async handle(call, me) {
    const { code: typed } = call.body;
    const token = await disableSecondFactorByCode(call.ctx, me, typedCode(typed), kindsOf(typed));
    call.sendSession(token, me.live.session);
    return { status: 204 };
  },
});

export const regenerateBackupCodes = endpoint('POST /v0/auth/totp/backup-codes/regenerate', {
  needs: 'user',
  operationId: 'regenerateBackupCodes',
  summary: 'Replace the backup codes, on a code of the app',
  tag,
  body: Type.Object({ code: appCode }),
  replies: { 200: backupCodes },
  async handle(call, me) {
    return json({ backup_codes: await generateBackupCodesByCode(call.ctx, me, typedCode(call.body.code)) });
  },
});
