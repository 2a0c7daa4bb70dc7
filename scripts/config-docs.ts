import { readFileSync, writeFileSync } from 'node:fs';
import { keyTables } from '../src/config/key-tables.ts';

/** Prints the tables of docs/configuration.md; with `--write`, puts them into the file. */
const file = new URL('../docs/configuration.md', import.meta.url);
const tables = Object.entries(keyTables());

if (process.argv.includes('--write')) {
  let text = readFileSync(file, 'utf8');
  for (const [name, table] of tables) {
    const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n<!-- /${name} -->)`);
    if (!between.test(text)) throw new Error(`docs/configuration.md has no place for the table ${name}`);
    text = text.replace(between, (_, start: string, end: string) => start + table + end);
  }
  writeFileSync(file, text);
} else {
  process.stdout.write(`${tables.map(([name, table]) => `## ${name}\n\n${table}\n`).join('\n')}`);
}
