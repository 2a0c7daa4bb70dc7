import { dialectNames } from '../base/configuration.ts';
import { defaultPolicy } from '../core/policy.ts';
import { axumKitKeys, betterAuthKeys, hexclaveKeys, keys, projectKeyKeys } from './keys.ts';
import { policyKeys } from './policy-keys.ts';
import { providerKeys } from './provider-keys.ts';
import { mountVariable } from './read-mounts.ts';
import { environmentName, type Key, shown, type Table } from './section.ts';

/** The tables of `docs/configuration.md`, made from those that the server reads by. */
export const keyTables = (): Readonly<Record<string, string>> => ({
  keys: markdown(
    ['Environment', 'File', 'Form', 'Default', 'Meaning'],
    [
      ...Object.entries(keys).map(([name, row]: [string, Key<unknown>]) => [
        code(environmentName(name)),
        row.only ? '–' : code(name),
        cell(row.form.words),
        defaultOf(row),
        row.says,
      ]),
      ...dialectNames.map((dialect) => [
        code(mountVariable(dialect)),
        code(`mounts.${dialect}`),
        'a path, an origin, or off',
        code(`/${dialect}`),
        'Where the dialect answers. See Mounts.',
      ]),
    ],
  ),
  policy: markdown(
    ['Key', 'Form', 'Default', 'Meaning'],
    Object.entries(policyKeys).map(([name, row]) => [code(name), cell(row.form.words), policyDefault(name), row.says]),
  ),
  betterAuth: sectionTable(betterAuthKeys),
  hexclave: sectionTable(hexclaveKeys),
  axumkit: sectionTable(axumKitKeys),
  projectKeys: sectionTable(projectKeyKeys),
  providers: sectionTable(providerKeys),
});

const sectionTable = (table: Table): string =>
  markdown(
    ['Key', 'Form', 'Default', 'Meaning'],
    Object.entries(table).map(([name, row]) => [code(name), cell(row.form.words), defaultOf(row), row.says]),
  );

const defaultOf = (row: Key<unknown>): string =>
  row.defaultWords ? cell(row.defaultWords) : code(shown({}, row.default));

function policyDefault(name: string): string {
  const value = name
    .split('.')
    .reduce<unknown>((branch, part) => (branch as Record<string, unknown>)[part], defaultPolicy);
  if (value instanceof RegExp) return code(value.source);
  if (Array.isArray(value)) return code(value.join(', ') || 'none');
  if (typeof value === 'object' && value !== null) return code(JSON.stringify(value));
  return code(String(value ?? 'none'));
}

const code = (text: string): string => `\`${text}\``;
/** `<` would start a tag, `|` another cell. */
const cell = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('|', '\\|');

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
