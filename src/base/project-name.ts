import { codePoints, hasUnseenCharacters } from './text.ts';

const longest = 256;

/** One line of 1 to 256 characters, all of them seen: it stands in subjects of mails and on pages. */
export const isProjectName = (text: string): boolean =>
  text.trim() !== '' && codePoints(text) <= longest && !hasUnseenCharacters(text);
