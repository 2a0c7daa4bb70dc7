import { existsSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/configuration.ts';
import { StartRefusal } from '../../base/start-refusal.ts';
import { clockWords } from '../../installation-checks.ts';
import { openDatabase } from '../../open-core.ts';
import type { OpenStore } from '../../store/open-store.ts';
import { commandStand } from '../with-project.ts';
import { nodeDifferences } from './differences.ts';
import { type Finding, fail, ok, reason, warn } from './finding.ts';
import { heardNodes } from './nodes.ts';
import { contents } from './stored.ts';

const oldestPostgres = 13;
const clockWarnsAfterMs = 5_000;

/** Reachable, new enough, migrated, whole, and the one that the settings are for. */
export async function database(config: Config, now: Clock['now']): Promise<readonly Finding[]> {
  if (config.database.engine === 'sqlite' && !existsSync(config.database.file)) {
    return [ok(`Database ${config.database.file} will be made at the first start`)];
  }
  const findings: Finding[] = [];
  let store: OpenStore | null = null;
  try {
    store = await openDatabase(config, commandStand());
    await store.ping();
    findings.push(version(await store.engineVersion()));
    const plan = await store.plan();
    findings.push(migrations(plan));
    if (plan.pending.length === 0) findings.push(...(await nodeDifferences(config, store, { now })));
    const { damage, time } = await store.diagnose();
    findings.push(...damageFindings(damage));
    if (time !== null) findings.push(clockDifference(time - now()));
    findings.push(...(await heardNodes(config, store)));
    if (plan.pending.length === 0) findings.push(...(await contents(config, store)));
  } catch (fault) {
    findings.push(
      fault instanceof StartRefusal
        ? fail(fault.problem, fault.mend)
        : fail(`Database: ${reason(fault)}`, mendOf(config)),
    );
  } finally {
    await store?.close().catch(() => {});
  }
  return findings;
}

function version(words: string): Finding {
  const postgres = /^PostgreSQL (\d+)/.exec(words)?.[1];
  if (postgres === undefined || Number(postgres) >= oldestPostgres) return ok(`Database answers: ${words}`);
  return fail(`${words} is too old`, `Upgrade it to PostgreSQL ${oldestPostgres} or newer.`);
}

function migrations({ pending }: { readonly pending: readonly { readonly name: string }[] }): Finding {
  if (pending.length === 0) return ok('Database is up to date');
  const names = pending.map(({ name }) => name).join(', ');
  return warn(`Database lacks ${names}`, 'The next start applies them; `latchkey migrate --plan` shows what they do.');
}

const damageFindings = (damage: readonly string[]): readonly Finding[] =>
  damage.length === 0
    ? [ok('Database is whole')]
    : damage
        .slice(0, 10)
        .map((what) => fail(`Database is damaged: ${what}`, 'Stop the server and restore the last backup.'));

export function clockDifference(ms: number): Finding {
  if (Math.abs(ms) < clockWarnsAfterMs) return ok('Clock agrees with the database server');
  return warn(`${clockWords(ms).replace(/^t/, 'T')}`, 'Set both by NTP: codes and sessions end by the clock.');
}

const mendOf = ({ database: { engine } }: Config): string =>
  engine === 'sqlite'
    ? 'Check that the file is a database of Latchkey and belongs to this user; else restore a backup.'
    : 'Check DATABASE_URL, and that the server runs and lets this machine in.';
