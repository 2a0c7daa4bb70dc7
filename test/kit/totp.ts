import type { Instant } from '../../src/base/clock.ts';
import { totpCode, totpStep } from '../../src/core/factors/totp.ts';
import type { TestClock } from './clock.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(text: string): Uint8Array {
  let bits = '';
  for (const letter of text) bits += alphabet.indexOf(letter).toString(2).padStart(5, '0');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** What an authenticator app shows at a time for a secret that was typed. */
export const codeAt = (secret: string, now: Instant): string => totpCode(fromBase32(secret), totpStep(now));

/** What an authenticator app shows now for the address of a QR code. */
export function appCode(clock: TestClock, totpUri: string, stepsAhead = 0): string {
  const secret = new URL(totpUri).searchParams.get('secret')!;
  return totpCode(fromBase32(secret), totpStep(clock.now()) + stepsAhead);
}
