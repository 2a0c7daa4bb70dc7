import { readFileSync, writeFileSync } from 'node:fs';
import { differenceTable } from './difference-table.ts';
import { documented, endpointTable } from './endpoint-table.ts';

/** Puts the tables of endpoints, and of differences from the originals' documents, into the pages of docs/dialects/. */
const tables = { endpoints: endpointTable, differences: differenceTable };
for (const dialect of Object.keys(documented)) {
  const file = new URL(`../docs/dialects/${dialect}.md`, import.meta.url);
  let text = readFileSync(file, 'utf8');
  for (const [name, table] of Object.entries(tables)) {
    const between = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`);
    if (!between.test(text)) throw new Error(`docs/dialects/${dialect}.md has no place for the ${name}`);
    text = text.replace(between, (_, start: string, end: string) => start + table(dialect) + end);
  }
  writeFileSync(file, text);
}
