/** Better Auth as its documentation sets it up, on the same engine: node:sqlite in WAL mode. */
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';

const database = new DatabaseSync(process.env.DATABASE_FILE!);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
const options = {
  database,
  secret: process.env.SECRET!,
  baseURL: `http://127.0.0.1:${process.env.PORT}`,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
};
if (process.env.MIGRATE) {
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  process.exit(0);
}
createServer(toNodeHandler(betterAuth(options))).listen(Number(process.env.PORT), '127.0.0.1', () =>
  console.log('ready'),
);
