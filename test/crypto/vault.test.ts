import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { derive } from '../../src/crypto/key-ring.ts';
import { labels } from '../../src/crypto/labels.ts';
import { createVault } from '../../src/crypto/vault.ts';
import { seededRandom } from '../kit/random.ts';

const secret = 'a secret that is only used by this test, 0123';
const other = 'another secret that only this test uses, 4567';
const vaultOf = (current: string, previous: readonly string[] = []) =>
  createVault({ current, previous }, seededRandom('vault'));
const vault = vaultOf(secret);
const place = { table: 'job', column: 'payload_enc', row: 'r1' };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('Keys (HKDF-SHA-256, RFC 5869)', () => {
  // Computed by an independent implementation. A change here makes every cookie and sealed column worthless.
  test('every label gives the key it always gave', () => {
    expect(hex(derive(secret, labels.keyId, 4))).toBe('5d398b6d');
    expect(hex(derive(secret, labels.seal('job', 'payload_enc'), 32))).toBe(
      'f7ee78af2cf8185463d313d47f520912d574c9431062e1f15e610a3dbbd4888e',
    );
    const macKeys = Object.entries(labels.mac).map(([purpose, label]) => [purpose, hex(derive(secret, label, 32))]);
    expect(Object.fromEntries(macKeys)).toMatchObject({
      'better-auth cookie': '7a3f5afc28a36b2cd92a39aa8e8b93a47a9df457f5bcfb1e1e28336d9246147a',
      'better-auth trusted device': '92f4abe3654d5cecb451b1d389570cc30c850a6301b075fbeffbe67c4bc768fd',
      'page form': '0d7aa64218105dafc7ae51f2e9e2f6738b8108cc52abd0c089b7f3e709a2463e',
      'mail code': 'cc2233f66b48ebe8c8f45e26f69fcc2ccd560735436af395afa13ec769aa7541',
      'backup code': '7267682ee7e675e975193387ae39817275a95669092e9fc314881d38fa6efbee',
      cursor: 'cd55015c343ccc69820464a05b346df87b28ce18a6d492ff4026e18011e9986f',
      'limit key': '6bf43fa95fbe2ebf44445b064839f0653718e0673affc6c25c61d4b764891c1f',
    });
  });

  test('no label serves two purposes (rule 7)', () => {
    const all = [labels.keyId, labels.seal('job', 'payload_enc'), ...Object.values(labels.mac)];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('Sealed values', () => {
  test('open to what was sealed, whatever it is', () => {
    for (const clear of ['', 'clear', '\u0000', '日本語 🔑', 'x'.repeat(100_000)]) {
      expect(vault.open(place, vault.seal(place, clear))).toBe(clear);
    }
  });

  test('a value sealed by an earlier version opens', () => {
    const sealed = Buffer.from('AV05i22PrTS7sMHtCV+/G1DvC9py/MhS0Ml8mSYrFTi6werHm98=', 'base64');
    expect(vault.open(place, sealed)).toBe('clear');
  });

  test('the same text is sealed differently each time', () => {
    expect(hex(vault.seal(place, 'clear'))).not.toBe(hex(vault.seal(place, 'clear')));
  });

  test('cannot be moved to another table, column or row', () => {
    const sealed = vault.seal(place, 'clear');
    for (const change of [{ table: 'totp' }, { column: 'secret_enc' }, { row: 'r2' }, { row: '' }]) {
      expect(() => vault.open({ ...place, ...change }, sealed)).toThrow('altered or moved');
    }
  });

  test('the place is encoded so that parts cannot flow into each other', () => {
    // Both name the same key, so that only the bound place tells them apart.
    const sealed = vault.seal({ table: 'a.b', column: 'c', row: 'r' }, 'clear');
    expect(() => vault.open({ table: 'a', column: 'b.c', row: 'r' }, sealed)).toThrow('altered or moved');
  });

  test('a change of any byte is noticed', () => {
    const sealed = vault.seal(place, 'clear');
    for (let i = 0; i < sealed.length; i += 1) {
      const altered = Uint8Array.from(sealed);
      altered[i]! ^= 1;
      expect(() => vault.open(place, altered)).toThrow();
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => vault.open(place, sealed.subarray(0, length))).toThrow();
    }
  });

  test('a fault tells neither the value nor the secret', () => {
    try {
      vault.open({ ...place, row: 'r2' }, vault.seal(place, 'canary'));
      expect.unreachable();
    } catch (fault) {
      expect(String(fault)).not.toMatch(/canary|only used by this test/);
    }
  });
});

describe('Rotation (SECRET_PREVIOUS)', () => {
  const sealed = vaultOf(other).seal(place, 'clear');
  const mac = vaultOf(other).mac('page form', 'message');
  const rotated = vaultOf(secret, [other]);

  test('previous secrets open and verify', () => {
    expect(rotated.open(place, sealed)).toBe('clear');
    expect(rotated.verifyMac('page form', 'message', mac)).toBe(true);
  });

  test('the current one seals and signs', () => {
    expect(vault.open(place, rotated.seal(place, 'clear'))).toBe('clear');
    expect(hex(rotated.mac('page form', 'message'))).toBe(hex(vault.mac('page form', 'message')));
  });

  test('a secret that was dropped opens and verifies nothing', () => {
    expect(() => vault.open(place, sealed)).toThrow('a secret that is not configured');
    expect(vault.verifyMac('page form', 'message', mac)).toBe(false);
  });
});

describe('Macs and digests', () => {
  test('a mac is HMAC-SHA-256 under the key of its purpose', () => {
    const key = derive(secret, labels.mac['better-auth cookie'], 32);
    expect(hex(vault.mac('better-auth cookie', 'token'))).toBe(createHmac('sha256', key).update('token').digest('hex'));
  });

  test('a mac is worth nothing for another purpose, another message, or in part', () => {
    const mac = vault.mac('page form', 'message');
    expect(vault.verifyMac('page form', 'message', mac)).toBe(true);
    expect(vault.verifyMac('cursor', 'message', mac)).toBe(false);
    expect(vault.verifyMac('page form', 'messagf', mac)).toBe(false);
    expect(vault.verifyMac('page form', 'message', mac.subarray(0, 31))).toBe(false);
    expect(vault.verifyMac('page form', 'message', new Uint8Array())).toBe(false);
  });

  test('a digest is SHA-256', () => {
    expect(hex(vault.digest('token'))).toBe(createHash('sha256').update('token').digest('hex'));
  });
});
