import type { SqlValue } from '../sqlite/protocol.ts';

/** A value as JSON has it. Bytes and integers beyond 2^53 carry a mark, since JSON has neither. */
type Written = null | string | number | { readonly bytes: string } | { readonly int: string };

/** One row as a line of JSON, without the line end. */
export const rowText = (row: readonly SqlValue[]): string => JSON.stringify(row.map(written));

/** @throws SyntaxError when the line is no row */
export function rowFrom(text: string): SqlValue[] {
  const row: unknown = JSON.parse(text);
  if (!Array.isArray(row)) throw new SyntaxError('not a row');
  return row.map(read);
}

function written(value: SqlValue): Written {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : { int: String(value) };
  }
  if (value instanceof Uint8Array) {
    return { bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  return value;
}

function read(value: Written): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if ('bytes' in value && typeof value.bytes === 'string') return Buffer.from(value.bytes, 'base64');
  if ('int' in value && typeof value.int === 'string') return BigInt(value.int);
  throw new SyntaxError('not a value');
}
