import type { ProjectConfig } from '../base/configuration.ts';
import { isProjectName } from '../base/project-name.ts';
import { form, isPlainObject, orNull, text, webOrigin } from './forms.ts';
import { axumKitKeys, betterAuthKeys, hexclaveKeys, projectKeyKeys } from './keys.ts';
import { checkPolicy } from './policy-keys.ts';
import { readProviders } from './read-providers.ts';
import { environmentName, inFile, type Json, joined, key, objectAt, type Reader, readSection } from './section.ts';

const keyForm = /^[a-z][a-z0-9-]{0,39}$/;
const projectName = form('a name', (given) => (typeof given === 'string' && isProjectName(given) ? given : undefined));
/** Parts of a project. At the top of the file they speak of the default project. */
export const projectSections = ['policy', 'keys', 'betterAuth', 'hexclave', 'axumkit', 'providers'] as const;

/** The project of the people who administer other projects. Nobody signs up to it unless the operator says so. */
const internalKey = 'internal';
const internalPolicy = { 'signUp.enabled': false, 'redirects.localhost': true };

/** The projects of the file; the default one is always there, and first. */
export function readProjects(reader: Reader, file: Json): ProjectConfig[] {
  const projects = objectAt(reader, file.projects, 'projects');
  const others = [...new Set([...Object.keys(projects), internalKey])].filter((name) => name !== 'default');
  return [
    readDefault(reader, file, projects.default),
    ...others.flatMap((name) => {
      if (keyForm.test(name)) return [readProject(reader, name, projects[name], `projects.${name}`)];
      reader.problems.push({
        key: `projects.${name}`,
        source: inFile(reader, `projects.${name}`),
        problem: 'is not a project key',
        mend: 'Use lower-case letters, digits and -, a letter first.',
      });
      return [];
    }),
  ];
}

/** Top-level sections are a short form of `projects.default`; the same one in both places has no order of precedence. */
function readDefault(reader: Reader, file: Json, long: unknown): ProjectConfig {
  const short = projectSections.filter((name) => file[name] !== undefined);
  if (long === undefined) {
    return readProject(reader, 'default', Object.fromEntries(short.map((name) => [name, file[name]])), '');
  }
  for (const name of short) {
    reader.problems.push({
      key: name,
      source: inFile(reader, name),
      problem: `is also given as projects.default.${name}`,
      mend: 'Keep one of the two.',
    });
  }
  return readProject(reader, 'default', long, 'projects.default');
}

function readProject(reader: Reader, name: string, given: unknown, path: string): ProjectConfig {
  const fallback = name === 'default' ? 'Latchkey' : name === internalKey ? 'Latchkey administration' : name;
  const head = {
    displayName: key({
      form: projectName,
      default: fallback,
      says: 'What people are told the application is called.',
    }),
    id: key<string | null>({
      form: orNull(text('a UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)),
      default: null,
      defaultWords: 'made at the first start',
      says: 'What Hexclave clients are configured with.',
    }),
    appUrl: key<string | null>({
      form: orNull(webOrigin),
      default: null,
      defaultWords: 'axumkit.frontendUrl',
      says: 'Where people use the application, as `APP_URL` for the first project.',
    }),
  };
  const object = isPlainObject(given) ? given : {};
  const isDefault = name === 'default';
  const { displayName, id, appUrl } = readSection(reader, head, given, {
    ...{ path, alsoKnown: projectSections },
    envName: (of) => (isDefault && of === 'id' ? 'PROJECT_ID' : null),
  });
  const policyPath = joined(path, 'policy');
  const policy = checkPolicy(objectAt(reader, object.policy, policyPath), {
    path: policyPath,
    source: (at) => inFile(reader, at),
  });
  reader.problems.push(...policy.problems);
  for (const [name, value] of Object.entries(policy.overrides)) {
    reader.rows.push({ key: joined(policyPath, name), value: JSON.stringify(value), source: 'file' });
  }
  const axumkit = readSection(reader, axumKitKeys, object.axumkit, { path: joined(path, 'axumkit') });
  return {
    key: name,
    displayName,
    appUrl: appUrl ?? axumkit.frontendUrl,
    id: name === internalKey ? internalKey : id,
    policy: name === internalKey ? { ...internalPolicy, ...policy.overrides } : policy.overrides,
    keys: readSection(reader, projectKeyKeys, object.keys, {
      path: joined(path, 'keys'),
      envName: (kind) => (isDefault ? `PROJECT_${environmentName(kind)}_KEY` : null),
    }),
    providers: readProviders(reader, object.providers, joined(path, 'providers'), isDefault),
    betterAuth: readSection(reader, betterAuthKeys, object.betterAuth, { path: joined(path, 'betterAuth') }),
    hexclave: readSection(reader, hexclaveKeys, object.hexclave, { path: joined(path, 'hexclave') }),
    axumkit,
  };
}
