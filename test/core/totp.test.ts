import { describe, expect, test } from 'vitest';
import { base32 } from '../../src/base/base32.ts';
import type { Instant } from '../../src/base/clock.ts';
import { readBackupCode } from '../../src/core/factors/backup-codes.ts';
import { matchTotpStep, totpCode, totpStep } from '../../src/core/factors/totp.ts';

const secret = Buffer.from('12345678901234567890');

describe('TOTP (RFC 6238)', () => {
  test.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at %d s the code is %s (appendix B)', (seconds, expected) => {
    expect(totpCode(secret, totpStep((seconds * 1000) as Instant), 8)).toBe(expected);
  });

  test('the step before and after match, the ones beyond do not (§5.2)', () => {
    const now = 1_111_111_111_000 as Instant;
    const current = totpStep(now);
    const matches = [-2, -1, 0, 1, 2].map((away) => matchTotpStep(secret, totpCode(secret, current + away), now));
    expect(matches).toEqual([null, current - 1, current, current + 1, null]);
  });

  test.each(['', '12345', '1234567', '12345a', '1２٣456'])('%j is no code', (text) => {
    expect(matchTotpStep(secret, text, 59_000 as Instant)).toBeNull();
  });
});

describe('codes as people type them', () => {
  const now = 59_000 as Instant;
  const code = totpCode(secret, totpStep(now));
  const fullWidth = code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));

  test.each([
    `${code.slice(0, 3)} ${code.slice(3)}`,
    `${code.slice(0, 3)}-${code.slice(3)}`,
    ` ${code}\n`,
    `${code}\u200b`,
    fullWidth,
  ])('%j is the code of the app', (typed) => {
    expect(matchTotpStep(secret, typed, now)).toBe(totpStep(now));
  });

  test.each(['abcd-efgh', ' ABCD EFGH ', 'ＡＢＣＤＥＦＧＨ'])('%j is a backup code', (typed) => {
    expect(readBackupCode(typed)).toBe('ABCDEFGH');
  });
});

describe('Base32 (RFC 4648 §10)', () => {
  test.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('%j is %j', (clear, encoded) => {
    expect(base32(Buffer.from(clear))).toBe(encoded);
  });
});
