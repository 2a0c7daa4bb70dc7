import { type Clock, days, hours, type Instant } from '../base/clock.ts';
import { knownNetworkMs } from '../core/networks/known-network.ts';
import type { Ended, Store } from '../core/store.ts';

interface Sweep {
  readonly name: string;
  /** How long rows stay after their end. */
  readonly keptMs: number;
}

const sweeps: Readonly<Record<Ended, Sweep>> = {
  session: { name: 'sessions', keptMs: 0 },
  pending_sign_in: { name: 'pending sign-ins', keptMs: hours(1) },
  // So long can "expired", "used" and "never existed" be told apart (core map 1.5).
  one_time_value: { name: 'one-time values', keptMs: days(30) },
  cli_login: { name: 'command-line sign-ins', keptMs: hours(1) },
  known_network: { name: 'known networks', keptMs: knownNetworkMs },
  done_job: { name: 'done jobs', keptMs: days(1) },
  kept_mail: { name: 'kept mails', keptMs: days(7) },
  // People who were invited find the reason why the link does not work any more.
  invitation: { name: 'invitations', keptMs: days(90) },
  username_hold: { name: 'username holds', keptMs: 0 },
  trusted_device: { name: 'trusted devices', keptMs: 0 },
  parked_job: { name: 'parked jobs', keptMs: days(30) },
  // Owners see for a while what they revoked, and events name it.
  expired_key: { name: 'expired keys', keptMs: days(90) },
  revoked_key: { name: 'revoked keys', keptMs: days(90) },
  expired_project_key: { name: 'expired project keys', keptMs: days(90) },
  revoked_project_key: { name: 'revoked project keys', keptMs: days(90) },
  // Events name it for as long as somebody may ask what became of it.
  deleted_organization: { name: 'deleted organizations', keptMs: days(90) },
};

/** What goes with a sweep beside these: rows that other parts of the server look after. */
export const sweptBeside = ['released files', 'idle anonymous people', 'limit counters', 'events'] as const;

export const sweptNames: readonly string[] = [...Object.values(sweeps).map(({ name }) => name), ...sweptBeside];

/** What a sweep looks after: one project, which need not be open for it. */
export interface SweptProject {
  /** For the log. */
  readonly project: string;
  readonly store: Pick<Store, 'transaction'> & { readonly read: Pick<Store['read'], 'ended'> };
  /** Deletes files nobody shows any more; returns how many. */
  readonly sweepFiles?: () => Promise<number>;
  /** Erases anonymous people nobody can come back as; returns how many. */
  readonly sweepPeople?: () => Promise<number>;
}

const batch = 500;
/** A backlog is worked off over several runs, between which others write. */
const maxBatches = 20;

/** Deletes what has expired, a small transaction at a time. Returns how many rows went, by what they were. */
export async function sweep(
  { store, sweepFiles, sweepPeople }: Omit<SweptProject, 'project'>,
  clock: Clock,
): Promise<Readonly<Record<string, number>>> {
  const gone: Record<string, number> = {};
  for (const [what, { name, keptMs }] of Object.entries(sweeps) as [Ended, Sweep][]) {
    const before = (clock.now() - keptMs) as Instant;
    // Most of the time there is nothing, and looking takes no lock.
    if (!(await store.read.ended.any(what, before))) continue;
    for (let round = 0; round < maxBatches; round += 1) {
      const count = await store.transaction((tx) => tx.ended.sweep(what, before, batch));
      if (count > 0) gone[name] = (gone[name] ?? 0) + count;
      if (count < batch) break;
    }
  }
  const files = (await sweepFiles?.()) ?? 0;
  const people = (await sweepPeople?.()) ?? 0;
  return { ...gone, ...(files > 0 && { files }), ...(people > 0 && { people }) };
}
