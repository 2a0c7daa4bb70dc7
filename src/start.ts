import type { Config, DialectName } from './base/configuration.ts';
import { dialectNames } from './base/configuration.ts';
import { type App, compose } from './compose.ts';
import { ConfigError } from './config/problem.ts';
import { readConfig } from './config/read-config.ts';
import { makeDataDir } from './config/secret-file.ts';
import { nativePrefix as betterAuthPrefix } from './http/better-auth/dialect.ts';
import { placeOf } from './http/mount.ts';

/** Starts the server and stops it, in good order, when it is told to. */
export async function start(): Promise<void> {
  let app: App;
  try {
    const config = readConfig({ env: process.env, cwd: process.cwd(), terminal: process.stdout.isTTY });
    makeDataDir(config.dataDir);
    app = await compose(config);
    await app.listen();
    await greet(config, app);
  } catch (fault) {
    process.stderr.write(`${fault instanceof ConfigError ? fault.message : explain(fault as Error)}\n`);
    process.exit(1);
  }
  stopWhenTold(app);
}

/** Asked twice, it stops at once: whoever asks again does not want to wait. */
function stopWhenTold(app: App): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    app.log.info({ signal }, 'stopping: finishing requests and jobs in progress');
    app.close().then(
      () => process.exit(0),
      (err) => {
        app.log.error({ err }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

const dialects: { readonly [name in DialectName]: { readonly title: string; readonly prefix: string } } = {
  'better-auth': { title: 'Better Auth', prefix: betterAuthPrefix },
};

/** What somebody who just started it wants to know. */
async function greet(config: Config, app: App): Promise<void> {
  const { publicUrl } = config.http;
  const lines = [`Latchkey is ready at ${publicUrl}`, ''];
  for (const name of dialectNames) {
    const mount = config.mounts[name];
    if (mount.kind === 'off') continue;
    lines.push(`  ${dialects[name].title.padEnd(14)} ${placeOf(mount, publicUrl).url}${dialects[name].prefix}`);
  }
  lines.push(`  ${'Operations'.padEnd(14)} ${publicUrl}/docs`);
  if (config.mail.smtpUrl === null)
    lines.push(`  ${'Mail'.padEnd(14)} ${publicUrl}/dev/mail (no SMTP_URL: nothing is sent)`);
  const link = await app.firstAdminLink();
  if (link !== null)
    lines.push('', 'Nobody has an account yet. Create the first administrator within a day:', `  ${link}`);
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

/** The usual reasons, in words that say what to do. */
function explain(fault: Error & { readonly code?: string; readonly port?: number }): string {
  if (fault.code === 'EADDRINUSE') {
    return `Port ${fault.port} is in use. Stop what listens there, or set PORT to another one.`;
  }
  if (fault.code === 'EACCES') return `${fault.message}. Choose a port above 1024, or a DATA_DIR that can be written.`;
  return fault.stack ?? fault.message;
}
