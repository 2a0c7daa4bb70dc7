import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareSecrets, restore } from '../../src/back-up.ts';
import { skippableFrame } from '../../src/store/backup/format.ts';
import { type CheckedBackup, checkBackup, tryBackup } from '../../src/store/backup/restore-backup.ts';
import { readMigrations } from '../../src/store/migrate.ts';
import { holdForServer } from '../../src/store/sqlite/server-lock.ts';
import { backupScratch, isEmpty, linesOf, type Place, placeOf, secrets } from '../kit/backups.ts';
import { type CoreWorld, createCoreWorld } from '../kit/core-world.ts';
import { engines } from '../kit/engines.ts';
import { plantFile } from '../kit/every-table.ts';
import { seededRandom } from '../kit/random.ts';

const { emptyPlace, newFile, remove, sealed, takeBackup } = backupScratch();
afterAll(remove);

const migrations = readMigrations();
const everybody = { withoutSessions: false };
const check = (path: string) => checkBackup(path, migrations);

let world: CoreWorld;
let file: string;
let lines: string[];
beforeAll(async () => {
  world = await createCoreWorld();
  await world.signIn(await world.person());
  await plantFile(world, Uint8Array.of(1));
  await plantFile(world, seededRandom('large').bytes(500_000)); // comes in several pieces
  file = await takeBackup(placeOf(world));
  lines = await linesOf(file);
});
afterAll(() => world.close());

/** The same backup with other bytes. */
function withBytes(change: (bytes: Buffer) => Buffer): string {
  const path = newFile();
  writeFileSync(path, change(readFileSync(file)));
  return path;
}

const places = (part: string) => ({
  from: lines.findIndex((line) => line.startsWith(`{"part":"${part}"`)),
  to: lines.findIndex((line) => line.startsWith(`{"closed":"${part}"`)),
});

/** With the digest of the whole, but not those of the parts, as they must be. */
const withLine = (at: number, change: (line: string) => string) => sealed(lines.with(at, change(lines[at]!)));

/** As a writer with a fault would make it: a part has other rows, and every digest is right. */
function withRows(part: string, change: (rows: readonly string[]) => readonly string[]): string[] {
  const { from, to } = places(part);
  const rows = change(lines.slice(from + 1, to));
  const sha256 = createHash('sha256')
    .update([lines[from], ...rows, ''].join('\n'))
    .digest('hex');
  const closing = JSON.stringify({ closed: part, rows: rows.length, sha256 });
  return lines
    .with(-1, lines.at(-1)!.replace(lines[to]!, closing))
    .with(to, closing)
    .toSpliced(from + 1, to - from - 1, ...rows);
}

