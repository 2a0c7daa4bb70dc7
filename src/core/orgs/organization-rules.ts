import { pick, type Random } from '../../base/random.ts';
import { Refusal } from '../../base/refusal.ts';
import { codePoints, hasControlCharacters, hasUnseenCharacters } from '../../base/text.ts';

const maxName = 512;
const maxSlug = 128;

/** May be empty. @throws Refusal input_invalid */
export function readOrganizationName(text: string): string {
  if (codePoints(text) > maxName || hasUnseenCharacters(text))
    throw new Refusal('input_invalid', { field: 'Invalid name' });
  return text;
}

/** Slugs are compared by this form, among organizations that exist (core map O1). */
export const slugNormal = (slug: string): string => slug.normalize('NFKC').toLowerCase();

/** What cannot stand in one part of a path: other parts, queries, blanks, and what is not seen. */
const notInPathPart = /[/\\?#%\s\p{C}\p{Z}]/u;

/** May somebody have this slug from now on? It is one part of a path, as it stands. */
export const isNewSlug = (text: string): boolean => isSlug(text) && !notInPathPart.test(text) && !/^\.+$/.test(text);

/** @throws Refusal input_invalid */
export function readSlug(text: string): string {
  if (!isNewSlug(text)) throw new Refusal('input_invalid', { field: 'Invalid slug' });
  return text;
}

/** Could a slug that was taken, by these rules or by older ones, be this? */
export const isSlug = (text: string): boolean =>
  text !== '' && codePoints(text) <= maxSlug && !hasControlCharacters(text);

const slugLetters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** From the name, with four characters that make it free. */
export function slugFromName(random: Random, name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
  return `${words || 'organization'}-${pick(random, slugLetters, 4)}`;
}
