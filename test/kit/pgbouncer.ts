import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { postgresUrl } from './postgres-run.ts';
import { removeScratch, scratchFolder } from './scratch-folder.ts';

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path));

if (program === undefined && process.env.CI === 'true') throw new Error('pgbouncer must be installed in CI');

/** Whether Debian's package is installed. */
export const hasPgbouncer = program !== undefined;

/** A pooler before the PostgreSQL that tests are told of. */
export interface Pgbouncer {
  /** The same database through it. */
  through(url: string): string;
  close(): Promise<void>;
}

/** In transaction mode, with so few connections that two transactions of one client seldom have the same one. */
export async function startPgbouncer(settings: Readonly<Record<string, string>> = {}): Promise<Pgbouncer> {
  const { hostname, port: postgresPort, username } = new URL(postgresUrl);
  const port = await freePort();
  const folder = scratchFolder('pgbouncer');
  chmodSync(folder, 0o755);
  const file = join(folder, 'pgbouncer.ini');
  const lines = {
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'any' },
    ...{ pool_mode: 'transaction', default_pool_size: 4, max_client_conn: 200, ...settings },
  };
  const server = `* = host=${hostname} port=${postgresPort || 5432} user=${username || 'postgres'}`;
  const written = Object.entries(lines).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(file, ['[databases]', server, '[pgbouncer]', ...written, ''].join('\n'), { mode: 0o644 });
  // It refuses to run as root. 65534 is nobody.
  const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(program!, [file], { ...identity, stdio: ['ignore', 'ignore', 'pipe'] });
  // Also after a test that failed before it closed.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await isUp(child);
  return {
    through(url) {
      const pooled = new URL(url);
      pooled.hostname = '127.0.0.1';
      pooled.port = String(port);
      return pooled.href;
    },
    async close() {
      process.off('exit', kill);
      kill();
      await once(child, 'exit');
      removeScratch(folder);
    },
  };
}

function isUp(child: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((up, failed) => {
    child.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/process up/.test(said)) up();
    });
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`pgbouncer ended with ${code}: ${said}`)));
  });
}
