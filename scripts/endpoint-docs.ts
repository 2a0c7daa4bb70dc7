import { readFileSync, writeFileSync } from 'node:fs';
import { endpointTable } from './endpoint-table.ts';

/** Puts the table of endpoints into docs/dialects/better-auth.md. */
const file = new URL('../docs/dialects/better-auth.md', import.meta.url);
const between = /(<!-- endpoints -->\n)[\s\S]*?(\n<!-- \/endpoints -->)/;
const text = readFileSync(file, 'utf8');
if (!between.test(text)) throw new Error('docs/dialects/better-auth.md has no place for the endpoints');
writeFileSync(
  file,
  text.replace(between, (_, start: string, end: string) => start + endpointTable() + end),
);
