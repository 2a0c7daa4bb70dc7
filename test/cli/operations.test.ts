import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInstallation, type Installation } from '../kit/installation.ts';

let installation: Installation;
beforeEach(async () => {
  installation = await createInstallation();
});
afterEach(() => installation.remove());

describe('latchkey', () => {
  test.each([
    [[]],
    [['start']],
    [['migrate']],
    [['backup']],
    [['restore']],
    [['doctor']],
    [['config', 'print']],
    [['user', 'create']],
    [['user', 'list']],
    [['admin-link']],
    [['user', 'set-role']],
    [['user', 'ban']],
    [['user', 'unban']],
    [['user', 'reset-password']],
  ])('%j --help shows an example and exits with 0', async (command) => {
    const { code, stdout } = await installation.latchkey([...command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Example:\\n.*latchkey ${command.join(' ')}`));
  });

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await installation.latchkey(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe('latchkey migrate', () => {
  test('--plan prints SQL and makes nothing, not even a folder', async () => {
    const { code, stdout } = await installation.latchkey(['migrate', '--plan']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/-- 0001-first: would be applied\nCREATE TABLE/);
    expect(existsSync(installation.dataDir)).toBe(false);
  });

  test('applies what is missing, and then nothing', async () => {
    const first = await installation.latchkey(['migrate']);
    expect(first.stdout).toMatch(/^Applied 0001-first\n/);
    expect((await installation.latchkey(['migrate'])).stdout).toBe('The database is up to date.\n');
    expect((await installation.latchkey(['migrate', '--plan'])).stdout).toMatch(/-- Nothing to do\.\n$/);
    expect(statSync(installation.dataDir).mode & 0o077).toBe(0);
  });

  test('--down reverts the last one, and the plan shows it again', async () => {
    const { stdout: applied } = await installation.latchkey(['migrate']);
    const last = applied.trim().split('\n').at(-1)!.replace('Applied ', '');
    expect((await installation.latchkey(['migrate', '--down'])).stdout).toBe(`Reverted ${last}\n`);
    expect((await installation.latchkey(['migrate', '--plan'])).stdout).toContain(`-- ${last}: would be applied`);
  });

  test('a database of a newer version is refused in words', async () => {
    await installation.latchkey(['migrate']);
    const db = new DatabaseSync(`${installation.dataDir}/latchkey.db`);
    db.exec("INSERT INTO schema_migration VALUES ('9999-future', 'x', 0)");
    db.close();
    const { code, stderr } = await installation.latchkey(['migrate']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database has migration 9999-future, which this version of Latchkey does not know/);
  });
});

describe('latchkey config print', () => {
  test('shows values and sources, never a secret', async () => {
    const secret = 'kW9vTqL2xPz7RbN4mYc8HsDf3JgAe6Uu';
    const env = { SECRET: secret, SMTP_URL: `smtp://me:${secret}@mail.example.com` };
    const text = await installation.latchkey(['config', 'print'], { env });
    const json = await installation.latchkey(['config', 'print', '--json'], { env });
    expect(text.code).toBe(0);
    expect(text.stdout + json.stdout).not.toContain(secret);
    expect(JSON.parse(json.stdout)).toContainEqual({ key: 'SECRET', value: '(secret)', source: 'environment' });
    expect(existsSync(installation.dataDir)).toBe(false);
  });
});

describe('latchkey doctor', () => {
  const doctor = (env: Record<string, string> = {}) => installation.latchkey(['doctor'], { env });

  test('on a clean machine everything is ok, and nothing is made', async () => {
    const { code, stdout } = await doctor();
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n\d+ ok, 0 to look at, 0 to mend\n$/);
    expect(existsSync(installation.dataDir)).toBe(false);
  });

  test('every mistake of the configuration is named', async () => {
    const { code, stdout } = await doctor({ PORT: 'eighty', PUBLC_URL: 'x' });
    expect(code).toBe(1);
    expect(stdout).toContain('fail  PORT is "eighty"');
    expect(stdout).toContain('The nearest known key is PUBLIC_URL.');
  });

  test('an application whose passkeys cannot work is named, with the setting', async () => {
    const { code, stdout } = await doctor({
      PUBLIC_URL: 'https://id.example.com',
      TRUSTED_ORIGINS: 'https://example.com',
    });
    expect(code).toBe(0);
    expect(stdout).toContain('warn  Passkeys are for id.example.com, and browsers make none for it');
    expect(stdout).toContain('      Set passkeys.rpId to example.com before');
  });

  test('a damaged database fails', async () => {
    await installation.latchkey(['migrate']);
    const file = `${installation.dataDir}/latchkey.db`;
    writeFileSync(file, 'this is no database, but it is long enough to be mistaken for one'.repeat(100));
    const { code, stdout } = await doctor();
    expect(code).toBe(1);
    expect(stdout).toMatch(/fail {2}Database: file is not a database\n.*restore a backup/);
  });

  test('a port that something else has fails', async () => {
    const other = createServer((_request, response) => response.end('hello')).listen(installation.port, 'localhost');
    const { code, stdout } = await doctor();
    other.close();
    expect(code).toBe(1);
    expect(stdout).toContain(`fail  localhost:${installation.port} is in use by something else`);
  });

  test('services that do not answer fail, without their passwords', async () => {
    const { code, stdout, stderr } = await doctor({
      REDIS_URL: 'redis://:hunter22@127.0.0.1:1',
      SMTP_URL: 'smtp://me:hunter22@127.0.0.1:1',
      DATABASE_URL: 'postgres://me:hunter22@127.0.0.1:1/latchkey',
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/fail {2}Redis: .*ECONNREFUSED/);
    expect(stdout).toMatch(/fail {2}Mail server: .*ECONNREFUSED/);
    expect(stdout).toMatch(/fail {2}Database: .*ECONNREFUSED/);
    expect(stdout + stderr).not.toContain('hunter22');
  });

  test('what is open to other users, and what a proxy needs, is pointed out and fails nothing', async () => {
    await installation.latchkey(['migrate']);
    chmodSync(installation.dataDir, 0o755);
    const { code, stdout } = await doctor({ PUBLIC_URL: 'https://id.example.com' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/warn {2}Data directory .* is open to other users of this machine\n +chmod 700/);
    expect(stdout).toMatch(/warn {2}The public URL is https.*none is trusted\n +Set TRUSTED_PROXIES/);
    expect(stdout).toContain('warn  No SMTP_URL');
  });
});
