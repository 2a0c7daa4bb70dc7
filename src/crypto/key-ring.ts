import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { MacPurpose } from '../core/vault.ts';
import { labels } from './labels.ts';

/** The keys that one secret stands for. They are derived when first used and then kept. */
export interface SecretKeys {
  /** Four bytes that name the secret without telling anything of it; the same wherever the secret stands in a rotation. */
  readonly id: Buffer;
  sealing(table: string, column: string): KeyObject;
  mac(purpose: MacPurpose): KeyObject;
}

export function secretKeys(secret: string): SecretKeys {
  const made = new Map<string, KeyObject>();
  function key(label: string): KeyObject {
    const known = made.get(label);
    if (known) return known;
    const derived = createSecretKey(derive(secret, label, 32));
    made.set(label, derived);
    return derived;
  }
  return {
    id: derive(secret, labels.keyId, 4),
    sealing: (table, column) => key(labels.seal(table, column)),
    mac: (purpose) => key(labels.mac[purpose]),
  };
}

/** HKDF-SHA-256 without salt (RFC 5869 §3.1): the secret carries its own entropy, the label separates. */
export const derive = (secret: string, label: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', label, length));
