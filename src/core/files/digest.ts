import { createHash } from 'node:crypto';

/** SHA-256 of a content: equal contents have equal names. */
export const sha256 = (bytes: Uint8Array): Uint8Array => Uint8Array.from(createHash('sha256').update(bytes).digest());
