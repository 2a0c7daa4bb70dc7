import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Path below `src` to text: the real sources, or a few invented ones that prove a guard. */
export type Sources = ReadonlyMap<string, string>;

const src = resolve(import.meta.dirname, '../../src');

export const readSources = (): Sources =>
  new Map(
    readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [file, readFileSync(join(src, file), 'utf8')]),
  );

/** Without comments, so that what a sentence says is no code. */
const codeOf = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:])\/\/.*$/gm, '$1');

export interface Import {
  readonly file: string;
  /** First folder of the importing file. */
  readonly from: string;
  /** Path below `src`; empty for packages. */
  readonly to: string;
  readonly module: string;
  readonly typeOnly: boolean;
}

export const importsOf = (sources: Sources): Import[] =>
  [...sources].flatMap(([file, text]) => {
    const found = [
      ...text.matchAll(/^(?:import|export)\b([^;]*?)from '([^']+)'/gms),
      // Also those that are made while the program runs.
      ...text.matchAll(/\bimport\(\s*()'([^']+)'\s*\)/g),
    ];
    return found.map(([, names, module]) => ({
      file,
      from: file.split('/')[0]!,
      to: module!.startsWith('.') ? relative('/', resolve('/', dirname(file), module!)) : '',
      module: module!,
      typeOnly: names!.trimStart().startsWith('type '),
    }));
  });

/** Imports that point outwards, as `file -> target`. */
export const outwardImports = (sources: Sources, mayImport: Readonly<Record<string, readonly string[]>>): string[] =>
  importsOf(sources)
    .filter(({ from, to }) => to.includes('/') && from in mayImport && from !== to.split('/')[0])
    .filter(({ from, to }) => !mayImport[from]!.includes(to.split('/')[0]!))
    .map(({ file, to }) => `${file} -> ${to}`);

/** Packages that the inner folders use, Node's own aside. */
export const packagesInside = (sources: Sources, folders: readonly string[]): string[] =>
  importsOf(sources)
    .filter(({ from, module }) => folders.includes(from) && !module.startsWith('.') && !module.startsWith('node:'))
    .map(({ file, module }) => `${file} -> ${module}`);

/** Dialects that know each other. */
export const crossingDialects = (sources: Sources, shared: readonly string[]): string[] =>
  importsOf(sources)
    .filter(({ from, to, file }) => {
      if (from !== 'http' || !to.startsWith('http/') || file.split('/').length < 3) return false;
      const other = to.split('/')[1]!;
      return file.split('/')[1] !== other && !shared.includes(other) && to.split('/').length > 2;
    })
    .map(({ file, to }) => `${file} -> ${to}`);

