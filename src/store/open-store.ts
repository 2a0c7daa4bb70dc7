import { sql } from 'kysely';
import type { Clock, Instant } from '../base/clock.ts';
import type { DatabaseConfig } from '../base/configuration.ts';
import { type Ids, idFrom } from '../base/ids.ts';
import type { MailCaptureReads } from '../core/jobs/job.ts';
import type { Store } from '../core/store.ts';
import type { Diagnosis, Engine, FaultReport } from './engine.ts';
import type { EngineName } from './engine-name.ts';
import { fillProfileIndex, profileIndexMigration } from './fill-profile-index.ts';
import type { LimitKeyMac } from './limiter/retry-after.ts';
import { type SqlLimiter, sqlLimiter } from './limiter/sql-limiter.ts';
import { type Migration, type MigrationPlan, migrator, readMigrations } from './migrate.ts';
import { projectStore, type StoreHooks } from './project-store.ts';
import { type InstallationFacts, installationFacts } from './queries/installation-facts.ts';
import { type InstanceValues, instanceValues } from './queries/instance-values.ts';
import { mailCaptureReads } from './queries/mail-captures.ts';
import { type Nodes, nodeQueries } from './queries/nodes.ts';
import { type Projects, projectQueries } from './queries/projects.ts';
import { liveSessionText } from './queries/session-row.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';

export interface StoreDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly onFault?: FaultReport;
  /** Those of this version unless a test brings its own. */
  readonly migrations?: readonly Migration[];
}

/** The database of one installation. Nothing is migrated until `migrate` is called. */
export interface OpenStore {
  readonly engine: EngineName;
  /** The memory of one project, as use cases know it. */
  forProject(projectId: string, hooks: StoreHooks): Store;
  readonly projects: Projects;
  readonly instance: InstanceValues;
  /** Servers that work on it. */
  readonly nodes: Nodes;
  readonly facts: InstallationFacts;
  /** Of every project. */
  readonly keptMail: MailCaptureReads;
  /** Counters for several nodes without Redis. */
  limiter(mac: LimitKeyMac): SqlLimiter;
  /** Deletes events of before, of every project, the oldest first. Returns how many. */
  sweepEvents(before: Instant, limit: number): Promise<number>;
  /** Names of the migrations it applied. */
  migrate(): Promise<readonly string[]>;
  plan(): Promise<MigrationPlan>;
  /** Reverts the migration applied last; null when there is none. */
  down(): Promise<string | null>;
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  engineVersion(): Promise<string>;
  /** Between this process and PostgreSQL is a pooler that may give each transaction another connection. */
  readonly pooled: boolean;
  /** Tells every listener of this channel, as a transaction that commits would. PostgreSQL only. */
  notify(channel: string, text: string): Promise<void>;
  /** The database server's clock, in milliseconds; null when the database is in this process. */
  serverTime(): Promise<number | null>;
  /** Grows when another process on this machine changed people or sessions: caches compare it before they answer. */
  foreignWrites(): number;
  diagnose(): Promise<Diagnosis>;
  /** Call it every few seconds: when nothing was written since the last time, it tidies up behind the writers. */
  rest(): Promise<void>;
  /** Finishes the transaction in progress, then closes. */
  close(): Promise<void>;
}

export async function openStore(config: DatabaseConfig, deps: StoreDeps): Promise<OpenStore> {
  const engine = await openEngine(config, deps.onFault ?? (() => {}));
  const liveSession = liveSessionText(engine.reader);
  const known = deps.migrations ?? readMigrations();
  const migrations = migrator(engine.migrations, deps.clock, known);
  return {
    engine: engine.name,
    forProject: (projectId, hooks) => projectStore(engine, liveSession, deps.clock, projectId, hooks),
    projects: projectQueries(engine.reader, engine.transaction, deps),
    instance: instanceValues(engine.reader, engine.writer, deps.clock),
    nodes: nodeQueries(engine.writer),
    facts: installationFacts(engine.reader),
    keptMail: mailCaptureReads({ db: engine.reader, projectId: null }),
    limiter: (mac) => sqlLimiter(engine.writer, deps.clock, mac),
    async sweepEvents(before, limit) {
      const old = engine.reader
        .selectFrom('event')
        .select('id')
        .where('id', '<', idFrom(before))
        .orderBy('id')
        .limit(limit);
      // Looking takes no lock, and most of the time there is nothing.
      const ids = (await old.execute()).map(({ id }) => id);
      if (ids.length > 0) await engine.writer.deleteFrom('event').where('id', 'in', ids).execute();
      return ids.length;
    },
    async migrate() {
      const names = await migrations.up();
      if (known.some(({ name }) => name === profileIndexMigration)) await fillProfileIndex(engine);
      return names;
    },
    plan: migrations.plan,
    down: migrations.down,
    ping: engine.ping,
    engineVersion: engine.version,
    pooled: engine.pooled,
    notify: async (channel, text) => void (await sql`select pg_notify(${channel}, ${text})`.execute(engine.writer)),
    serverTime: engine.serverTime,
    foreignWrites: engine.foreignWrites,
    diagnose: engine.diagnose,
    rest: async () => engine.rest?.(),
    close: engine.close,
  };
}

/** PostgreSQL's client takes 20 MB, so it is loaded by those who use it. */
async function openEngine(config: DatabaseConfig, onFault: FaultReport): Promise<Engine> {
  if (config.engine === 'sqlite') return openSqlite(config.file);
  const { openPostgres } = await import('./postgres/open-postgres.ts');
  return openPostgres(config, onFault);
}
