import { base32, fromBase32 } from '../../base/base32.ts';
import type { Id } from '../../base/ids.ts';
import type { Reads } from '../store.ts';
import type { Person } from './user.ts';

/**
 * What people without a username are called where everybody has one: `u2` and 18 letters of base32 that stand for 88
 * bits of the id, last digit first. Nothing is stored, and the name leads back to the id. The parts that say only what
 * kind of UUID it is are left out (RFC 9562 §4.1).
 */
export function syntheticUsername(id: Id): string {
  const hex = id.replaceAll('-', '');
  const kept = hex.slice(0, 12) + hex.slice(13, 16) + hex.slice(18, 25);
  return `u2${base32(Buffer.from(reversed(kept), 'hex')).toLowerCase()}`;
}

const form = /^u2[a-z2-7]{18}$/;
/** Nobody may choose a name that could be somebody else's. */
export const looksSynthetic = (usernameNormal: string): boolean => form.test(usernameNormal);

/** The person who is called so, having no username. */
export async function findBySyntheticName(reads: Pick<Reads, 'users'>, name: string): Promise<Person | null> {
  if (!looksSynthetic(name)) return null;
  const hex = reversed(
    Buffer.from(fromBase32(name.slice(2).toUpperCase()))
      .toString('hex')
      .slice(0, 22),
  );
  // Ids of ours are of version 7, those that people brought along of version 4.
  for (const version of '74') {
    const start = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(12, 15)}-`;
    const found = (await reads.users.listByIdStart(start)).find((person) => syntheticUsername(person.id) === name);
    if (found) return found.usernameNormal === null ? found : null;
  }
  return null;
}

const reversed = (hex: string): string => [...hex].reverse().join('');
