import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openBreachedPasswords } from '../../src/crypto/breached-passwords.ts';
import { removeScratch, scratchFolder } from '../kit/scratch-folder.ts';

const folder = scratchFolder('breached');
afterAll(() => removeScratch(folder));

const sum = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();
const known = Array.from({ length: 20_000 }, (_, n) => `password-${n}`);

function file(name: string, lines: readonly string[], end = '\r\n'): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join(end) + end);
  return path;
}
const sorted = (texts: readonly string[]) => texts.map(sum).sort();

describe('a list of breached passwords', () => {
  test.each([
    ['as downloaders write it', sorted(known).map((each, n) => `${each}:${n ** 2 + 1}`), '\r\n'],
    ['sums alone, in small letters', sorted(known).map((each) => each.toLowerCase()), '\n'],
  ])('%s: each of 20,000 is found, and nothing else', async (name, lines, end) => {
    const list = await openBreachedPasswords(file(name, lines, end));
    const asked = [...known.filter((_, n) => n % 7 === 0), ...['first', 'last'].map((_, n) => known.at(-n)!)];
    for (const password of asked) expect([password, await list.has(password)]).toEqual([password, true]);
    for (let n = 0; n < 500; n += 1) expect(await list.has(`unknown-${n}`)).toBe(false);
    const [first, last] = [lines[0]!, lines.at(-1)!].map(
      (each) => known.find((one) => sum(one) === each.slice(0, 40).toUpperCase())!,
    );
    expect([await list.has(first!), await list.has(last!)]).toEqual([true, true]);
    await list.close();
  });

  test('one line is a list', async () => {
    const list = await openBreachedPasswords(file('one', sorted(['secret'])));
    expect([await list.has('secret'), await list.has('other')]).toEqual([true, false]);
    await list.close();
  });

  test.each([
    ['nothing there', () => join(folder, 'nowhere'), 'cannot be opened'],
    ['another kind of file', () => file('words', known), 'its lines are not SHA-1 sums'],
    ['an empty file', () => file('empty', []), 'its lines are not SHA-1 sums'],
    ['lines that are not in order', () => file('disorder', sorted(known).reverse()), 'its lines are not in order'],
  ])('%s is refused at the start', async (_what, path, words) => {
    await expect(openBreachedPasswords(path())).rejects.toThrow(words);
  });
});
