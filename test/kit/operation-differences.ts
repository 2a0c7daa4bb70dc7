import type { Members, OperationFacts } from './operation-facts.ts';

/** Something that who wrote a client against the original would notice, or could use besides. */
export interface Difference {
  /** `GET /path/{}`. */
  readonly operation: string;
  /** `body.name`, `query.limit`, `200.user.id`; a status alone; empty for the operation as a whole. */
  readonly at: string;
  /** `lacking`, `more`, `required`, `optional`, or types such as `string → null|string`. */
  readonly change: string;
}

type Facts = Readonly<Record<string, OperationFacts>>;

/**
 * What differs for callers. Where here is said more exactly what there is left open, nothing does: a member of an answer that is
 * always there, a member of a request that may also be left out or be of another type.
 */
export function differences(original: Facts, ours: Facts): Difference[] {
  return Object.entries(original).flatMap(([operation, there]) => {
    const here = ours[operation];
    if (!here) return [{ operation, at: '', change: 'lacking' }];
    const asked = (['query', 'body'] as const).flatMap((part) => requestChanges(part, there[part], here[part]));
    const statuses = union(there.replies, here.replies);
    const told = statuses.flatMap((status) => replyChanges(status, there.replies[status], here.replies[status]));
    return topmost([...asked, ...told]).map(([at, change]) => ({ operation, at, change }));
  });
}

type Change = readonly [at: string, change: string];

function requestChanges(part: string, there: Members, here: Members): Change[] {
  return union(there, here).flatMap((name): Change[] => {
    const [before, now] = [there[name], here[name]];
    const at = name === '' ? part : `${part}.${name}`;
    if (before === undefined) return [[at, isOptional(now!) || isNoMember(name) ? 'more' : 'required']];
    if (now === undefined) return [[at, 'lacking']];
    if (isOptional(before) && !isOptional(now)) return [[at, 'required']];
    return fits(before, now) ? [] : [[at, `${bare(before)} → ${bare(now)}`]];
  });
}

function replyChanges(status: string, there: Members | undefined, here: Members | undefined): Change[] {
  if (!there) return [[status, 'more']];
  if (!here) return [[status, 'lacking']];
  return union(there, here).flatMap((name): Change[] => {
    const [before, now] = [there[name], here[name]];
    const at = name === '' ? status : `${status}.${name}`;
    if (before === undefined) return [[at, 'more']];
    if (now === undefined) return [[at, 'lacking']];
    if (!isOptional(before) && isOptional(now)) return [[at, 'optional']];
    return fits(now, before) ? [] : [[at, `${bare(before)} → ${bare(now)}`]];
  });
}

/** The whole, or an item of a list: nothing that could be left out. */
const isNoMember = (name: string): boolean => name === '' || name.endsWith('[]');

/** Of what is inside of something that differs itself, nothing is said. */
const topmost = (changes: readonly Change[]): Change[] =>
  changes.filter(
    ([at]) =>
      !changes.some(
        ([other, change]) =>
          !isStillNested(change) && (at.startsWith(`${other}.`) || (at.startsWith(`${other}[`) && at !== other)),
      ),
  );

/** What was an object or a list still is one. */
const isStillNested = (change: string): boolean => /(?:object|array).*→.*(?:object|array)/.test(change);

const union = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])];
const isOptional = (type: string): boolean => type.endsWith('?');
const bare = (type: string): string => type.replace('?', '');

/** Is everything of the one type also of the other? */
function fits(one: string, other: string): boolean {
  const wanted = bare(other).split('|');
  return (
    wanted.includes('any') ||
    bare(one)
      .split('|')
      .every((type) => wanted.includes(type))
  );
}

/** One row of a list of differences: a reason for one or several of them. */
export interface Expected {
  /** Operations and places; `*` stands for any text, `{a,b}` for either. */
  readonly operation: string;
  readonly at: string;
  readonly change: string;
  readonly why: string;
}

export function explains({ operation, at, change }: Expected, found: Difference): boolean {
  return matches(operation, found.operation) && matches(at, found.at) && matches(change, found.change);
}

const patterns = new Map<string, RegExp>();
function matches(glob: string, text: string): boolean {
  const pattern =
    patterns.get(glob) ??
    new RegExp(
      `^${glob
        .replaceAll(/[.[\]|?+()^$\\]/g, '\\$&')
        .replaceAll('*', '.*')
        // A path parameter is `{id}`; alternatives have a comma.
        .replaceAll(/\{([^{}]*,[^{}]*)\}/g, (_, list: string) => `(?:${list.replaceAll(',', '|')})`)
        .replaceAll(/\{(\w+)\}/g, '\\{$1\\}')}$`,
    );
  patterns.set(glob, pattern);
  return pattern.test(text);
}
