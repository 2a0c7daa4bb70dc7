import { axumKitAdditions } from '../test/data/differences/axumkit.ts';
import { betterAuthDifferences } from '../test/data/differences/better-auth.ts';
import { hexclaveDifferences } from '../test/data/differences/hexclave.ts';

interface Row {
  readonly operation: string;
  readonly at: string;
  readonly change: string;
  readonly why: string;
}

/** What differs from the documents of the originals, which a test compares. */
const rowsOf: Readonly<Record<string, readonly Row[]>> = {
  'better-auth': betterAuthDifferences,
  hexclave: hexclaveDifferences,
  axumkit: axumKitAdditions.map((row) => ({ ...row, at: '', change: 'more' })),
};

const words: Readonly<Record<string, string>> = {
  more: 'added',
  lacking: 'not here',
  required: 'asked for',
  optional: 'may be absent',
};

const code = (text: string): string => (text === '' || text === '*' ? 'any' : `\`${text.replaceAll('|', '\\|')}\``);

/** The table of one dialect. */
export function differenceTable(dialect: string): string {
  const rows = rowsOf[dialect]!.map(
    ({ operation, at, change, why }) =>
      `| ${code(operation)} | ${at === '' ? '' : code(at)} | ${words[change] ?? code(change)} | ${why} |`,
  );
  return ['| Operation | Where | Difference | Why |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
