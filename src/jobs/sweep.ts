import { type Clock, days, hours, type Instant } from '../base/clock.ts';
import { knownNetworkMs } from '../core/networks/known-network.ts';
import type { Ended, Store, Tx } from '../core/store.ts';

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
  ended('kept mails', 'kept_mail', days(7)),
  // Whoever was invited finds the reason why the link does not work any more.
  ended('invitations', 'invitation', days(90)),
  ended('username holds', 'username_hold', 0),
  ended('trusted devices', 'trusted_device', 0),
  ended('parked jobs', 'parked_job', days(30)),
  // Owners see for a while what they revoked, and events name it.
  ended('expired keys', 'expired_key', days(90)),
  ended('revoked keys', 'revoked_key', days(90)),
];

function ended(name: string, what: Ended, keptMs: number): Sweep {
  return { name, keptMs, delete: (tx, before, limit) => tx.ended.sweep(what, before, limit) };
}

/** What else goes with a sweep, beside the tables of a project: `JobRunnerDeps` brings it. */
export const sweptBeside = ['released files', 'limit counters'] as const;

export const sweptNames: readonly string[] = [...sweeps.map(({ name }) => name), ...sweptBeside];

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
