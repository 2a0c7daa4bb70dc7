import { later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import { looksLikeToken, opaqueToken } from '../../base/random.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { Reads, Tx } from '../store.ts';
import { credentialPurposes, type OneTimeValue, type Purpose } from './one-time-value.ts';

/** Purposes whose bearer gets in or takes over: their life is capped by policy (core map P12). */
const powerful: ReadonlySet<Purpose> = new Set(['password_reset', 'admin_link', 'sign_in_link', 'sign_in_otp']);

interface NewCode {
  readonly purpose: Purpose;
  readonly lifeSeconds: number;
  readonly userId?: Id | null;
  readonly emailId?: Id | null;
  readonly addressNormal?: string | null;
  readonly sessionId?: Id | null;
  readonly browserHash?: Uint8Array | null;
  /** Tries count on what these characters at the end are shared by; then `maxAttempts` is how many there may be. */
  readonly group?: { readonly length: number; readonly maxAttempts: number };
  /** What is sealed with it; a function is given the token. */
  readonly payload?: JsonObject | ((token: string) => JsonObject);
}

/** Makes a one-time value and returns the token that only its bearer will know. */
export async function issueCode(ctx: Context, tx: Pick<Tx, 'codes'>, code: NewCode): Promise<string> {
  const token = opaqueToken(ctx.random);
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  const payload = typeof code.payload === 'function' ? code.payload(token) : code.payload;
  const life = powerful.has(code.purpose)
    ? Math.min(code.lifeSeconds, ctx.project.policy.codes.maxLifeSeconds)
    : code.lifeSeconds;
  await tx.codes.insert({
    id,
    purpose: code.purpose,
    valueHash: ctx.vault.digest(token),
    groupHash: code.group ? ctx.vault.digest(token.slice(-code.group.length)) : null,
    attempts: 0,
    // One more than the tries: the one that spends it has counted itself.
    maxAttempts: (code.group?.maxAttempts ?? 0) + 1,
    userId: code.userId ?? null,
    emailId: code.emailId ?? null,
    addressNormal: code.addressNormal ?? null,
    sessionId: code.sessionId ?? null,
    browserHash: code.browserHash ?? null,
    payload: payload ? ctx.vault.seal(payloadPlace(id), JSON.stringify(payload)) : null,
    expiresAt: later(now, life * 1000),
    usedAt: null,
    voidedAt: null,
    createdAt: now,
  });
  return token;
}

/**
 * Finds the value a token stands for, without spending it.
 * @returns code_not_found (also for another purpose's token, a voided or a malformed one), code_expired, code_used
 */
export async function findCode(
  ctx: Context,
  reads: Pick<Reads, 'codes'>,
  purpose: Purpose,
  token: string,
): Promise<OneTimeValue | Refusal> {
  if (!looksLikeToken(token)) return refuse('code_not_found', { why: 'malformed' });
  const code = await reads.codes.find(purpose, ctx.vault.digest(token));
  if (!code || code.voidedAt !== null) return refuse('code_not_found', { why: code ? 'voided' : 'unknown' });
  if (code.usedAt !== null) return refuse('code_used');
  if (code.expiresAt <= ctx.clock.now()) return refuse('code_expired');
  return code;
}

/** What was sealed into the value when it was made. */
export function codePayload<T extends JsonObject>(ctx: Context, code: OneTimeValue): T {
  if (code.payload === null) throw new Error(`one-time value ${code.id} (${code.purpose}) has no payload`);
  return JSON.parse(ctx.vault.open(payloadPlace(code.id), code.payload)) as T;
}

const payloadPlace = (id: Id) => ({ table: 'one_time_value', column: 'payload_enc', row: id });

/** Ends what was mailed to one address, which the person does not sign in with any more. */
export const endCodesTo = (
  ctx: Pick<Context, 'clock'>,
  tx: Pick<Tx, 'codes'>,
  userId: Id,
  addressNormal: string,
): Promise<void> => tx.codes.voidAllOf(userId, credentialPurposes, ctx.clock.now(), addressNormal);

/** What is mailed next takes the place of what was mailed before. */
export const supersedeCodes = (
  ctx: Pick<Context, 'clock'>,
  tx: Pick<Tx, 'codes'>,
  userId: Id,
  replaced: readonly Purpose[],
): Promise<void> => tx.codes.voidAllOf(userId, replaced, ctx.clock.now());
