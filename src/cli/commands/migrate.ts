import { existsSync } from 'node:fs';
import type { Config } from '../../base/configuration.ts';
import { readConfig } from '../../config/read-config.ts';
import { openDatabase } from '../../open-core.ts';
import { type MigrationPlan, migrationSql, readMigrations } from '../../store/migrate.ts';
import type { OpenStore } from '../../store/open-store.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { confirmed, print } from '../terminal.ts';
import { commandStand } from '../with-project.ts';

export async function migrate(options: { readonly plan?: boolean; readonly down?: boolean }): Promise<void> {
  if (options.plan && options.down) throw new CommandFailure('Give either --plan or --down.', exitCodes.usage);
  // The secret plays no part here, and a plan makes no file.
  const config = readConfig({ env: process.env, cwd: process.cwd(), generatedSecret: () => '' });
  if (options.plan) return printPlan(await planOf(config));
  await withDatabase(config, options.down ? down : up);
}

async function up(store: OpenStore): Promise<void> {
  const names = await store.migrate();
  for (const name of names) print(`Applied ${name}`);
  if (names.length === 0) print('The database is up to date.');
}

async function down(store: OpenStore): Promise<void> {
  const last = (await store.plan()).applied.at(-1);
  if (last === undefined) throw new CommandFailure('Nothing was applied, so there is nothing to revert.');
  if (!(await confirmed(`Revert ${last}? Everything it added is lost.`))) return;
  print(`Reverted ${await store.down()}`);
}

/** Looks without making a file that is not there. */
function planOf(config: Config): Promise<MigrationPlan> {
  const { database } = config;
  if (database.engine === 'sqlite' && !existsSync(database.file)) {
    const pending = readMigrations().map((file) => ({ name: file.name, sql: migrationSql(file, 'up', 'sqlite') }));
    return Promise.resolve({ applied: [], pending });
  }
  return withDatabase(config, (store) => store.plan());
}

function printPlan({ applied, pending }: MigrationPlan): void {
  for (const name of applied) print(`-- ${name}: applied`);
  for (const { name, sql } of pending) print(`-- ${name}: would be applied\n${sql}\n`);
  if (pending.length === 0) print('-- Nothing to do.');
}

async function withDatabase<T>(config: Config, work: (store: OpenStore) => Promise<T>): Promise<T> {
  const store = await openDatabase(config, commandStand());
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
