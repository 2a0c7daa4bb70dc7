import { isUtf8 } from 'node:buffer';

/** Bytes or escapes of a body that are not UTF-8. They would be read as U+FFFD, one like the other. */
export class IllFormedText extends Error {
  readonly statusCode = 400;

  constructor() {
    super('the request body is not well-formed UTF-8');
  }
}

/** @throws IllFormedText */
export function bodyText(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new IllFormedText();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** Forms have fields; files come another way. */
const longestForm = 1_048_576;

class FormTooLarge extends Error {
  readonly statusCode = 413;
}

/**
 * A form (URL Standard §5.1) whose escapes are UTF-8. A `%` that begins no escape is itself.
 * @throws IllFormedText, or an error of status 413
 */
export function formPairs(text: string): URLSearchParams {
  if (text.length > longestForm) throw new FormTooLarge('a form this long is none');
  try {
    decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    throw new IllFormedText();
  }
  return new URLSearchParams(text);
}

type Done = (error: Error | null, value?: unknown) => void;

/** What a body parser makes of a body, or why it cannot. */
export function parsed(done: Done, parse: () => unknown): void {
  let value: unknown;
  try {
    value = parse();
  } catch (fault) {
    done(fault as Error);
    return;
  }
  done(null, value);
}
