import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { intoNewFile } from '../../src/store/backup/new-backup-file.ts';
import { backupScratch } from '../kit/backups.ts';
import { createInstallation, type Installation, type Served } from '../kit/installation.ts';
import { seededRandom } from '../kit/random.ts';

const { newFile, remove } = backupScratch();
afterAll(remove);

describe('latchkey backup and restore', () => {
  let installation: Installation;
  let server: Served;
  let file: string;
  beforeAll(async () => {
    installation = await createInstallation();
    server = await installation.serve();
    file = join(dirname(installation.dataDir), 'latchkey.backup');
    const ada = ['user', 'create', 'ada@example.com', '--password-stdin', '--verified'];
    await installation.latchkey(ada, { stdin: 'correct horse battery' });
  });
  afterAll(() => installation.remove());

  test('copy beside a running server, look at the copy, and load it elsewhere', async () => {
    const taken = await installation.latchkey(['backup', file]);
    expect(taken).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Wrote .*latchkey\.backup: 1 person, 0 org/),
    });
    expect(taken.stderr).toMatch(/^SECRET is not in the backup\. Keep it elsewhere/);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const seen = await installation.latchkey(['restore', '--verify', file]);
    expect(seen.code).toBe(0);
    expect(seen.stdout).toMatch(
      /^.* can be restored\.\nTaken 20.* by Latchkey .* on SQLite, schema 00.*\nHolds 1 person, .*\nSECRET of this installation is the right one\n$/,
    );

    const here = await installation.latchkey(['restore', file]);
    expect(here).toMatchObject({ code: 1, stderr: expect.stringMatching(/^A server works with .* Stop it before/) });

    const dataDir = join(dirname(installation.dataDir), 'elsewhere');
    const env = { DATA_DIR: dataDir };
    const strange = await installation.latchkey(['restore', file], { env });
    expect(strange).toMatchObject({ code: 1, stderr: expect.stringMatching(/^No SECRET is configured here/) });
    expect(existsSync(dataDir)).toBe(false);
    mkdirSync(dataDir, { mode: 0o700 });
    copyFileSync(join(installation.dataDir, 'secret'), join(dataDir, 'secret'));
    const done = await installation.latchkey(['restore', file], { env });
    expect(done).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\nStart the server now\.\n$/) });
    expect((await installation.latchkey(['user', 'list'], { env })).stdout).toContain('ada@example.com');
    await server.stop();
  });

  test('a changed byte is one clear sentence and exit code 1', async () => {
    const bytes = readFileSync(file);
    const at = bytes.length >> 1;
    const damaged = newFile();
    writeFileSync(damaged, bytes.with(at, bytes[at]! ^ 1));
    const { code, stdout, stderr } = await installation.latchkey(['restore', '--verify', damaged]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The backup is damaged: .* Use another copy of it\.\n$/);
  });
});

describe('The file of a backup', () => {
  const once = { replace: false, random: seededRandom(1) };
  const write =
    (text: string) =>
    async (sink: NodeJS.WritableStream): Promise<string> => {
      sink.write(text);
      return text;
    };

  test('appears whole, for its owner alone, and never takes the place of another', async () => {
    const path = newFile();
    expect(await intoNewFile(path, once, write('first'))).toBe('first');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(intoNewFile(path, once, write('second'))).rejects.toThrow(
      /is there already and was not changed.*--force/,
    );
    expect(readFileSync(path, 'utf8')).toBe('first');
    await intoNewFile(path, { ...once, replace: true }, write('third'));
    expect(readFileSync(path, 'utf8')).toBe('third');
    expect(readdirSync(dirname(path))).toEqual(['test.backup']);
  });

  test('gives way to one of that name that came meanwhile', async () => {
    const path = newFile();
    const late = intoNewFile(path, once, async () => writeFileSync(path, 'theirs'));
    await expect(late).rejects.toThrow(/is there already/);
    expect(readFileSync(path, 'utf8')).toBe('theirs');
  });

  test('is not there when writing it failed, and neither is a half one', async () => {
    const path = newFile();
    const half = intoNewFile(path, once, async (sink) => {
      sink.write('half');
      throw new Error('the disk is full');
    });
    await expect(half).rejects.toThrow('the disk is full');
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  test('needs a folder, and is not one', async () => {
    const path = newFile();
    await expect(intoNewFile(join(path, 'x'), once, write(''))).rejects.toThrow(/^There is no folder/);
    await expect(intoNewFile(dirname(path), once, write(''))).rejects.toThrow(/is a folder/);
  });
});
