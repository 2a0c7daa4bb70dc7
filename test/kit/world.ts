import { pino } from 'pino';
import type { DatabaseConfig } from '../../src/base/configuration.ts';
import { type App, compose } from '../../src/compose.ts';
import type { CapturedMail } from '../../src/core/jobs/job.ts';
import type { GuardedFetch } from '../../src/providers/guarded-fetch.ts';
import { Browser } from './browser.ts';
import { type TestClock, testClock } from './clock.ts';
import { type ApiDocument, contractOf } from './contract.ts';
import { type Engine, engines, type TestDatabase } from './engines.ts';
import { freePort } from './free-port.ts';
import { seededRandom } from './random.ts';
import { removeScratch, scratchFolder } from './scratch-folder.ts';
import { type ConfigOptions, testConfig } from './test-config.ts';

export interface WorldOptions extends ConfigOptions {
  readonly engine?: Engine;
  /** One that is there already, in place of one of its own. */
  readonly database?: DatabaseConfig;
  readonly fetch?: GuardedFetch;
  readonly seed?: number;
  /** When it is; a fixed day unless a client of its own clock takes part. */
  readonly startIso?: string;
  /** WebAuthn takes names only: browsers know the server as `localhost`. */
  readonly hostname?: string;
  /** Hold every answer to the published document. On unless a test is about what goes wrong. */
  readonly contract?: boolean;
}

export interface World {
  readonly app: App;
  readonly url: string;
  /** Base of the Better Auth API. */
  readonly betterAuthUrl: string;
  readonly clock: TestClock;
  readonly database: TestDatabase | null;
  /** Where uploaded files are. */
  readonly dataDir: string;
  /** Log lines written so far. */
  readonly logged: string[];
  browser(headers?: Record<string, string>): Browser;
  /** Runs due jobs, then the newest mail to an address. Fails when there is none. */
  mail(to: string): Promise<CapturedMail>;
  mails(to?: string): Promise<readonly CapturedMail[]>;
  eventTypes(userId: string): Promise<string[]>;
  close(): Promise<void>;
}

/** A server on a free port with a clock that can be moved, seeded chance and mail kept in memory of the database. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const database = options.database ? null : await (options.engine ?? engines[0]!).create();
  const clock = testClock(options.startIso);
  const logged: string[] = [];
  const dataDir = scratchFolder('data');
  const port = await freePort();
  const hostname = options.hostname ?? '127.0.0.1';
  const publicUrl = options.http?.publicUrl ?? `http://${hostname}:${port}`;
  const config = testConfig(options, {
    ...{ port, publicUrl, dataDir },
    database: options.database ?? database!.config,
  });
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const app = await compose(config, {
    clock,
    random: seededRandom(options.seed ?? 1),
    log: log as never,
    jobsByHand: true,
    ...(options.fetch && { fetch: options.fetch }),
  });
  await app.listen();
  const url = `http://${hostname}:${port}`;
  const betterAuthUrl = `${url}/better-auth/api/auth`;
  const { store } = app.mainProject;
  const contract = (options.contract ?? true) ? await publishedContract(app, '/better-auth/openapi.json') : null;

  const world: World = {
    app,
    url,
    betterAuthUrl,
    clock,
    database,
    dataDir,
    logged,
    browser: (headers) => new Browser(betterAuthUrl, headers, contract),
    async mails(to) {
      await app.drainJobs();
      return store.read.mail.list({ ...(to !== undefined && { to }), limit: 100 });
    },
    async mail(to) {
      const [newest] = await world.mails(to);
      if (!newest) throw new Error(`no mail to ${to}`);
      return newest;
    },
    async eventTypes(userId) {
      const events = await store.read.events.listOf(userId, { limit: 100 });
      return events.map(({ type }) => type).reverse();
    },
    async close() {
      await app.close();
      await database?.drop();
      removeScratch(dataDir);
    },
  };
  return world;
}

/** Null where the dialect is not mounted at its usual place. */
async function publishedContract(app: App, path: string) {
  const answer = await app.http.inject({ method: 'GET', url: path });
  return answer.statusCode === 200 ? contractOf(answer.json<ApiDocument>()) : null;
}
