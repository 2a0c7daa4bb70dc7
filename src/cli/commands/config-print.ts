import { describeConfig } from '../../config/read-config.ts';
import { print, table } from '../terminal.ts';

/** Checks as the server would, and shows what it would use. Makes no file. */
export function configPrint(options: { readonly json?: boolean }): void {
  const rows = describeConfig({ env: process.env, cwd: process.cwd() });
  if (options.json) print(JSON.stringify(rows, null, 2));
  else {
    const cells = rows.map(({ key, value, source }) => [key, value, source]);
    print(table(['KEY', 'VALUE', 'SOURCE'], cells));
  }
}
