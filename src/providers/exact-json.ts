/**
 * JSON of a provider, in which a whole number too large for a JavaScript number is the text of its digits. Numbers are
 * rounded otherwise, and two people whose ids differ in the last digit become one.
 * @throws SyntaxError
 */
export function readExactJson(text: string): unknown {
  return (JSON.parse as ParseWithSource)(text, (_name, value, { source } = {}) =>
    typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? source
      : value,
  );
}

/** ECMAScript 2027, "JSON.parse source text access": known to Node from version 22, and not yet to TypeScript. */
type ParseWithSource = (
  text: string,
  reviver: (name: string, value: unknown, context?: { readonly source?: string }) => unknown,
) => unknown;
