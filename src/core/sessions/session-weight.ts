import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../../base/json.ts';
import type { Person } from '../users/user.ts';

/** What a session and its person take in the session cache, with what surfaces keep with them. */
export const ordinaryBytes = 2_048;

/** Small values such as `[[],[]]` take so many times their text. */
const bytesForOneOfJson = 6;

const metadataFields = ['metadataClient', 'metadataReadonly', 'metadataServer'] as const;
const longTexts = ['imageUrl', 'bio', 'restrictedReason', 'restrictedPrivate', 'banReason'] as const;

/** What a person takes beyond that. */
export function extraBytes(user: Person): number {
  let bytes = 0;
  for (const field of metadataFields) bytes += bytesForOneOfJson * lengthOf(user[field]);
  for (const field of longTexts) bytes += user[field]?.length ?? 0;
  return bytes <= ordinaryBytes / 2 ? 0 : bytes;
}

const lengthOf = (value: JsonValue): number => (value === null ? 0 : JSON.stringify(value).length);

/**
 * The person with the metadata that is in memory already, so that many sessions of one person hold it once.
 * @param here the same person, read for another session
 * @returns null when their metadata differs: the two were not read from the same state
 */
export function sharingMetadata(read: Person, here: Person | undefined): Person | null {
  if (here === undefined) return read;
  const shared: { [field in (typeof metadataFields)[number]]?: Person[field] } = {};
  for (const field of metadataFields) {
    if (!isDeepStrictEqual(read[field], here[field])) return null;
    if (read[field] !== null) shared[field] = here[field];
  }
  return Object.keys(shared).length === 0 ? read : { ...read, ...shared };
}
