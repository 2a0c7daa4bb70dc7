import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Imports point inwards only. `main.ts`, `compose.ts` and `log.ts` join the parts and may know all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  core: ['base'],
  config: ['base', 'core'],
  crypto: ['base', 'core'],
  store: ['base', 'core'],
  mail: ['base', 'core'],
  files: ['base', 'core'],
  providers: ['base', 'core'],
  conditions: ['base', 'core'],
  jobs: ['base', 'core', 'mail'],
  http: ['base', 'core'],
  cli: ['base', 'core', 'config', 'store', 'mail'],
};

const src = resolve(import.meta.dirname, '../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly module: string;
}

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gms)].map(([, module]) => {
    const to = module!.startsWith('.') ? relative(src, resolve(src, dirname(file), module!)) : '';
    return { file, from: file.split('/')[0]!, to, module: module! };
  });
});

describe('imports point inwards', () => {
  for (const folder of Object.keys(mayImport)) {
    test(`${folder} imports only ${[...mayImport[folder]!, folder].join(', ')}`, () => {
      const foreign = imports
        .filter(({ from, to }) => from === folder && to.includes('/'))
        .filter(({ to }) => to.split('/')[0] !== folder && !mayImport[folder]!.includes(to.split('/')[0]!));
      expect(foreign.map(({ file, to }) => `${file} -> ${to}`)).toEqual([]);
    });
  }

  test('every folder has a row', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]!));
    expect([...folders].filter((folder) => !(folder in mayImport))).toEqual([]);
  });

  test('the core knows no package but Node itself', () => {
    const packages = imports.filter(
      ({ from, module }) => (from === 'core' || from === 'base') && !module.startsWith('.'),
    );
    expect(
      packages.filter(({ module }) => !module.startsWith('node:')).map(({ file, module }) => `${file} -> ${module}`),
    ).toEqual([]);
  });

  test('dialects do not know each other', () => {
    const shared = ['kit', 'pages', 'ops'];
    const crossing = imports.filter(({ from, to, file }) => {
      if (from !== 'http' || !to.startsWith('http/') || file.split('/').length < 3) return false;
      const own = file.split('/')[1]!;
      const other = to.split('/')[1]!;
      return own !== other && !shared.includes(other) && to.split('/').length > 2;
    });
    expect(crossing.map(({ file, to }) => `${file} -> ${to}`)).toEqual([]);
  });
});

describe('time and chance come in as arguments', () => {
  const allowed = ['base/clock.ts', 'base/random.ts'];
  for (const file of files.filter((name) =>
    /^(?:base|core|http|store|jobs|crypto|mail|files|providers)\//.test(name),
  )) {
    if (allowed.includes(file)) continue;
    test(`${file} reads no clock and draws no chance of its own`, () => {
      const text = readFileSync(join(src, file), 'utf8');
      expect(text).not.toMatch(/Date\.now\(|new Date\(\)|randomBytes\(|randomUUID\(|Math\.random\(|getRandomValues\(/);
    });
  }
});

describe('refusals of transactions are returned (core map M3)', () => {
  const folders = /^core\/(?:sign-in|codes|factors|keys|oauth)\//;
  for (const file of files.filter((name) => folders.test(name))) {
    test(`${file} throws no refusal inside a transaction`, () => {
      const text = readFileSync(join(src, file), 'utf8');
      const bodies = [...text.matchAll(/transaction\(async \(tx\) => \{([\s\S]*?)\n {2}\}\)/g)].map(([, body]) => body!);
      expect(bodies.filter((body) => body.includes('throw new Refusal'))).toEqual([]);
    });
  }
});
