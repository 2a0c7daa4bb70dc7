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