describe('A damaged backup is refused', () => {
  test('when any byte of it was changed', async () => {
    const small = await sealed([
      '{"takenAt":"t","takenBy":"v","engine":"sqlite","migrations":[],"secrets":null,"parts":[]}',
      '{"parts":[],"filesMissing":0,"filesDamaged":0}',
    ]);
    expect((await check(small)).header.takenBy).toBe('v');
    const bytes = readFileSync(small);
    const path = newFile();
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [1, 128]) {
        writeFileSync(path, bytes.with(at, bytes[at]! ^ bit));
        await expect(check(path), `byte ${at}`).rejects.toThrow(/damaged|no backup|format|incomplete/);
      }
    }
  });

  test('when it ends too early, wherever', async () => {
    const { length } = readFileSync(file);
    for (const left of [0, 5, 20, 100, length >> 1, length - 73, length - 1]) {
      const path = withBytes((bytes) => bytes);
      truncateSync(path, left);
      await expect(check(path), `${left} bytes`).rejects.toThrow(
        left < 26 ? /is no backup of Latchkey/ : /^The backup is incomplete: its end is missing/,
      );
    }
  });

  test('naming the part in which a value is another one', async () => {
    for (const part of ['project', 'user', 'session', 'stored files']) {
      const changed = await withLine(places(part).from + 1, (line) =>
        line.replace(/[0-9](?=[^0-9]*$)/, (digit) => (digit === '1' ? '2' : '1')),
      );
      await expect(check(changed)).rejects.toThrow(`The backup is damaged: part "${part}" is not as it was written`);
    }
  });

  test('when a row, a part or the list of parts is missing', async () => {
    const { from, to } = places('email');
    await expect(check(await sealed(lines.toSpliced(from + 1, 1)))).rejects.toThrow(
      /part "email" is not as it was written/,
    );
    await expect(check(await sealed(lines.toSpliced(from, to - from + 1)))).rejects.toThrow(
      /^The backup is incomplete: part "email" is missing/,
    );
    const last = places('stored files');
    await expect(check(await sealed(lines.toSpliced(last.from, last.to - last.from + 1)))).rejects.toThrow(
      /^The backup is incomplete: part "stored files" is missing/,
    );
    await expect(check(await sealed(lines.slice(0, -1)))).rejects.toThrow(/^The backup is incomplete: its last parts/);
    await expect(check(await sealed(lines.slice(0, to)))).rejects.toThrow(/^The backup is incomplete/);
    await expect(check(await sealed([...lines, lines.at(-1)!]))).rejects.toThrow(/^The backup is damaged: its end/);
  });

  test('when it holds a part twice, or one that its list does not name', async () => {
    const { from, to } = places('email');
    const part = lines.slice(from, to + 1);
    await expect(check(await sealed(lines.toSpliced(from, 0, ...part)))).rejects.toThrow(/part "[a-z_]+" is missing/);
    await expect(check(await sealed(lines.toSpliced(-1, 0, ...part)))).rejects.toThrow(/which its list does not name/);
  });

  test('when it is no backup, of another format, or no file', async () => {
    const other = newFile();
    writeFileSync(other, 'SQLite format 3\0');
    await expect(check(other)).rejects.toThrow(/is no backup of Latchkey/);
    const newer = withBytes((bytes) => Buffer.concat([skippableFrame('latchkey-backup 2\n'), bytes.subarray(26)]));
    await expect(check(newer)).rejects.toThrow(/is a backup of format 2, and this version of Latchkey reads format 1/);
    await expect(check('/nonexistent')).rejects.toThrow(/^There is no file \/nonexistent/);
    await expect(check(dirname(other))).rejects.toThrow(/is not a file/);
  });
});

describe('The secret of a backup', () => {
  const match = (current: string, previous: string[], taken = file) => {
    const place = placeOf(world);
    const config = { ...place.config, secrets: { current, previous } };
    return check(taken).then(({ header }) => compareSecrets({ ...place, config }, header.secrets));
  };
  const own = secrets.current;
  const another = 'another secret that is long enough 0123456789';

  test('is recognized, also after a rotation, and another one is told from it', async () => {
    expect(await match(own, [])).toBe('same');
    expect(await match(another, [own])).toBe('same');
    expect(await match(another, [])).toBe('other');
    expect(await match('', [])).toBe('unknown');
  });

  test('includes those that were listed as previous', async () => {
    const place = placeOf(world);
    const rotated = await takeBackup({
      ...place,
      config: { ...place.config, secrets: { current: own, previous: [another] } },
    });
    expect(await match(own, [another], rotated)).toBe('same');
    expect(await match(own, [], rotated)).toBe('previous missing');
  });
});

