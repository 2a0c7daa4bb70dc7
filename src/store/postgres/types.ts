import { type ClientConfig, types } from 'pg';

const int8 = 20;
const numeric = 1700;
const bytea = 17;

/** Values come as SQLite gives them: numbers for every integer, plain byte arrays for bytes. */
function typeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === int8 || oid === numeric) return Number;
  if (oid === bytea) {
    const parse = types.getTypeParser(oid, format as 'text');
    return (text: string) => Uint8Array.from(parse(text) as Uint8Array);
  }
  return types.getTypeParser(oid, format as 'text');
}

/** How every connection of ours is made. No settings of the session among it: poolers refuse or drop them. */
export const clientOptions = (url: string): ClientConfig => ({
  connectionString: url,
  types: { getTypeParser: typeParser },
  application_name: 'latchkey',
  keepAlive: true,
});
