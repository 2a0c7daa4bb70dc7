import { createCipheriv, createDecipheriv, createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Random } from '../base/random.ts';
import type { SealedPlace, Vault } from '../core/vault.ts';
import { secretKeys } from './key-ring.ts';

/*
 * A sealed value: format byte, key id (4), nonce (12), ciphertext, tag (16).
 * The key id survives a rotation, so a value sealed under a previous secret names the key that opens it.
 */
const format = 1;
const headLength = 5;
const nonceLength = 12;
const tagLength = 16;

/** The current secret seals and signs; the previous ones still open and verify. */
export function createVault(
  secrets: { readonly current: string; readonly previous: readonly string[] },
  random: Random,
): Vault {
  const current = secretKeys(secrets.current);
  const previous = secrets.previous.map(secretKeys);
  const all = [current, ...previous];
  const head = Buffer.from([format, ...current.id]);

  return {
    seal(place, clear) {
      const nonce = random.bytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', current.sealing(place.table, place.column), nonce);
      cipher.setAAD(bound(head, place));
      return Buffer.concat([head, nonce, cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },

    open(place, sealed) {
      const where = `${place.table}.${place.column}`;
      if (sealed.length < headLength + nonceLength + tagLength || sealed[0] !== format) {
        throw new Error(`sealed value of ${where} has an unknown form`);
      }
      const ownHead = sealed.subarray(0, headLength);
      const id = sealed.subarray(1, headLength);
      const keys = all.find((candidate) => candidate.id.equals(id));
      if (!keys) throw new Error(`sealed value of ${where} needs a secret that is not configured`);
      const decipher = createDecipheriv(
        'aes-256-gcm',
        keys.sealing(place.table, place.column),
        sealed.subarray(headLength, headLength + nonceLength),
        { authTagLength: tagLength },
      );
      decipher.setAAD(bound(ownHead, place));
      decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
      const ciphertext = sealed.subarray(headLength + nonceLength, sealed.length - tagLength);
      try {
        return decipher.update(ciphertext, undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new Error(`sealed value of ${where} was altered or moved`, { cause });
      }
    },

    mac: (purpose, message) => hmac(current.mac(purpose), message),

    verifyMac(purpose, message, mac) {
      return all.some((keys) => equal(hmac(keys.mac(purpose), message), mac));
    },

    digest: (token) => hash('sha256', token, 'buffer'),
  };
}

/** What a sealed value is bound to. Lengths go first, so that `a`+`bc` is not `ab`+`c`. */
function bound(head: Uint8Array, place: SealedPlace): Buffer {
  const parts: Uint8Array[] = [head];
  for (const text of [place.table, place.column, place.row]) {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

const hmac = (key: KeyObject, message: string): Buffer => createHmac('sha256', key).update(message).digest();

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
