import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../../base/clock.ts';
import { typedCode } from '../../base/typed-code.ts';

/** RFC 6238 with the numbers every authenticator app assumes: SHA-1, 30 seconds, 6 digits. */
export const totpPeriodMs = 30_000;
export const totpDigits = 6;
/** One step before and after is accepted: clocks drift (RFC 6238 §5.2). */
const window = 1;

export const totpStep = (at: Instant): number => Math.floor(at / totpPeriodMs);

/** The code of one step (RFC 4226 §5.3). */
export function totpCode(secret: Uint8Array, step: number, digits = totpDigits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac[19]! & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

/** The step a code belongs to, or null. Every candidate is compared, in constant time. */
export function matchTotpStep(secret: Uint8Array, typed: string, now: Instant): number | null {
  const code = typedCode(typed);
  if (!/^\d{6}$/.test(code)) return null;
  const current = totpStep(now);
  let matched: number | null = null;
  for (let step = current - window; step <= current + window; step += 1) {
    if (timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code))) matched = step;
  }
  return matched;
}

/**
 * The address a QR code carries.
 * Form as authenticator apps read it: issuer and account in the label, issuer again as a parameter.
 */
export function totpUri(input: {
  readonly issuer: string;
  readonly account: string;
  readonly secretBase32: string;
}): string {
  const label = `${encodeURIComponent(input.issuer)}:${encodeURIComponent(input.account)}`;
  const parameters = new URLSearchParams({
    secret: input.secretBase32,
    issuer: input.issuer,
    digits: String(totpDigits),
    period: String(totpPeriodMs / 1000),
  });
  return `otpauth://totp/${label}?${parameters}`;
}
