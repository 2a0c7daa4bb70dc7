const writable = /^[\t\x20-\x7e]*$/;

/**
 * The value of a header, known to be writable: an answer that cannot be written fails while its error can still be
 * answered in the dialect's words, and no text of a caller ends a header line or goes out in another encoding.
 * @throws Error a fault of ours: outside text was not settled before
 */
export function headerText(name: string, value: string): string {
  if (!writable.test(value)) throw new Error(`the header ${name} would hold a character that headers cannot`);
  return value;
}
