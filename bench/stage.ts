/** Starts the servers that a benchmark compares, each a process of its own, and stops them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const secret = 'a secret for benchmarks only, 0123456789abcdef';
export const ports = { bare: 4101, latchkey: 4102, betterAuth: 4103 } as const;
const root = resolve(import.meta.dirname, '..');

export interface Stage {
  readonly folder: string;
  bare(body: Buffer): Promise<ChildProcess>;
  latchkey(env?: Record<string, string>): Promise<ChildProcess>;
  betterAuth(env?: Record<string, string>): Promise<ChildProcess>;
  stop(): Promise<void>;
}

export function createStage(): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  const running: ChildProcess[] = [];

  function start(
    script: string | readonly string[],
    env: Record<string, string>,
    readyText: string,
  ): Promise<ChildProcess> {
    const child = spawn(process.execPath, [script].flat(), {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(child);
    return new Promise((done, fail) => {
      let said = '';
      child.stdout!.on('data', (chunk) => {
        said += chunk;
        if (said.includes(readyText)) done(child);
      });
      child.on('exit', (code) => fail(new Error(`${script} ended with ${code}: ${said}`)));
    });
  }

  return {
    folder,
    async bare(body) {
      const file = join(folder, 'body.json');
      writeFileSync(file, body);
      return start(
        join(import.meta.dirname, 'servers/bare.ts'),
        { PORT: String(ports.bare), BODY_FILE: file },
        'ready',
      );
    },
    latchkey: (env = {}) =>
      start(
        startArguments(root),
        {
          PORT: String(ports.latchkey),
          PUBLIC_URL: `http://127.0.0.1:${ports.latchkey}`,
          DATA_DIR: join(folder, 'latchkey'),
          SECRET: secret,
          LIMITS: 'off',
          LOG_LEVEL: 'warn',
          ...env,
        },
        'is ready at',
      ),
    async betterAuth(env = {}) {
      const own = { PORT: String(ports.betterAuth), DATABASE_FILE: join(folder, 'better-auth.db'), SECRET: secret };
      const script = join(import.meta.dirname, 'servers/better-auth.ts');
      await new Promise((done, fail) => {
        const migrating = spawn(process.execPath, [script], {
          env: { ...process.env, ...own, MIGRATE: '1' },
          stdio: 'inherit',
        });
        migrating.on('exit', (code) => (code === 0 ? done(null) : fail(new Error(`migration ended with ${code}`))));
      });
      return start(script, { ...own, ...env }, 'ready');
    },
    async stop() {
      await Promise.all(
        running.map((child) => {
          if (child.exitCode !== null || child.signalCode !== null) return undefined;
          return new Promise((done) => {
            child.removeAllListeners('exit');
            child.on('exit', done);
            child.kill('SIGTERM');
          });
        }),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What `npm start` of a checkout gives to Node.js. */
export const startArguments = (checkout: string): readonly string[] =>
  JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))
    .scripts.start.split(' ')
    .slice(1);

/** One account made through the front door, whose rows the others are copied from. */
export async function signUp(port: number, base: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${base}/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}` },
    body: JSON.stringify({ email: 'first@bench.example', password: 'correct horse battery', name: 'First' }),
  });
}

export const latchkeyBase = '/better-auth/api/auth';
export const betterAuthBase = '/api/auth';
