import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export const postgresUrl = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test';

/** As they are where nobody configures them. */
export const postgresBounds = { directUrl: null, pooler: null, poolSize: 10, connectMs: 5_000, statementMs: 10_000 };

/** How workers know which run they belong to. Absent where no run was started, as in benchmarks. */
export const runVariable = 'TEST_POSTGRES_RUN';

/** Databases and schemas of a run begin with this. */
export const nameInRun = (run: string, rest: string): string => `${prefix}${run}_${rest}`;

const prefix = `${new URL(postgresUrl).pathname.slice(1)}_latchkey_`;

/** Every run holds this lock while it lasts, so that others can tell what a killed run left from what is in use. */
const runLock = `hashtextextended('latchkey test run ' || $1, 0)`;

/** Makes it known that a run is going on, and removes what killed runs left behind. Ends with the databases it made. */
export async function startPostgresRun(): Promise<{ stop(): Promise<void> }> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  const run = randomBytes(4).toString('hex');
  await client.query(`SELECT pg_advisory_lock(${runLock})`, [run]);
  process.env[runVariable] = run;
  for (const other of await runsWithLeftovers(client)) {
    if (other !== run) await removeUnlessAlive(client, other);
  }
  return {
    async stop() {
      await removeRun(client, run);
      await client.end();
    },
  };
}

async function runsWithLeftovers(client: Client): Promise<ReadonlySet<string>> {
  const names = await namesLike(client, prefix);
  return new Set(names.map(({ name }) => name.slice(prefix.length).split('_')[0]!));
}

async function removeUnlessAlive(client: Client, run: string): Promise<void> {
  const { rows } = await client.query(`SELECT pg_try_advisory_lock(${runLock}) AS ended`, [run]);
  if (!rows[0].ended) return;
  await removeRun(client, run);
  await client.query(`SELECT pg_advisory_unlock(${runLock})`, [run]);
}

async function removeRun(client: Client, run: string): Promise<void> {
  const left = await namesLike(client, nameInRun(run, ''));
  for (const { name } of left.filter(({ kind }) => kind === 'schema')) {
    await client.query(`DROP SCHEMA IF EXISTS "${name}" CASCADE`);
  }
  // At once, because each waits for a checkpoint, and one checkpoint does for all that wait.
  await Promise.all(left.filter(({ kind }) => kind === 'database').map(({ name }) => dropDatabase(name)));
}

async function dropDatabase(name: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  await client.end();
}

interface Named {
  readonly kind: 'database' | 'schema';
  readonly name: string;
}

async function namesLike(client: Client, start: string): Promise<readonly Named[]> {
  const { rows } = await client.query<Named>(
    `SELECT 'database' AS kind, datname::text AS name FROM pg_database WHERE starts_with(datname::text, $1)
     UNION ALL SELECT 'schema', nspname::text FROM pg_namespace WHERE starts_with(nspname::text, $1)`,
    [start],
  );
  return rows;
}
