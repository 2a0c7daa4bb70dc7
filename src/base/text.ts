/** Length in code points: what a person counts, whatever the encoding (core map P2). */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const control = /\p{Cc}/u;
export const hasControlCharacters = (text: string): boolean => control.test(text);

/**
 * Control and format characters, line ends, and letters that are blank (fillers of Hangul, the empty pattern of Braille).
 * Not the joiners, which some scripts and many emoji are written with.
 */
const unseen =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5|(?![\u200c\u200d])\p{Cf}/u;
/** Joiners and selectors with nothing that they could join or select. */
const nothingSeen = /^\s*\p{Default_Ignorable_Code_Point}[\p{Default_Ignorable_Code_Point}\s]*$/u;
const format = /(?![\u200c\u200d])\p{Cf}/gu;

/**
 * Does a name hold what nobody sees: zero-width characters, that make two names look like one, or marks of direction,
 * that turn the text around them?
 */
export const hasUnseenCharacters = (text: string): boolean => unseen.test(text) || nothingSeen.test(text);

export const withoutFormatCharacters = (text: string): string => text.replaceAll(format, '');

/** What every JavaScript object has: `values['constructor']` is there although nobody set it. */
export const isInheritedName = (name: string): boolean => name in Object.prototype;
