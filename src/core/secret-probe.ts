import type { JsonValue } from '../base/json.ts';
import { StartRefusal } from '../base/start-refusal.ts';
import type { Vault } from './vault.ts';

/** Facts about the installation that the store keeps. */
export interface ProbeMemory {
  get(key: string): Promise<JsonValue | null>;
  set(key: string, value: JsonValue): Promise<void>;
  /** Unless it has a value. */
  add(key: string, value: JsonValue): Promise<void>;
}

/** Where the store keeps it. */
export const secretProbeKey = 'secret_probe';

/**
 * Under which secret this database was used last: not known, the configured one, or another. A previous secret that is
 * configured counts as known; the rest of it is for whoever keeps it (docs/configuration.md, Secrets and rotation).
 */
export async function secretState(
  memory: ProbeMemory,
  vault: Vault,
): Promise<'new' | 'current' | 'previous' | 'other'> {
  const kept = await memory.get(secretProbeKey);
  if (typeof kept !== 'string') return 'new';
  if (kept === markOf(vault)) return 'current';
  return vault.verifyMac('secret probe', text, Buffer.from(kept, 'base64url')) ? 'previous' : 'other';
}

/**
 * Remembers the secret at the first start, and at each further one refuses another one.
 * @throws StartRefusal
 */
export async function holdSecret(memory: ProbeMemory, vault: Vault): Promise<void> {
  const state = await secretState(memory, vault);
  if (state === 'previous') await memory.set(secretProbeKey, markOf(vault));
  // Of two processes that start first together, one names the secret.
  if (state === 'new') await memory.add(secretProbeKey, markOf(vault));
  const settled = state === 'new' ? await secretState(memory, vault) : state;
  if (settled === 'other') throw new StartRefusal(otherSecret, restoreSecret);
}

export const otherSecret =
  'The secret is not the one this database was used with: authenticator apps, codes, links and the tokens of providers ' +
  'would stop working';
export const restoreSecret =
  'Set SECRET to the former one, or add the former one to SECRET_PREVIOUS when it was replaced on purpose. If it is lost ' +
  'for good, so is what it sealed: delete the row secret_probe of the table instance, and start again.';

const text = 'latchkey';
const markOf = (vault: Vault): string => Buffer.from(vault.mac('secret probe', text)).toString('base64url');
