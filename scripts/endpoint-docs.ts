import { readFileSync, writeFileSync } from 'node:fs';
import { documented, endpointTable } from './endpoint-table.ts';

/** Puts the tables of endpoints into the pages of docs/dialects/. */
const between = /(<!-- endpoints -->\n)[\s\S]*?(\n<!-- \/endpoints -->)/;
for (const dialect of Object.keys(documented)) {
  const file = new URL(`../docs/dialects/${dialect}.md`, import.meta.url);
  const text = readFileSync(file, 'utf8');
  if (!between.test(text)) throw new Error(`docs/dialects/${dialect}.md has no place for the endpoints`);
  const filled = text.replace(between, (_, start: string, end: string) => start + endpointTable(dialect) + end);
  writeFileSync(file, filled);
}
