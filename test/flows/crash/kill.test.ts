import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeArguments } from '../../kit/installation.ts';

const rounds = 20;
const root = resolve(import.meta.dirname, '../../..');

/** What was promised to somebody: the answer arrived before the process was killed. */
interface Ledger {
  /** E-mail to the password that was acknowledged last; several while a change was under way. */
  readonly passwords: Map<string, Set<string>>;
  readonly spentTokens: Set<string>;
}

describe('kill -9 under load', () => {
  let folder: string;
  let port: number;
  let server: ChildProcess | null = null;
  const ledger: Ledger = { passwords: new Map(), spentTokens: new Set() };
  let people = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-crash-'));
    port = await freePort();
  });
  afterAll(() => {
    server?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function start(): Promise<void> {
    const child = spawn(process.execPath, [...nodeArguments, join(root, 'src/main.ts')], {
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        DATA_DIR: folder,
        LIMITS: 'off',
        LOG_LEVEL: 'warn',
        HASH_MEMORY_KIB: '64',
        HASH_ITERATIONS: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    server = child;
    let said = '';
    return new Promise((ready, fail) => {
      child.stdout.on('data', (chunk) => {
        said += chunk;
        if (said.includes('is ready at')) ready();
      });
      child.stderr.on('data', (chunk) => {
        said += chunk;
      });
      child.on('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)));
    });
  }

  async function kill(): Promise<void> {
    const child = server!;
    child.removeAllListeners('exit');
    await new Promise((gone) => {
      child.on('exit', gone);
      child.kill('SIGKILL');
    });
  }

  let answers = 0;
  let awaited: { readonly count: number; readonly reached: () => void } | null = null;
  function answered(count: number): Promise<void> {
    answers = 0;
    return new Promise((reached) => {
      awaited = { count, reached };
    });
  }
  function countAnswer(): void {
    answers += 1;
    if (awaited && answers >= awaited.count) awaited.reached();
  }

  const base = () => `http://127.0.0.1:${port}`;
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${base()}/better-auth/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = (await response.json()) as Record<string, unknown>;
    countAnswer();
    return { status: response.status, body: said };
  };

  /** One person's life: signs up, signs in, resets the password, again and again until the line goes dead. */
  async function live(): Promise<void> {
    try {
      for (;;) {
        people += 1;
        const email = `person${people}@example.com`;
        const password = `first password ${people}`;
        const signedUp = await post('/sign-up/email', { email, password, name: 'P' });
        expect(signedUp.status).toBe(200);
        ledger.passwords.set(email, new Set([password]));
        expect((await post('/sign-in/email', { email, password })).status).toBe(200);
        await post('/request-password-reset', { email, redirectTo: '/x' });
        const token = await mailedToken(email);
        if (token === null) continue;
        const next = `second password ${people}`;
        ledger.passwords.set(email, new Set([password, next])); // until the answer arrives either may hold
        const reset = await post('/reset-password', { token, newPassword: next });
        expect(reset.status).toBe(200);
        ledger.passwords.set(email, new Set([next]));
        ledger.spentTokens.add(token);
      }
    } catch (fault) {
      if (!(fault instanceof TypeError)) throw fault; // `fetch failed`: the server is gone
    }
  }

  async function mailedToken(email: string): Promise<string | null> {
    // The server is another process: asking without a pause would take its processor away.
    for (let looks = 0; looks < 100; looks += 1) {
      const mails = (await (await fetch(`${base()}/dev/mail.json?to=${encodeURIComponent(email)}`)).json()) as {
        links: string[];
      }[];
      const link = mails.flatMap(({ links }) => links).find((address) => address.includes('/reset-password/'));
      if (link) return /reset-password\/([^?]+)/.exec(link)![1]!;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return null;
  }

  test(`${rounds} times: nothing acknowledged is lost, no token works twice, nobody is half there`, async () => {
    // The kill comes after so many answers, in the middle of the next ones: early, late, and in between.
    const answersBeforeKill = [3, 40, 17, 29, 8, 52, 23, 35, 12, 46];
    for (let round = 0; round < rounds; round += 1) {
      await start();
      const enough = answered(answersBeforeKill[round % answersBeforeKill.length]!);
      const lives = Array.from({ length: 6 }, () => live());
      await enough;
      await kill();
      await Promise.all(lives);
    }

    await start();
    expect(ledger.passwords.size).toBeGreaterThan(rounds);
    expect(ledger.spentTokens.size).toBeGreaterThan(0);
    for (const [email, passwords] of ledger.passwords) {
      const tries = await Promise.all([...passwords].map((password) => post('/sign-in/email', { email, password })));
      expect(
        tries.filter(({ status }) => status === 200),
        email,
      ).toHaveLength(1);
    }
    for (const token of ledger.spentTokens) {
      const { status, body } = await post('/reset-password', { token, newPassword: 'a third password' });
      expect([status, body.code]).toEqual([400, 'INVALID_TOKEN']);
    }
    await kill();

    const db = new DatabaseSync(join(folder, 'latchkey.db'));
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const half = db.prepare(
      `SELECT count(*) AS count FROM "user" u
        WHERE NOT EXISTS (SELECT 1 FROM email e WHERE e.user_id = u.id)
           OR NOT EXISTS (SELECT 1 FROM password p WHERE p.user_id = u.id)
           OR NOT EXISTS (SELECT 1 FROM event v WHERE v.subject_user_id = u.id AND v.type = 'account.created')`,
    );
    expect(half.get()).toEqual({ count: 0 });
    db.close();
  }, 180_000);
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
