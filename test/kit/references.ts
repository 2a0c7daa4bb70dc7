import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const all = (text: string, form: RegExp): Set<string> => new Set([...text.matchAll(form)].map((found) => found[1]!));

/** What the pages of `docs/design` and `docs/wire` hold that may be cited. */
export interface Citable {
  /** Rows such as E4 and sections such as 1.5 of the core map. */
  readonly coreMap: ReadonlySet<string>;
  readonly rules: ReadonlySet<string>;
  /** Sections of a wire, by dialect. */
  readonly wire: ReadonlyMap<string, ReadonlySet<string>>;
}

export function readCitable(): Citable {
  const coreMap = read('docs/design/core-map.md');
  const sections = /^#+ (\d+(?:\.\d+)*[a-z]?)/gm;
  return {
    coreMap: new Set([...all(coreMap, /^\| \**([A-Z]\d+)\** \|/gm), ...all(coreMap, sections)]),
    rules: all(read('docs/design/security-rules.md'), /^(\d+)\./gm),
    wire: new Map(
      readdirSync(join(root, 'docs/wire')).map((file) => [file.slice(0, -3), all(read(`docs/wire/${file}`), sections)]),
    ),
  };
}

/** Everything that may cite them. */
export const citing = (): ReadonlyMap<string, string> =>
  new Map(
    ['src', 'test', 'docs/dialects', 'bench', 'examples', 'scripts']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
      )
      .filter((file) => /\.(?:ts|md)$/.test(file) && !file.includes('node_modules'))
      .map((file) => [file, read(file)]),
  );

/** Citations that lead nowhere. A wire is that of the dialect that is named, else of the folder. */
export function deadReferences({ coreMap, rules, wire }: Citable, file: string, text: string): string[] {
  const dead: string[] = [];
  for (const [cited, rows] of text.matchAll(/\bcore map ((?:§?[A-Z]?\d+(?:\.\d+)*(?:, | and )?)+)/g)) {
    for (const row of rows!.match(/[A-Z]?\d+(?:\.\d+)*/g) ?? []) if (!coreMap.has(row)) dead.push(`${file}: ${cited}`);
  }
  for (const [cited, named, section] of text.matchAll(/(?:\b([a-z]+(?:-[a-z]+)?) )?\bspec §(\d+(?:\.\d+)*[a-z]?)/g)) {
    const dialect =
      named !== undefined && wire.has(named) ? named : [...wire.keys()].find((name) => file.includes(name));
    if (!dialect || !wire.get(dialect)!.has(section!)) dead.push(`${file}: ${cited}`);
  }
  for (const [cited, rule] of text.matchAll(/\brules? (\d+)\b/g)) if (!rules.has(rule!)) dead.push(`${file}: ${cited}`);
  return dead;
}
