import type { Clock, Instant } from './clock.ts';
import type { Random } from './random.ts';

/** UUIDv7 (RFC 9562 §5.7), lower-case with hyphens. Order of ids is order of making inside one process. */
export type Id = string;

export interface Ids {
  next(): Id;
}

/**
 * Monotonic UUIDv7: the 12 bits after the time and 14 bits after the variant count up within one millisecond
 * (RFC 9562 §6.2, method 1), so rows made in one millisecond still sort as they were made.
 */
export function uuidV7(clock: Clock, random: Random): Ids {
  let lastTime = 0;
  let counter = 0;
  return {
    next() {
      const now = clock.now();
      if (now > lastTime) {
        lastTime = now;
        const seed = random.bytes(4);
        counter = ((seed[0]! << 16) | (seed[1]! << 8) | seed[2]!) & 0x1ffffff; // top bit free: room to count
      } else {
        counter += 1;
        if (counter > 0x3ffffff) {
          lastTime += 1;
          counter = 0;
        }
      }
      const time = lastTime.toString(16).padStart(12, '0');
      const high = (counter >>> 14).toString(16).padStart(3, '0');
      const low = ((counter & 0x3fff) | 0x8000).toString(16);
      let tail = '';
      for (const byte of random.bytes(6)) tail += byte.toString(16).padStart(2, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${high}-${low}-${tail}`;
    },
  };
}

/** Random UUID (RFC 9562 §5.4): for ids that clients of others test for being one. */
export function uuidV4(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Sorts after every id that was made before this time, and before every other. */
export const idFrom = (time: Instant): Id => {
  const digits = Math.max(time, 0).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
};

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const looksLikeId = (text: string): boolean => uuidForm.test(text);
