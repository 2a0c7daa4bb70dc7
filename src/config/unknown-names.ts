import { editDistance, nearestName } from './nearest.ts';
import type { Problem } from './problem.ts';
import type { Env } from './section.ts';

/** Nobody else's variables start like this. */
const ownPrefixes = ['LATCHKEY_', 'MOUNT_', 'PROVIDER_', 'HASH_'];
/** What Kubernetes tells every container about a service that is called like us. */
const ofTheCluster = /^[A-Z0-9_]+_(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP)(?:_\w+)?)?)$/;

/**
 * The environment is shared with everything else on the machine, so a name is only refused when it has one of our
 * prefixes or is a slip of the pen away from a key.
 */
export function unknownNames(env: Env, known: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = [];
  for (const name of Object.keys(env)) {
    if (known.has(name) || ofTheCluster.test(name)) continue;
    const ours = ownPrefixes.some((prefix) => name.startsWith(prefix));
    const meant = ours ? nearestName(name, known) : slip(name, known);
    if (!ours && meant === null) continue;
    problems.push({
      key: name,
      source: 'environment',
      problem: 'is not a known key',
      nearest: meant,
      mend: 'Rename it or remove it.',
    });
  }
  return problems;
}

/** One wrong letter in a short name, two in a long one. */
function slip(name: string, known: ReadonlySet<string>): string | null {
  for (const candidate of known) {
    const allowed = candidate.length < 8 ? 1 : 2;
    if (Math.abs(candidate.length - name.length) <= allowed && editDistance(name, candidate) <= allowed)
      return candidate;
  }
  return null;
}
