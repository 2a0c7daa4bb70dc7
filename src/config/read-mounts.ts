import { type Config, type DialectName, dialectNames, type Mount } from '../base/configuration.ts';
import { type Form, isPlainObject, webOrigin } from './forms.ts';
import { nearestName } from './nearest.ts';
import { echoed, inFile, joined, objectAt, type Reader, reportUnknown } from './section.ts';

type Where =
  | { readonly kind: 'off' }
  | { readonly kind: 'path'; readonly prefix: string }
  | { readonly kind: 'host'; readonly origin: string };

/** Paths of the server itself: pages, the OIDC provider, operations. */
const ownPaths = ['/-', '/.well-known', '/oauth2', '/healthz', '/readyz', '/metrics', '/docs', '/dev', '/projects'];

const mountForm: Form<Where> = {
  words: 'a path such as /auth, an origin such as https://auth.example.com, or off',
  read(given) {
    if (given === 'off' || given === false) return { value: { kind: 'off' } };
    if (typeof given !== 'string') return { problem: `is not ${this.words}` };
    const origin = webOrigin.read(given);
    if ('value' in origin) return { value: { kind: 'host', origin: origin.value } };
    if (given !== '/' && !/^(?:\/[A-Za-z0-9._~-]+)+$/.test(given)) return { problem: `is not ${this.words}` };
    const first = `/${given.split('/')[1]}`;
    if (ownPaths.includes(first)) return { problem: `is taken: ${first} belongs to the server itself` };
    return { value: { kind: 'path', prefix: given } };
  },
};

export const mountVariable = (dialect: DialectName): string => `MOUNT_${dialect.toUpperCase().replaceAll('-', '_')}`;

/** Where each dialect answers and for which project. `projects`: the keys that exist. */
export function readMounts(reader: Reader, given: unknown, projects: readonly string[]): Config['mounts'] {
  const object = objectAt(reader, given, 'mounts');
  reportUnknown(reader, object, dialectNames, 'mounts');
  const mounts = dialectNames.map((dialect) => [dialect, readMount(reader, dialect, object[dialect], projects)]);
  return Object.fromEntries(mounts) as Config['mounts'];
}

function readMount(reader: Reader, dialect: DialectName, given: unknown, projects: readonly string[]): Mount {
  const path = `mounts.${dialect}`;
  const variable = mountVariable(dialect);
  reader.usedNames.add(variable);
  const detailed = isPlainObject(given) ? given : { at: given };
  if (isPlainObject(given)) reportUnknown(reader, given, ['at', 'project'], path);

  const project = detailed.project ?? 'default';
  if (typeof project !== 'string' || !projects.includes(project)) {
    reader.problems.push({
      key: joined(path, 'project'),
      source: inFile(reader, path),
      problem: `is ${JSON.stringify(project)}, which is not a project`,
      nearest: nearestName(String(project), projects),
      mend: 'Name a key of "projects", or "default".',
    });
  }

  const fromEnv = reader.env[variable];
  const at = fromEnv ?? detailed.at ?? `/${dialect}`;
  const source = fromEnv !== undefined ? 'environment' : detailed.at !== undefined ? 'file' : 'default';
  const reading = mountForm.read(at);
  if (!('value' in reading)) {
    reader.problems.push({
      key: source === 'environment' ? variable : path,
      source: source === 'environment' ? 'environment' : inFile(reader, path),
      problem: `is ${echoed(at)}, which ${reading.problem}`,
      mend: `Correct it, or remove it to have /${dialect}.`,
    });
    return { kind: 'off' };
  }
  reader.rows.push({ key: variable, value: String(at), source });
  return reading.value.kind === 'off' ? reading.value : { ...reading.value, project: String(project) };
}
