/** Length in code points: what a person counts, whatever the encoding (core map P2). */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const control = /\p{Cc}/u;
export const hasControlCharacters = (text: string): boolean => control.test(text);
