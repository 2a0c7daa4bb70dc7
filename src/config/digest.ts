import type { Config } from '../base/configuration.ts';

/** What may differ from node to node: where it runs, how large it is, how it logs and how it stops. */
const ofEachNode: readonly RegExp[] = [
  /^(?:dataDir|breachedPasswords$|log\.|database\.|sessionCacheEntries$|hashing\.(?:concurrency|queueLength)$)/,
  /^http\.(?:host|port|trustedProxies|requestTimeoutSeconds|drainSeconds|shutdownSeconds|metricsToken)$/,
];

/**
 * The configuration as nodes compare it: a keyed digest for each setting, so that it can be said which ones differ
 * while no value can be read. Settings of each node's own are left out.
 * @param mac keyed; the same on all nodes that share a secret
 */
export function configDigest(config: Config, mac: (text: string) => Uint8Array): Readonly<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [path, value] of leaves(config, '')) {
    if (ofEachNode.some((pattern) => pattern.test(path))) continue;
    digests[path] = Buffer.from(mac(`${path} ${JSON.stringify(value)}`))
      .subarray(0, 9)
      .toString('base64url');
  }
  return digests;
}

/** Lists whole, for order may count; of projects by their key, which is how operators know them. */
function* leaves(value: unknown, path: string): Generator<readonly [path: string, value: unknown]> {
  if (path === 'projects') {
    for (const project of value as Config['projects']) yield* leaves({ ...project }, `projects.${project.key}`);
    return;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    yield [path, value];
    return;
  }
  for (const [name, inner] of Object.entries(value)) yield* leaves(inner, path === '' ? name : `${path}.${name}`);
}

/** Settings whose digests differ, or that only one side has. */
export function differingKeys(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => one[key] !== other[key]).sort();
}
