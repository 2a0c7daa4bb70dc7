import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { codePoints } from '../../base/text.ts';
import type { Context } from '../context.ts';
import type { Person } from '../users/user.ts';
import { withinOneError } from './one-error.ts';
import {
  type Alternative,
  forgivesError,
  scopeTerm,
  type TermQuery,
  withoutOneLetter,
  wordsOf,
} from './profile-terms.ts';

export interface ProfilePage {
  readonly people: readonly Person[];
  /** How many were found, `mostFound` at most. */
  readonly total: number;
}

/** Nobody reads further, and every search has a bounded price. */
export const mostFound = 1000;
const mostWords = 8;
const longestText = 100;
/** Candidates for a typing error are read and compared one by one. */
const mostCompared = 200;

/**
 * People with a public profile (core map U3), best first: the username, then the name, then anywhere; whole words before
 * beginnings of words; at last what differs by one typing error. The last word may be unfinished. Without words
 * everybody, in the order in which they came.
 * @param input.text at most 100 code points
 * @param input.page from 1
 * @throws Refusal input_invalid
 */
export async function searchProfiles(
  ctx: Context,
  input: { readonly text: string | null; readonly page: number; readonly pageSize: number },
): Promise<ProfilePage> {
  const { text, page, pageSize } = input;
  if (text !== null && codePoints(text) > longestText) throw new Refusal('input_invalid', { field: 'text' });
  if (page < 1 || pageSize < 1 || pageSize > 100) throw new Refusal('input_invalid', { field: 'page' });
  const found = await ranked(ctx, text === null ? null : wordsOf(text).slice(0, mostWords));
  const start = (page - 1) * pageSize;
  const ids = start < found.length ? found.slice(start, start + pageSize) : [];
  return { people: await ctx.store.read.users.findMany(ids), total: found.length };
}

async function ranked(ctx: Context, words: readonly string[] | null): Promise<Id[]> {
  const { profiles } = ctx.store.read;
  const scope: TermQuery = [[exactly(scopeTerm(ctx.project.id, ctx.project.policy.profiles.public === 'chosen'))]];
  if (words === null) return [...(await profiles.matching(scope, mostFound))];
  if (words.length === 0) return []; // only signs that no word is made of
  const found = new Set<Id>();
  for (const query of tiers(words)) {
    // What an earlier row found comes again: as many more are asked for.
    for (const id of await profiles.matching([...scope, ...query], mostFound)) {
      if (found.size < mostFound) found.add(id);
    }
    if (found.size >= mostFound) return [...found];
  }
  for (const id of await withErrors(ctx, scope, words, found)) if (found.size < mostFound) found.add(id);
  return [...found];
}

const exactly = (term: string): Alternative => ({ term, prefix: false });

/** From the best match to the widest. */
function tiers(words: readonly string[]): TermQuery[] {
  const every = (fields: readonly string[], finished: boolean): TermQuery =>
    words.map((word, index) =>
      fields.map((field) => ({ term: `${field}${word}`, prefix: !finished && index === words.length - 1 })),
    );
  return [
    every(['u'], true),
    every(['u'], false),
    every(['n'], true),
    every(['n'], false),
    every(['u', 'n', 'b'], false),
  ];
}

/** The index gives candidates that share what one error leaves standing; whether it was one is compared here. */
async function withErrors(
  ctx: Context,
  scope: TermQuery,
  words: readonly string[],
  found: ReadonlySet<Id>,
): Promise<Id[]> {
  if (!words.some(forgivesError)) return [];
  const isLast = (index: number): boolean => index === words.length - 1;
  const query = words.map((word, index): Alternative[] => [
    ...['u', 'n', 'b'].map((field) => ({ term: `${field}${word}`, prefix: isLast(index) })),
    ...(forgivesError(word) ? withoutOneLetter(word) : []).map((rest) => ({ term: `d${rest}`, prefix: isLast(index) })),
  ]);
  const { profiles, users } = ctx.store.read;
  const ids = await profiles.matching([...scope, ...query], mostFound + mostCompared);
  const candidates = await users.findMany(ids.filter((id) => !found.has(id)).slice(0, mostCompared));
  return candidates.filter((person) => isMeant(person, words)).map(({ id }) => id);
}

function isMeant(person: Person, words: readonly string[]): boolean {
  const names = [...wordsOf(person.usernameNormal ?? ''), ...wordsOf(person.displayName ?? '')];
  const bio = wordsOf(person.bio ?? '');
  return words.every((word, index) => {
    const unfinished = index === words.length - 1;
    const right = (one: string): boolean => (unfinished ? one.startsWith(word) : one === word);
    const meant = (one: string): boolean =>
      right(one) || (forgivesError(word) && withinOneError(word, one, unfinished));
    return names.some(meant) || bio.some(right);
  });
}
