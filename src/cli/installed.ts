import type { Installed } from '../back-up.ts';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { readConfig } from '../config/read-config.ts';
import { keptSecret } from '../config/secret-file.ts';
import { filesPart } from '../store/backup/format.ts';
import type { BackupSummary } from '../store/backup/write-backup.ts';
import { CommandFailure } from './failure.ts';

/** This installation, looked at without making a file: also the secret is only read. */
export function installedHere(): Installed {
  const config = readConfig({
    ...{ env: process.env, cwd: process.cwd() },
    generatedSecret: (dataDir) => keptSecret(dataDir) ?? '',
  });
  return { config, clock: systemClock(), random: systemRandom() };
}

/** Lets work that is told to stop clean up behind itself. */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(stopped.signal);
  } catch (fault) {
    throw stopped.signal.aborted ? new CommandFailure('Stopped. Nothing was changed.') : fault;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

const counted: readonly (readonly [part: string, one: string, many: string])[] = [
  ['user', 'person', 'people'],
  ['organization', 'organization', 'organizations'],
  ['session', 'session', 'sessions'],
  ['project', 'project', 'projects'],
  [filesPart, 'stored file', 'stored files'],
];

/** What a backup holds, in one line. */
export function partRows({ closing }: Pick<BackupSummary, 'closing'>): string {
  const rows = new Map(closing.parts.map((part) => [part.closed, part.rows]));
  return counted.map(([part, one, many]) => `${rows.get(part) ?? 0} ${rows.get(part) === 1 ? one : many}`).join(', ');
}
