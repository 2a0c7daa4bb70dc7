import { type ClientConfig, types } from 'pg';
import type { PostgresConfig } from './open-postgres.ts';

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

/** How every connection of ours is made. Tables are named without their schema: the search path finds them. */
export const clientOptions = (config: PostgresConfig): ClientConfig => ({
  connectionString: config.url,
  types: { getTypeParser: typeParser },
  options: `-c search_path=${searchPath(config.schema)}`,
  application_name: 'latchkey',
  keepAlive: true,
});

/** Inside `options`, spaces and backslashes are escaped; quotes keep the letter case of the name. */
const searchPath = (schema: string): string => `"${schema.replaceAll('"', '""')}"`.replaceAll(/([\\ ])/g, '\\$1');

/** For a transaction that copies everything: the bounds that a server sets for requests would end it half way. */
export const unhurried = 'SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0';
