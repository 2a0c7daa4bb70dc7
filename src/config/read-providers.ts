import type { ProviderConfig } from '../base/configuration.ts';
import { isReservedProvider } from '../base/provider-name.ts';
import { nearestName } from './nearest.ts';
import type { Problem } from './problem.ts';
import { providerKeys } from './provider-keys.ts';
import { providerTypes } from './provider-types.ts';
import { environmentName, inFile, joined, objectAt, type Reader, readSection, type ValuesOf } from './section.ts';

const keyForm = /^[a-z0-9][a-z0-9_-]{0,39}$/;
/** What the environment can give: enough for a known type without a file. */
const fromEnvironment = new Set(['clientId', 'clientSecret', 'issuer']);

/**
 * The providers of one project.
 * @param environment whether PROVIDER_<KEY>_… speaks of this project: it does of the default one
 */
export function readProviders(reader: Reader, given: unknown, path: string, environment: boolean): ProviderConfig[] {
  const object = objectAt(reader, given, path);
  const keys = new Set(Object.keys(object));
  if (environment) {
    for (const type of Object.keys(providerTypes)) {
      if (reader.env[variable(type, 'clientId')] !== undefined) keys.add(type);
    }
  }
  const providers: ProviderConfig[] = [];
  for (const key of keys) {
    const provider = readProvider(reader, key, object[key], joined(path, key), environment);
    if (provider) providers.push(provider);
  }
  return providers;
}

function nameProblem(key: string): Pick<Problem, 'problem' | 'mend'> | null {
  if (!keyForm.test(key)) {
    return { problem: 'is not a name for a provider', mend: 'Use lower-case letters, digits, - and _.' };
  }
  if (!isReservedProvider(key)) return null;
  return { problem: 'is a name that means something else here', mend: 'Name the provider otherwise.' };
}

function readProvider(
  reader: Reader,
  key: string,
  given: unknown,
  path: string,
  environment: boolean,
): ProviderConfig | null {
  const report = (name: string, problem: string, mend: string, nearest?: string | null) =>
    reader.problems.push({ key: joined(path, name), source: inFile(reader, path), problem, mend, nearest });
  const misnamed = nameProblem(key);
  if (misnamed) {
    reader.problems.push({ key: path, source: inFile(reader, path), ...misnamed });
    return null;
  }
  const values: ValuesOf<typeof providerKeys> = readSection(reader, providerKeys, given, {
    path,
    envName: (name) => (environment && fromEnvironment.has(name) ? variable(key, name) : null),
  });
  const typeName = values.type ?? (Object.hasOwn(providerTypes, key) ? key : 'oidc');
  const type = Object.hasOwn(providerTypes, typeName) ? providerTypes[typeName] : undefined;
  if (!type) {
    const names = Object.keys(providerTypes);
    report(
      'type',
      `is ${JSON.stringify(typeName)}, which is not a known type`,
      `Known are ${names.join(', ')}.`,
      nearestName(typeName, names),
    );
    return null;
  }
  if (values.clientId.length === 0) {
    const how = environment ? ` or ${variable(key, 'clientId')}` : '';
    report('clientId', 'is missing', `Give the client id that the provider issued, as clientId${how}.`);
  }
  if (type.issuerRequired && values.issuer === null) {
    report('issuer', 'is missing', `A provider of type ${typeName} needs one, such as https://id.example.com.`);
  }
  const absent = type.secretFrom?.filter((name) => values.settings[name] === undefined) ?? [];
  if (values.clientSecret === null && absent.length > 0) {
    report('settings', `lacks ${absent.join(', ')}`, 'The client secret is made from them. Or give clientSecret.');
  }
  const { clientId, type: _, trusted, ...rest } = values;
  return {
    ...rest,
    key,
    type: typeName,
    clientIds: clientId,
    // At another issuer it is another provider: its word is not the well-known one's.
    trusted: trusted ?? (type.trusted && values.issuer === null),
  };
}

const variable = (key: string, name: string): string =>
  `PROVIDER_${key.toUpperCase().replaceAll('-', '_')}_${environmentName(name)}`;
