import { type ClientConfig, types } from 'pg';
import { quotedName } from './qualify-names.ts';

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

/** For copies: integers beyond 2^53 arrive whole. */
export const exactTypes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === int8 ? BigInt : typeParser(oid, format)),
};

/** How every connection of ours is made. No settings of the session among it: poolers refuse or drop them. */
export const clientOptions = (url: string): ClientConfig => ({
  connectionString: url,
  types: { getTypeParser: typeParser },
  application_name: 'latchkey',
  keepAlive: true,
});

/**
 * The first statements of a transaction that copies everything. The bounds that a server sets for requests would end it
 * half way; tables are found in the schema, for as long as the transaction lasts.
 */
export const forCopying = (schema: string): string =>
  'SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; ' +
  `SET LOCAL search_path TO ${quotedName(schema)}`;
