import { Refusal } from '../../base/refusal.ts';
import { codePoints, hasControlCharacters, hasUnseenCharacters } from '../../base/text.ts';
import type { Context } from '../context.ts';

/** Empty becomes null. @throws Refusal display_name_invalid */
export function readDisplayName(ctx: Pick<Context, 'surface'>, text: string | null): string | null {
  if (text === null) return null;
  const { minLength, maxLength } = ctx.surface.displayName;
  const length = codePoints(text);
  if (length < minLength || length > maxLength || hasUnseenCharacters(text)) {
    throw new Refusal('display_name_invalid', { field: 'displayName', minLength, maxLength });
  }
  return text === '' ? null : text;
}

/** Shown next to a username: any text within the name's outer bounds. @throws Refusal display_name_invalid */
export function readUsernameDisplay(text: string): string {
  if (text === '' || codePoints(text) > 256 || hasUnseenCharacters(text)) {
    throw new Refusal('display_name_invalid', { field: 'usernameDisplay', maxLength: 256 });
  }
  return text;
}

const maxBio = 500;

/** Some lines about oneself. Empty becomes null. Code points. @throws Refusal bio_invalid */
export function readBio(text: string | null): string | null {
  if (text === null || text === '') return null;
  if (codePoints(text) > maxBio || hasUnseenCharacters(text.replaceAll(/[\n\r\t]/g, ''))) {
    throw new Refusal('bio_invalid', { field: 'bio', maxLength: maxBio });
  }
  return text;
}

const maxImageUrl = 2048;

/** An address of a picture. Pages treat it as hostile text and nothing fetches it (core map U6). */
export function readImageUrl(text: string | null): string | null {
  if (text === null || text === '') return null;
  if (text.length > maxImageUrl || hasControlCharacters(text)) throw new Refusal('image_invalid');
  if (/^(?:javascript|data|vbscript|file|blob):/i.test(text.trim())) throw new Refusal('image_invalid');
  return text;
}
