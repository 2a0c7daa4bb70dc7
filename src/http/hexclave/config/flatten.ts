import type { ConfigOverrides } from '../../../core/projects/project-record.ts';

const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects and dotted paths, mixed as they come, to dotted paths alone (spec §8). An empty object stays one. */
export function flatten(tree: Readonly<Record<string, unknown>>, prefix = ''): ConfigOverrides {
  const entries = Object.entries(tree).flatMap(([name, value]): [string, unknown][] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return isBranch(value) && Object.keys(value).length > 0 ? Object.entries(flatten(value, path)) : [[path, value]];
  });
  return Object.fromEntries(entries);
}

/** Names no value: there is nothing below it, or nothing shall be. */
export const isEmptyBranch = (value: unknown): boolean => isBranch(value) && Object.keys(value).length === 0;

/** The tree with what it lacks taken from another one. */
export function filledFrom(defaults: object, tree: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...tree };
  for (const [name, value] of Object.entries(defaults)) {
    const own = Object.hasOwn(filled, name) ? filled[name] : undefined;
    if (own === undefined) filled[name] = value;
    else if (isBranch(own) && isBranch(value)) filled[name] = filledFrom(value, own);
  }
  return filled;
}

/** Dotted paths to one tree. A path that runs into a value of a shorter one replaces it. */
export function nest(paths: ConfigOverrides): Record<string, unknown> {
  const tree: Record<string, unknown> = Object.create(null);
  for (const [path, value] of Object.entries(paths)) {
    if (value === null || value === undefined) continue;
    const names = path.split('.');
    let branch: Record<string, unknown> = tree;
    for (const name of names.slice(0, -1)) {
      if (!isBranch(branch[name])) branch[name] = Object.create(null);
      branch = branch[name] as Record<string, unknown>;
    }
    branch[names.at(-1)!] = value;
  }
  return tree;
}

/** The paths above one: `a` and `a.b` of `a.b.c`. */
const above = (path: string): string[] => [...path.matchAll(/\./g)].map(({ index }) => path.slice(0, index));

/**
 * The level after a patch: later keys win, null removes a path and everything below it, an object replaces nothing but
 * what it names (spec §4.3). Read from the end, so that each path is looked at once, however many there are.
 */
export function patched(held: ConfigOverrides, patch: ConfigOverrides): ConfigOverrides {
  const said = new Set<string>();
  const aboveSaid = new Set<string>();
  const kept: [string, unknown][] = [];
  const changes = Object.entries(patch);
  const entries = [...Object.entries(held), ...changes];
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const [path, value] = entries[at]!;
    const removes = value === null && at >= entries.length - changes.length;
    const higher = above(path);
    const replaced = said.has(path) || aboveSaid.has(path) || higher.some((one) => said.has(one));
    if (!replaced && !removes) kept.push([path, value]);
    said.add(path);
    for (const one of higher) aboveSaid.add(one);
  }
  return Object.fromEntries(kept.reverse());
}

/** Without the paths named and everything below them. */
export function without(held: ConfigOverrides, gone: readonly string[]): ConfigOverrides {
  const named = new Set(gone);
  return Object.fromEntries(
    Object.entries(held).filter(([path]) => !named.has(path) && !above(path).some((one) => named.has(one))),
  );
}
