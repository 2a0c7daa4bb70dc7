import type { Id } from '../../base/ids.ts';
import type { User } from '../users/user.ts';

/**
 * The index of profiles: which terms a person is found by. A term is a letter that says what it is, and a word in the
 * form both engines compare byte for byte, so that they find the same people.
 *
 * | term | of |
 * | --- | --- |
 * | `p` project | everybody whose account is in order |
 * | `q` project | those of them whose profile is public |
 * | `u` word, `n` word, `b` word | username, display name, text about oneself |
 * | `d` word without one letter | username and display name: a typing error is found by what it leaves standing |
 */
export type Term = string;

/** What of a person the index depends on. */
export type IndexedProfile = Pick<
  User,
  | 'usernameNormal'
  | 'displayName'
  | 'bio'
  | 'anonymous'
  | 'profilePublic'
  | 'bannedAt'
  | 'deactivatedAt'
  | 'restrictedAt'
>;

const longestWord = 40;
const mostBioWords = 100;
/** Of longer words only the beginning is compared with errors: it keeps the index small. */
const comparedLength = 8;
/** A word of four letters can be meant by five. */
const shortestIndexed = 4;
const shortestForgiven = 5;

/** Without accents and case. Letters and digits are words, everything else is between them. */
export function wordsOf(text: string): string[] {
  const folded = text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, longestWord).join(''));
}

/** Shorter words have to be right: too many others are one letter away. */
export const forgivesError = (word: string): boolean => [...word].length >= shortestForgiven;

/** What a word can become by losing one letter, and the word itself. */
export function withoutOneLetter(word: string): string[] {
  const letters = [...word].slice(0, comparedLength);
  if (letters.length < shortestIndexed) return [];
  const shorter = letters.map((_, index) => letters.filter((_letter, other) => other !== index).join(''));
  return [...new Set([letters.join(''), ...shorter])];
}

const compact = (projectId: string): string => projectId.replaceAll('-', '');
/** @param publicOnly people who never chose to have a public profile are left out */
export const scopeTerm = (projectId: string, publicOnly: boolean): Term =>
  `${publicOnly ? 'q' : 'p'}${compact(projectId)}`;

/** None for people nobody is to find: then a search for anything passes them by. */
export function profileTerms(projectId: string, profile: IndexedProfile): Term[] {
  const hidden =
    profile.anonymous || profile.bannedAt !== null || profile.deactivatedAt !== null || profile.restrictedAt !== null;
  if (hidden) return [];
  const username = wordsOf(profile.usernameNormal ?? '');
  const name = wordsOf(profile.displayName ?? '');
  const bio = wordsOf(profile.bio ?? '').slice(0, mostBioWords);
  return [
    ...new Set([
      scopeTerm(projectId, false),
      ...(profile.profilePublic ? [scopeTerm(projectId, true)] : []),
      ...username.map((word) => `u${word}`),
      ...name.map((word) => `n${word}`),
      ...bio.map((word) => `b${word}`),
      ...[...username, ...name].flatMap(withoutOneLetter).map((rest) => `d${rest}`),
    ]),
  ];
}

/** One of these terms must be there. With `prefix`, a longer one that begins so will do. */
export interface Alternative {
  readonly term: Term;
  readonly prefix: boolean;
}
export type TermQuery = readonly (readonly Alternative[])[];

export interface ProfileReads {
  /** Those who have an alternative of every row, in the order of ids. Which, when more do than `limit`, is the engine's choice. */
  matching(query: TermQuery, limit: number): Promise<readonly Id[]>;
}
