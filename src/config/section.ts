import { concealCredentials } from '../base/conceal-credentials.ts';
import { type Form, isPlainObject } from './forms.ts';
import { nearestName } from './nearest.ts';
import type { Problem } from './problem.ts';
import { shownUrl } from './service-urls.ts';

export type Env = Readonly<Record<string, string | undefined>>;
export type Json = Readonly<Record<string, unknown>>;

/** One key that can be set. Tables of these are read, explained and documented by the same code. */
export interface Key<T> {
  readonly form: Form<T>;
  readonly default: T;
  /** What the default comes to, where it depends on something else. */
  readonly defaultWords?: string;
  /** `value`: never shown. `url`: shown without its user and password. Either may be `{"env": "NAME"}` in the file. */
  readonly secret?: 'value' | 'url';
  /** In the file, the values below it may be `{"env": "NAME"}`. */
  readonly refersBelow?: true;
  readonly only?: 'environment';
  readonly says: string;
}

export const key = <T>(row: Key<T>): Key<T> => row;

export type Table = Readonly<Record<string, Key<unknown>>>;
export type ValuesOf<T extends Table> = {
  readonly [K in keyof T]: T[K] extends Key<infer V> ? V : never;
};

/** A line of `latchkey config print`. */
export interface ConfigRow {
  readonly key: string;
  readonly value: string;
  readonly source: 'default' | 'environment' | 'file';
}

/** What one reading of the configuration collects on its way. */
export interface Reader {
  readonly env: Env;
  readonly fileName: string;
  readonly problems: Problem[];
  readonly rows: ConfigRow[];
  /** Names of environment variables that mean something here. */
  readonly usedNames: Set<string>;
}

export interface Place {
  /** Where the section stands in the file: empty at the top, else `providers.google`. */
  readonly path: string;
  /** Name of the variable that sets a key, where one does. */
  readonly envName?: (name: string) => string | null;
  /** Keys of the same object that are read by somebody else. */
  readonly alsoKnown?: readonly string[];
}

/** Reads one object by its table. A bad value is reported and stands as its default, so that the rest is read too. */
export function readSection<T extends Table>(reader: Reader, table: T, given: unknown, place: Place): ValuesOf<T> {
  const object = objectAt(reader, given, place.path);
  reportUnknown(reader, object, [...Object.keys(table), ...(place.alsoKnown ?? [])], place.path);
  const values = Object.entries(table).map(([name, row]) => [name, readKey(reader, row, object, name, place)]);
  return Object.fromEntries(values) as ValuesOf<T>;
}

export function objectAt(reader: Reader, given: unknown, path: string): Json {
  if (given === undefined) return {};
  if (isPlainObject(given)) return given;
  reader.problems.push({
    key: path,
    source: inFile(reader, path),
    problem: 'is not an object',
    mend: 'Write it as { … }.',
  });
  return {};
}

export function reportUnknown(reader: Reader, object: Json, known: readonly string[], path: string): void {
  for (const name of Object.keys(object)) {
    if (known.includes(name)) continue;
    reader.problems.push({
      key: joined(path, name),
      source: inFile(reader, joined(path, name)),
      problem: 'is not a known key',
      nearest: nearestName(name, known),
      mend: 'Rename it or remove it.',
    });
  }
}

function readKey<T>(reader: Reader, row: Key<T>, object: Json, name: string, place: Place): T {
  const filePath = joined(place.path, name);
  const variable = place.envName?.(name) ?? null;
  const fromEnv = variable === null ? undefined : reader.env[variable];
  if (variable !== null) reader.usedNames.add(variable);
  const shownKey = variable !== null && (fromEnv !== undefined || place.path === '') ? variable : filePath;

  let given: unknown;
  let source: ConfigRow['source'] = 'default';
  if (fromEnv !== undefined) {
    given = fromEnv;
    source = 'environment';
  } else if (object[name] !== undefined && row.only !== 'environment') {
    given = referred(reader, row, object[name], filePath);
    source = 'file';
  }
  if (given === undefined) {
    reader.rows.push({ key: shownKey, value: row.defaultWords ?? shown(row, row.default), source: 'default' });
    return row.default;
  }
  const reading = row.form.read(given);
  if ('value' in reading) {
    reader.rows.push({ key: shownKey, value: shown(row, reading.value), source });
    return reading.value;
  }
  reader.problems.push({
    key: source === 'environment' ? variable! : filePath,
    source: source === 'environment' ? 'environment' : inFile(reader, filePath),
    problem: row.secret ? reading.problem : `is ${echoed(given)}, which ${reading.problem}`,
    mend: row.secret
      ? `Give ${row.form.words}.`
      : `Correct it, or remove it to have ${row.defaultWords ?? shown(row, row.default)}.`,
  });
  return row.default;
}

/** Follows `{"env": "NAME"}`, so that a file without secrets can be kept with the code. */
function referred(reader: Reader, row: Key<unknown>, given: unknown, path: string): unknown {
  if (row.secret) return follow(reader, given, path);
  if (!row.refersBelow || !isPlainObject(given)) return given;
  const items = Object.entries(given).map(([name, item]) => [name, follow(reader, item, joined(path, name))]);
  return Object.fromEntries(items.filter(([, item]) => item !== undefined));
}

function follow(reader: Reader, given: unknown, path: string): unknown {
  if (!isPlainObject(given) || typeof given.env !== 'string' || Object.keys(given).length !== 1) return given;
  reader.usedNames.add(given.env);
  const value = reader.env[given.env];
  if (value === undefined) {
    reader.problems.push({
      key: path,
      source: inFile(reader, path),
      problem: `names the environment variable ${given.env}, which is not set`,
      mend: `Set ${given.env} or correct the name.`,
    });
  }
  return value;
}

export const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
export const inFile = (reader: Pick<Reader, 'fileName'>, path: string): string => `${reader.fileName}: ${path}`;

/** `publicUrl` is PUBLIC_URL in the environment. */
export const environmentName = (name: string): string => name.replaceAll(/[A-Z]/g, '_$&').toUpperCase();

export function shown(row: Pick<Key<unknown>, 'secret'>, value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return 'none';
  if (row.secret === 'value') return '(secret)';
  if (isPlainObject(value) && typeof value.file === 'string') return `sqlite:${value.file}`;
  const plain = typeof value === 'string' ? value : isUrlHolder(value) ? value.url : JSON.stringify(value);
  // Also where no password is asked for, somebody may have written one.
  return row.secret === 'url' ? shownUrl(plain) : concealCredentials(plain);
}

const isUrlHolder = (value: unknown): value is { readonly url: string } =>
  isPlainObject(value) && typeof value.url === 'string';

/** A value that was refused, for whoever wrote it: short, and without the users and passwords of URLs. */
export function echoed(given: unknown): string {
  const text = concealCredentials(JSON.stringify(given) ?? String(given));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
