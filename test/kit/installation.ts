import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.ts';

const root = resolve(import.meta.dirname, '../..');

/** What `npm start` and `npm run latchkey` give to Node.js: compiled code is kept from one process to the next. */
export const nodeArguments: readonly string[] = ['--import', join(root, 'scripts/compile-cache.js')];

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Served {
  readonly output: () => string;
  stop(): Promise<void>;
  /** At once, without a chance to do anything about it. */
  kill(): Promise<void>;
}

/** What an operator has: a folder, an environment, the command line, and perhaps a server that runs meanwhile. */
export interface Installation {
  readonly dataDir: string;
  readonly port: number;
  readonly url: string;
  /** Runs `latchkey …` as a process of its own. */
  latchkey(args: readonly string[], options?: { readonly stdin?: string; readonly env?: Env }): Promise<Ran>;
  /** The same at a terminal: each answer is typed once its question is there. Resolves to what was on the screen. */
  atTerminal(
    args: readonly string[],
    answers: readonly (readonly [question: string, typed: string])[],
  ): Promise<{ readonly code: number; readonly screen: string }>;
  /** Starts the server as a process of its own. */
  serve(env?: Env): Promise<Served>;
  remove(): Promise<void>;
}

type Env = Readonly<Record<string, string>>;

export async function createInstallation(own: Env = {}): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  const dataDir = join(folder, 'data');
  const port = await freePort('localhost');
  const env = { PATH: process.env.PATH!, DATA_DIR: dataDir, PORT: String(port), HASH_MEMORY_KIB: '64', ...own };
  const running = new Set<ChildProcess>();

  function run(file: string, args: readonly string[], more: Env): ChildProcess {
    const child = spawn(process.execPath, [...nodeArguments, join(root, 'src', file), ...args], {
      cwd: folder,
      env: { ...env, ...more },
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  }

  return {
    dataDir,
    port,
    url: `http://localhost:${port}`,
    async latchkey(args, { stdin, env: more = {} } = {}) {
      const child = run('cli/main.ts', args, more);
      const stdout = collect(child.stdout!);
      const stderr = collect(child.stderr!);
      child.stdin!.end(stdin ?? '');
      const [code] = await once(child, 'close');
      return { code: code as number, stdout: stdout(), stderr: stderr() };
    },
    async atTerminal(args, answers) {
      const command = [process.execPath, ...nodeArguments, join(root, 'src/cli/main.ts'), ...args];
      const line = `stty cols 200; exec ${command.map((part) => `'${part}'`).join(' ')}`;
      const child = spawn('script', ['-qec', line, '/dev/null'], { cwd: folder, env });
      running.add(child);
      child.once('exit', () => running.delete(child));
      const screen = collect(child.stdout);
      let answered = 0;
      child.stdout.on('data', () => {
        const next = answers[answered];
        if (next === undefined || !screen().includes(next[0])) return;
        answered += 1;
        child.stdin.write(next[1]);
      });
      const [code] = await once(child, 'close');
      return { code: code as number, screen: screen() };
    },
    async serve(more = {}) {
      const child = run('main.ts', [], more);
      const output = collect(child.stdout!);
      const trouble = collect(child.stderr!);
      await new Promise<void>((ready, failed) => {
        child.stdout!.on('data', () => /is ready at/.test(output()) && ready());
        child.once('exit', (code) => failed(new Error(`the server ended with ${code}: ${trouble()}`)));
      });
      return {
        output,
        async stop() {
          child.kill('SIGTERM');
          await once(child, 'exit');
        },
        async kill() {
          child.kill('SIGKILL');
          await once(child, 'exit');
        },
      };
    },
    async remove() {
      const ended = [...running].map((child) => {
        child.kill('SIGKILL');
        return once(child, 'exit');
      });
      await Promise.all(ended);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return () => text;
}