for (const engine of engines) {
  describe(`A restore into ${engine.name} leaves nothing`, () => {
    let place: Place;
    beforeAll(async () => {
      place = await emptyPlace(engine);
    });
    afterAll(() => place.database.drop());

    const left = () =>
      readdirSync(place.config.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

    async function leavesNothing(backup: CheckedBackup, why: RegExp, more: Partial<Place> = {}) {
      await expect(restore({ ...place, ...more }, backup, everybody)).rejects.toThrow(why);
      expect(await isEmpty(place)).toBe(true);
      expect(left()).toEqual([]);
      const { database } = place.config;
      if (database.engine === 'sqlite') expect(existsSync(`${database.file}.restoring`)).toBe(false);
    }

    test('of a file that was changed after it was checked, with stored files written already', async () => {
      const path = await sealed(lines);
      const checked = await check(path);
      const at = places('stored files').to;
      writeFileSync(path, readFileSync(await withLine(at, (line) => line.replace(/"rows":2/, '"rows":3'))));
      await leavesNothing(checked, /part "stored files" is not as it was written/);
    });

    test('when the database refuses a row', async () => {
      const twice = await check(await sealed(withRows('user', ([row]) => [row!, row!])));
      await leavesNothing(
        twice,
        /^A row of "user" cannot be stored in (SQLite|PostgreSQL): .* Nothing was restored\.$/,
      );
    });

    test('when it is told to stop', async () => {
      await leavesNothing(await check(file), /abort/i, { signal: AbortSignal.abort() });
    });

    test('and after all of these the place is good for a restore', async () => {
      await restore(place, await check(file), everybody);
      expect(left()).toHaveLength(2);
      expect(await isEmpty(place)).toBe(false);
    });

    test('and nothing is changed where data is', async () => {
      await expect(restore(place, await check(file), everybody)).rejects.toThrow(
        /holds data already, and a backup is restored into an empty database only\. .* Nothing was changed\.$/,
      );
      expect(await place.database.rows('SELECT count(*) AS n FROM "user"')).toEqual([{ n: 1 }]);
    });
  });
}

test('Rows that refer to nothing are no whole database, although every digest is right', async () => {
  const looked = { clock: world.clock, migrations };
  await expect(tryBackup(await check(await sealed(withRows('user', () => []))), looked)).rejects.toThrow(
    /no whole database: rows of \w+ refer to missing rows of user/,
  );
  await tryBackup(await check(await sealed(withRows('known_network', () => []))), looked);
});

describe('A restore into a SQLite file', () => {
  const sqlite = engines[0]!;

  test('is refused while a server works with it', async () => {
    const place = await emptyPlace(sqlite);
    const { file: database } = place.config.database as { file: string };
    const letGo = holdForServer(database);
    await expect(restore(place, await check(file), everybody)).rejects.toThrow(
      /^A server works with .* Stop it before/,
    );
    letGo();
    expect(existsSync(database)).toBe(false);
    await place.database.drop();
  });

  test('takes an empty one, and clears away what a killed restore left', async () => {
    const place = await emptyPlace(sqlite);
    const { file: database } = place.config.database as { file: string };
    writeFileSync(database, '');
    writeFileSync(`${database}.restoring`, 'half of a database');
    await restore(place, await check(file), everybody);
    expect(await place.database.rows('SELECT count(*) AS n FROM session')).toEqual([{ n: 1 }]);
    expect(readdirSync(dirname(database)).sort()).toEqual(['latchkey.db', 'latchkey.db.server']);
    await place.database.drop();
  });

  test('is refused beside the log of a database that was moved away', async () => {
    const place = await emptyPlace(sqlite);
    const { file: database } = place.config.database as { file: string };
    writeFileSync(`${database}-wal`, 'committed');
    await expect(restore(place, await check(file), everybody)).rejects.toThrow(
      /-wal belongs to a database that was here/,
    );
    expect(existsSync(database)).toBe(false);
    await place.database.drop();
  });

  test('does not touch a stored file that is damaged here, and says which', async () => {
    const place = await emptyPlace(sqlite);
    const stored = JSON.parse(lines[places('stored files').from + 1]!)[0] as string;
    const name = join(place.config.dataDir, 'files', stored);
    mkdirSync(dirname(name), { recursive: true });
    writeFileSync(name, 'damaged');
    await expect(restore(place, await check(file), everybody)).rejects.toThrow(/is here with other bytes/);
    expect(readFileSync(name, 'utf8')).toBe('damaged');
    await place.database.drop();
  });
});
