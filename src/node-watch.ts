import { hostname } from 'node:os';
import type { Clock, Instant } from './base/clock.ts';
import { minutes, seconds } from './base/clock.ts';
import type { Config } from './base/configuration.ts';
import type { Log } from './base/log.ts';
import { systemRandom } from './base/random.ts';
import { configDigest, differingKeys } from './config/digest.ts';
import type { Vault } from './core/vault.ts';
import { createVault } from './crypto/vault.ts';
import type { OpenStore } from './store/open-store.ts';
import type { Node } from './store/queries/nodes.ts';
import { version } from './version.ts';

/** How often a node says that it is here. */
export const reportEveryMs = seconds(30);
/** Whoever did not say so for this long is not here. */
const goneAfterMs = minutes(2);
/** Codes of authenticator applications change every 30 seconds, and the one before is taken too. */
const clockBoundMs = seconds(10);

export interface NodeWatch {
  /** Says that this node is here, and warns once of each difference from another. */
  look(): Promise<void>;
  leave(): Promise<void>;
}

interface Deps {
  readonly config: Config;
  readonly store: Pick<OpenStore, 'nodes' | 'diagnose'>;
  readonly vault: Pick<Vault, 'mac'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly id: string;
}

/**
 * Nodes of one installation share their configuration and the time, and nothing makes them: with sign-up open on one and
 * closed on another, people are answered by chance. So each writes down what it has, and looks at the others.
 */
export function watchNodes({ config, store, vault, clock, log, id }: Deps): NodeWatch {
  const startedAt = clock.now();
  const mine = configDigest(config, (text) => vault.mac('configuration', text));
  let told = new Set<string>();

  async function look(): Promise<void> {
    const clockAheadMs = await clockAhead(store, clock);
    const name = `${hostname()}:${config.http.port}`;
    const self: Node = { id, name, version, config: mine, clockAheadMs, startedAt };
    await store.nodes.report(self, clock.now());
    await store.nodes.sweep((clock.now() - 10 * goneAfterMs) as Instant);
    const now = new Set<string>();
    for (const other of await others(store, clock, self)) {
      for (const difference of differences(self, other)) {
        const key = `${other.id} ${difference.what} ${difference.settings?.join(' ') ?? ''}`;
        now.add(key);
        if (!told.has(key)) log.warn({ ...difference, other: other.name }, 'another node of this installation differs');
      }
    }
    told = now;
  }

  return { look, leave: () => store.nodes.leave(id) };
}

/** The nodes that run, and how each differs from what would run here. For whoever looks from outside. */
export async function compareWithNodes(config: Config, store: Deps['store'], clock: Clock) {
  const vault = createVault(config.secrets, systemRandom());
  const self = {
    id: 'none of them',
    config: configDigest(config, (text) => vault.mac('configuration', text)),
    clockAheadMs: await clockAhead(store, clock),
  };
  return (await others(store, clock, self)).map((other) => ({
    name: other.name,
    differences: differences(self, other),
  }));
}

/** Half way between asking and the answer. */
async function clockAhead(store: Pick<OpenStore, 'diagnose'>, clock: Clock): Promise<number> {
  const before = clock.now();
  const { time } = await store.diagnose();
  return time === null ? 0 : Math.round((before + clock.now()) / 2 - time);
}

/** Those that are here now, besides this one. */
async function others(
  store: Pick<OpenStore, 'nodes'>,
  clock: Clock,
  self: Pick<Node, 'id' | 'clockAheadMs'>,
): Promise<readonly Node[]> {
  const since = (clock.now() - self.clockAheadMs - goneAfterMs) as Instant;
  return (await store.nodes.since(since)).filter(({ id }) => id !== self.id);
}

interface Difference {
  readonly what: 'configuration' | 'clock';
  readonly settings?: readonly string[];
  readonly seconds?: number;
}

/** What two nodes should have alike and have not. */
function differences(
  one: Pick<Node, 'config' | 'clockAheadMs'>,
  other: Pick<Node, 'config' | 'clockAheadMs'>,
): readonly Difference[] {
  const found: Difference[] = [];
  const settings = differingKeys(one.config, other.config);
  // Digests are keyed by the secret: where that differs, nothing else can be compared.
  const secret = 'secrets.current';
  if (settings.length > 0)
    found.push({ what: 'configuration', settings: settings.includes(secret) ? [secret] : settings });
  const apart = Math.abs(one.clockAheadMs - other.clockAheadMs);
  if (apart > clockBoundMs) found.push({ what: 'clock', seconds: Math.round(apart / 1000) });
  return found;
}