const chance = /Date\.now\(|new Date\(\)|randomBytes\(|randomUUID\(|Math\.random\(|getRandomValues\(/;

export const ownClocksAndChance = (sources: Sources, folders: RegExp, allowed: readonly string[]): string[] =>
  [...sources]
    .filter(([file, text]) => folders.test(file) && !allowed.includes(file) && chance.test(codeOf(text)))
    .map(([file]) => file);

/** The text between a parenthesis and the one that closes it; strings and templates may hold others. */
function balanced(text: string, open: number): string {
  let depth = 0;
  let quote: string | null = null;
  for (let at = open; at < text.length; at += 1) {
    const character = text[at]!;
    if (quote) {
      if (character === '\\') at += 1;
      else if (character === quote) quote = null;
    } else if (`'"\``.includes(character)) quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return text.slice(open, at + 1);
    }
  }
  return text.slice(open);
}

/** Every call of a door, with what is inside. */
export const transactionsOf = (sources: Sources): { readonly file: string; readonly body: string }[] =>
  [...sources]
    .filter(([file]) => file.startsWith('core/') && file !== 'core/acting.ts')
    .flatMap(([file, text]) => {
      const code = codeOf(text);
      return [...code.matchAll(/\b(?:act|asBearer|asSystem|asLinker|proving)(?:<[^(]*>)?\(/g)]
        .filter(({ index }) => !/(?:function|import|const) *\*?$/.test(code.slice(0, index).trimEnd()))
        .map(({ index, 0: call }) => ({ file, body: balanced(code, index + call.length - 1) }))
        .filter(({ body }) => body.includes('=>'));
    });

/** Refusals that roll a transaction back: counters and events of the failure go with it. */
export const refusalsThrownInside = (sources: Sources): string[] => [
  ...new Set(
    transactionsOf(sources)
      .filter(({ body }) => /\bthrow (?!new Error)|\bmust\(/.test(body))
      .map(({ file }) => file),
  ),
];

/** Files that import a name for more than its type. */
export const importersOf = (sources: Sources, target: string): string[] =>
  importsOf(sources)
    .filter(({ to, typeOnly }) => to === target && !typeOnly)
    .map(({ file }) => file)
    .sort();

/** Files that read the address of a client by themselves: behind a proxy it is the proxy's, and may carry a port. */
export const ownClientAddresses = (sources: Sources, readers: readonly string[]): string[] =>
  [...sources]
    .filter(([file, text]) => !readers.includes(file) && /\brequest\.ips?\b|remoteAddress/.test(codeOf(text)))
    .map(([file]) => file);

const endingMethods =
  /\.(?:sessions\.(?:end|endAllOf|endOldest|endImpersonationsBy)|pendingSignIns\.voidAllOf|codes\.voidAllOf|factors\.(?:removeAll|distrustDevices)|apiKeys\.revokeAllOf|passkeys\.removeAllOf|identities\.removeAllOf|knownNetworks\.forgetAllOf)\(/;

/** Core files that end things by themselves instead of by the table of endings. */
export const endingsOutside = (sources: Sources, allowed: readonly string[]): string[] =>
  [...sources]
    .filter(
      ([file, text]) =>
        file.startsWith('core/') && !file.startsWith('core/endings/') && endingMethods.test(codeOf(text)),
    )
    .map(([file]) => file)
    .filter((file) => !allowed.includes(file));

const credentialWrites = new RegExp(
  `\\btx\\.(?:${[
    'passwords\\.(?:set|remove|rehash)',
    'factors\\.(?:putPendingTotp|activateTotp|enableMailCode|replaceBackupCodes|insertDevice|removeAll|distrustDevices)',
    'emails\\.(?:insert|replace|setUse|markVerified|remove|demote)',
    'passkeys\\.(?:insert|remove|rename|removeAllOf)',
    'apiKeys\\.(?:insert|update|end|revoke|revokeAllOf)',
    'identities\\.(?:insert|update|remove|removeAllOf)',
    'users\\.(?:setRoles|erase|insert|endAnonymity)',
  ].join('|')})\\(`,
);

/**
 * How a file that writes passwords, factors, addresses, passkeys, keys, identities or roles, or makes and erases people,
 * is admitted. `own`: the door asks for a change of credentials. `admin`: for rights over the project. `bearer`: somebody
 * shows a credential. `step`: its callers are asked.
 */
export type Admission = 'own' | 'admin' | 'bearer' | 'step';

const admits: { readonly [how in Admission]: (code: string) => boolean } = {
  own: (code) => /\b(?:act|proving)\(/.test(code) && /change: '|refuseChange|proving\([^)]*'/.test(code),
  admin: (code) => /\bact\([^)]*may: /.test(code),
  bearer: (code) => /credential: '(?!none')\w+'/.test(code),
  step: (code) => !/\b(?:act|asBearer|asSystem)\(/.test(code),
};

/** What is wrong with the table of credential writers, as sentences. */
export function unadmittedWriters(sources: Sources, table: Readonly<Record<string, Admission>>): string[] {
  const core = [...sources].filter(([file]) => file.startsWith('core/'));
  const writers = core.filter(([, text]) => credentialWrites.test(codeOf(text))).map(([file]) => file);
  const wrong = writers.filter((file) => !(file in table)).map((file) => `${file} writes credentials and has no row`);
  for (const [file, how] of Object.entries(table)) {
    const text = sources.get(file);
    if (text === undefined) wrong.push(`${file} is not there any more`);
    else if (!admits[how](codeOf(text))) wrong.push(`${file} is not admitted as ${how}`);
  }
  const steps = Object.keys(table).filter((file) => table[file] === 'step');
  for (const { file, to, typeOnly } of importsOf(sources)) {
    if (typeOnly || !steps.includes(to) || !file.startsWith('core/') || file in table) continue;
    const code = codeOf(sources.get(file)!);
    const admitted = (['own', 'admin', 'bearer', 'step'] as const).some((how) => admits[how](code));
    if (!admitted) wrong.push(`${file} takes the step ${to} and admits nobody`);
  }
  return wrong;
}

/**
 * Work that is let go with `void` by the name of a function that is asynchronous somewhere in the sources: a fault of it
 * would be an unhandled rejection. `inBackground` is for that.
 */
export function workLetGo(sources: Sources): string[] {
  const asynchronous = new Set(
    [...sources.values()].flatMap((text) =>
      [...codeOf(text).matchAll(/async (?:function )?(\w+)\(|(?:const )?(\w+)(?: =|:) async\b/g)].map(
        ([, declared, assigned]) => declared ?? assigned,
      ),
    ),
  );
  return [...sources].flatMap(([file, text]) =>
    [...codeOf(text).matchAll(/\bvoid (?:[\w.?]+\.)?(\w+)\(/g)]
      .filter(([, name]) => asynchronous.has(name!))
      .map(([found]) => `${file}: ${found}`),
  );
}

/** Files of core that add a row of a kind that one owner may have only so many of. */
export const addersOf = (sources: Sources, ports: readonly string[]): string[] =>
  [...sources]
    .filter(
      ([file, text]) =>
        file.startsWith('core/') && new RegExp(`\\btx\\.(?:${ports.join('|')})\\.insert\\(`).test(codeOf(text)),
    )
    .map(([file]) => file)
    .sort();

/** Files that import each other in a circle, types included: the largest sets, each sorted. */
export function importCircles(sources: Sources): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, to } of importsOf(sources)) targets.set(file, [...(targets.get(file) ?? []), to]);
  const place = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];
  // Strongly connected components, by Tarjan's algorithm.
  function visit(file: string): void {
    place.set(file, place.size);
    lowest.set(file, place.get(file)!);
    path.push(file);
    for (const to of targets.get(file) ?? []) {
      if (!sources.has(to)) continue;
      if (!place.has(to)) visit(to);
      if (path.includes(to)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(to)!));
    }
    if (lowest.get(file) !== place.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) circles.push(circle.sort());
  }
  for (const file of sources.keys()) if (!place.has(file)) visit(file);
  return circles.sort((a, b) => a[0]!.localeCompare(b[0]!));
}

/** Files of surfaces that look at refusals and neither log one nor hand it on with their answer. */
export const silentRefusals = (sources: Sources): string[] =>
  [...sources]
    .filter(([file, text]) => /^http\/(?!kit\/)/.test(file) && text.includes('instanceof Refusal'))
    .filter(([, text]) => !/logRefusal\(call|, refusal \};/.test(text))
    .map(([file]) => file)
    .sort();
