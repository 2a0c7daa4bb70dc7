import { bodyText } from './body-text.ts';

/**
 * Values of a JSON body, and the lists and objects around them. No request needs as many. A body of some megabytes could hold
 * millions, and everybody else would wait for seconds until all of them are looked at.
 */
const mostValues = 100_000;

export class TooManyValues extends Error {
  readonly statusCode = 400;

  constructor() {
    super('the request body holds too many values');
  }
}

/** The text of a JSON body, which holds no more values than somebody may wait for. @throws IllFormedText, TooManyValues */
export function jsonText(bytes: Buffer): string {
  if (bytes.length > mostValues && hasTooMany(bytes)) throw new TooManyValues();
  return bodyText(bytes);
}

const [quote, backslash, comma, list, object] = Buffer.from('"\\,[{');

/** Each value but the first stands behind a comma or opens what it is in. */
function hasTooMany(bytes: Buffer): boolean {
  let values = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfText(bytes, at);
    else if (byte === comma || byte === list || byte === object) {
      values += 1;
      if (values > mostValues) return true;
    }
  }
  return false;
}

function endOfText(bytes: Buffer, start: number): number {
  let end = start;
  do {
    end = bytes.indexOf(quote!, end + 1);
    if (end === -1) return bytes.length;
  } while (isEscaped(bytes, end));
  return end;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at;
  while (bytes[before - 1] === backslash) before -= 1;
  return (at - before) % 2 === 1;
}
