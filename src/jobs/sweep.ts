import { type Clock, days, hours, type Instant } from '../base/clock.ts';
import { knownNetworkMs } from '../core/networks/known-network.ts';
import type { Store, Tx } from '../core/store.ts';

interface Sweep {
  readonly name: string;
  /** How long rows stay after their end. */
  readonly keptMs: number;
  delete(tx: Tx, before: Instant, limit: number): Promise<number>;
}

const sweeps: readonly Sweep[] = [
  { name: 'sessions', keptMs: 0, delete: (tx, before, limit) => tx.sessions.sweep(before, limit) },
  { name: 'pending sign-ins', keptMs: hours(1), delete: (tx, before, limit) => tx.pendingSignIns.sweep(before, limit) },
  // So long can "expired", "used" and "never existed" be told apart (core map 1.5).
  { name: 'one-time values', keptMs: days(30), delete: (tx, before, limit) => tx.codes.sweep(before, limit) },
  { name: 'command-line sign-ins', keptMs: hours(1), delete: (tx, before, limit) => tx.cliLogins.sweep(before, limit) },
  {
    name: 'known networks',
    keptMs: knownNetworkMs,
    delete: (tx, before, limit) => tx.knownNetworks.sweep(before, limit),
  },
  { name: 'done jobs', keptMs: days(1), delete: (tx, before, limit) => tx.jobs.sweepDone(before, limit) },
];

const batch = 500;
/** A backlog is worked off over several runs, between which others write. */
const maxBatches = 20;

/** Deletes what has expired, a small transaction at a time. Returns how many rows went, by what they were. */
export async function sweep(
  store: Pick<Store, 'transaction'>,
  clock: Clock,
): Promise<Readonly<Record<string, number>>> {
  const gone: Record<string, number> = {};
  for (const { name, keptMs, delete: deleteExpired } of sweeps) {
    const before = (clock.now() - keptMs) as Instant;
    for (let round = 0; round < maxBatches; round += 1) {
      const count = await store.transaction((tx) => deleteExpired(tx, before, batch));
      if (count > 0) gone[name] = (gone[name] ?? 0) + count;
      if (count < batch) break;
    }
  }
  return gone;
}
