import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secretFromFile } from '../../src/config/secret-file.ts';
import { seededRandom } from '../kit/random.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('The generated secret', () => {
  test('is 32 random bytes that only the owner can read, in a folder that only the owner can open', () => {
    const dataDir = join(folder, 'deep', 'data');
    const secret = secretFromFile(dataDir, seededRandom('one'));
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(modeOf(dataDir)).toBe('700');
    expect(modeOf(join(dataDir, 'secret'))).toBe('600');
    expect(readdirSync(dataDir)).toEqual(['secret']);
  });

  test('is made once', () => {
    const first = secretFromFile(folder, seededRandom('one'));
    expect(secretFromFile(folder, seededRandom('two'))).toBe(first);
  });

  test('of two processes that start together, one names it', () => {
    let other = '';
    const slow = seededRandom('slow');
    const random = {
      bytes(length: number) {
        // The other process comes in between.
        if (other === '') other = secretFromFile(folder, seededRandom('other'));
        return slow.bytes(length);
      },
    };
    expect(secretFromFile(folder, random)).toBe(other);
    expect(readdirSync(folder)).toEqual(['secret']);
  });

  test('that others could read is closed to them', () => {
    secretFromFile(folder, seededRandom('one'));
    chmodSync(join(folder, 'secret'), 0o644);
    secretFromFile(folder, seededRandom('one'));
    expect(modeOf(join(folder, 'secret'))).toBe('600');
  });

  test('that was damaged is not replaced: what it sealed would be lost', () => {
    writeFileSync(join(folder, 'secret'), 'short');
    expect(() => secretFromFile(folder, seededRandom('one'))).toThrow('does not hold a secret');
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('short');
  });
});
