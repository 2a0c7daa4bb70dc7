import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { isoTime, systemClock } from './base/clock.ts';
import type { Config, DialectName } from './base/configuration.ts';
import { dialectNames } from './base/configuration.ts';
import { type App, compose } from './compose.ts';
import { readConfig } from './config/read-config.ts';
import { makeDataDir } from './config/secret-file.ts';
import { explainFault } from './explain-fault.ts';
import { clientUrl } from './http/client-url.ts';
import { placeOf } from './http/mount.ts';
import { holdForServer } from './store/sqlite/server-lock.ts';
import { version } from './version.ts';

/** Noted at once: whoever started this process may be gone by the time it is ready. */
const startedBy = process.ppid;

/** Starts the server and stops it, in good order, when it is told to. */
export async function start(): Promise<void> {
  speakToNobody();
  let app: App;
  try {
    const config = readConfig({ env: process.env, cwd: process.cwd(), terminal: process.stdout.isTTY });
    makeDataDir(config.dataDir);
    if (config.database.engine === 'sqlite') {
      mkdirSync(dirname(config.database.file), { recursive: true, mode: 0o700 });
      // Until the process ends; the listener also keeps it from being collected as garbage.
      process.once('exit', holdForServer(config.database.file));
    }
    app = await compose(config);
    await app.listen();
    await greet(config, app);
  } catch (fault) {
    process.stderr.write(`${explainFault(fault)}\n`);
    process.exit(1);
  }
  stopWhenTold(app);
  surviveFaults(app);
}

/**
 * Whoever reads the log may go: `| head`, a collector that is started anew. Without a listener each line would be a fault
 * that nobody caught, whose line would be the next one.
 */
function speakToNobody(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', () => {});
  }
}

/**
 * The last resort: a fault that nobody caught is a mistake of ours, and ends nothing. One request or job is lost by it;
 * the process would take all of them along.
 */
function surviveFaults({ log, countFault }: App): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (err: unknown) => {
      countFault();
      log.error({ err, event }, 'a fault that nobody caught; please report it');
    });
  }
}

/** Asked twice, it stops at once: whoever asks again does not want to wait. */
function stopWhenTold(app: App): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    app.log.info({ signal }, 'stopping: finishing requests and jobs in progress');
    // Whoever presses Ctrl-C wants it to end; a supervisor's signal comes while a proxy still sends requests here.
    const drained = signal === 'SIGTERM' ? app.drain() : Promise.resolve();
    drained
      .then(() => app.close())
      .then(
        () => process.exit(0),
        (err) => {
          app.log.error({ err }, 'did not stop cleanly');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.env.npm_lifecycle_event !== undefined) stopWithNpm(() => stopping || stop('SIGTERM'));
}

/** npm starts a shell that starts the server, and hands signals to the shell alone, which does not pass them on. */
function stopWithNpm(stop: () => void): void {
  setInterval(() => process.ppid === startedBy || stop(), 250).unref();
}

const titles: { readonly [name in DialectName]: string } = {
  'better-auth': 'Better Auth',
  hexclave: 'Hexclave',
  axumkit: 'AxumKit',
};

const trustsOthers = ({ projects }: Config): boolean =>
  projects.some(({ policy }) => (policy['redirects.origins'] as readonly string[] | undefined)?.length);

/** Hexclave's clients name the project themselves (core map K9). */
const projectId = (app: App, key: string): string =>
  app.projects.configured.find(({ configured }) => configured.key === key)!.project.id;

/** What somebody who just started it wants to know: text for people, lines of the log where a machine reads it. */
async function greet(config: Config, app: App): Promise<void> {
  const { publicUrl } = config.http;
  const places: Record<string, string> = {};
  for (const name of dialectNames) {
    const mount = config.mounts[name];
    if (mount.kind === 'off') continue;
    const id = name === 'hexclave' ? `  (project id ${projectId(app, mount.project)})` : '';
    places[titles[name]] = `${clientUrl(name, placeOf(mount, publicUrl))}${id}`;
  }
  places.Operations = `${publicUrl}/docs`;
  if (config.mail.smtpUrl === null) {
    const whom = config.development ? '' : ', and shown to this machine alone';
    places.Mail = `${publicUrl}/dev/mail (no SMTP_URL: nothing is sent${whom})`;
  }
  const ready = `Latchkey ${version} is ready at ${publicUrl}`;
  const link = await app.firstAdminLink();
  const nobody = 'There is no administrator yet. Create the first one within half an hour:';
  if (!config.log.pretty) {
    // Whoever waits for the server waits for the second line.
    if (link !== null) sayAsLine({ msg: `${nobody} ${link}` });
    sayAsLine({ version, places, msg: ready });
    return;
  }
  const lines = [ready, '', ...Object.entries(places).map(([name, place]) => `  ${name.padEnd(14)} ${place}`)];
  if (config.development && !trustsOthers(config)) {
    lines.push('', 'A browser application on another origin has to be named before it may call:');
    lines.push('  TRUSTED_ORIGINS=http://localhost:5173 npm start');
  }
  if (link !== null) lines.push('', nobody, `  ${link}`);
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

/** Past the log: whatever its level, and with the token that it would conceal. */
function sayAsLine(facts: object): void {
  const line = { level: 'info', time: isoTime(systemClock().now()), ...facts };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
