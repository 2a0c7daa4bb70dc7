import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withinOneError } from '../../../src/core/search/one-error.ts';
import { withoutOneLetter, wordsOf } from '../../../src/core/search/profile-terms.ts';

/** Edits by definition: everything one typing error makes of a word. */
function errorsOf(word: string, letters: readonly string[]): Set<string> {
  const made = new Set([word]);
  for (let i = 0; i <= word.length; i += 1) {
    const [before, after] = [word.slice(0, i), word.slice(i)];
    if (after) made.add(before + after.slice(1));
    if (after.length > 1) made.add(before + after[1] + after[0] + after.slice(2));
    for (const letter of letters) {
      made.add(before + letter + after);
      if (after) made.add(before + letter + after.slice(1));
    }
  }
  return made;
}

const letters = ['a', 'b', 'c'];
const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 7 });

describe('One typing error', () => {
  test('is a letter too many, too few or another one, or two swapped, and no more', () => {
    fc.assert(
      fc.property(word, word, (typed, meant) => {
        expect(withinOneError(typed, meant, false)).toBe(errorsOf(typed, letters).has(meant));
      }),
      { numRuns: 3000 },
    );
  });

  test('in an unfinished word: the word begins with what was meant', () => {
    fc.assert(
      fc.property(word, word, (typed, meant) => {
        const begins = [...errorsOf(typed, letters)].some((one) => meant.startsWith(one));
        expect(withinOneError(typed, meant, true)).toBe(begins);
      }),
      { numRuns: 3000 },
    );
  });

  test('leaves something standing that both words become by losing a letter: the index finds it', () => {
    const longer = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 5, maxLength: 12 });
    fc.assert(
      fc.property(longer, fc.nat(), fc.constantFrom('a', 'e'), (meant, at, letter) => {
        const wrong = [...errorsOf(meant, [letter])];
        const typed = wrong[at % wrong.length]!;
        fc.pre(typed.length >= 5);
        const index = withoutOneLetter(meant);
        expect(withoutOneLetter(typed).some((rest) => index.includes(rest))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('Words', () => {
  test.each([
    ['Ada Lovelace', ['ada', 'lovelace']],
    ['ada_love.lace-7', ['ada', 'love', 'lace', '7']],
    ['Zoë ÉCLAIR', ['zoe', 'eclair']],
    ['ﬁ Ⅷ', ['fi', 'viii']],
    ['Борис 李小龍', ['борис', '李小龍']],
    ['"*:()^-+ AND \' \\ %_', ['and']],
    [' \t\n', []],
  ])('%j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test('are cut at forty letters', () => {
    expect(wordsOf('a'.repeat(500))).toEqual(['a'.repeat(40)]);
  });
});
