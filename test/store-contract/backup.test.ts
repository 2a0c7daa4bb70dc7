import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backUp, restore } from '../../src/back-up.ts';
import { asSystem } from '../../src/core/acting.ts';
import { diskStorage } from '../../src/files/disk-storage.ts';
import { openSnapshot } from '../../src/store/backup/open-snapshot.ts';
import { checkBackup, tryBackup } from '../../src/store/backup/restore-backup.ts';
import { type Travel, travels } from '../../src/store/backup/travels.ts';
import { writeBackup } from '../../src/store/backup/write-backup.ts';
import { readMigrations } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open-store.ts';
import { backupScratch, contentOf, linesOf, type Place, placeOf, worldOn } from '../kit/backups.ts';
import { type CoreWorld, createCoreWorld, password } from '../kit/core-world.ts';
import { engines } from '../kit/engines.ts';
import { everyByte, plantEveryTable, plantFile } from '../kit/every-table.ts';

const { emptyPlace, remove, takeBackup } = backupScratch();
afterAll(remove);

const migrations = readMigrations();
const all = Object.entries(travels) as [string, Travel][];
const copied = all.filter(([, travel]) => travel === 'copied').map(([table]) => table);
const left = all.filter(([, travel]) => typeof travel === 'object' && 'left' in travel).map(([table]) => table);
const everybody = { withoutSessions: false };

test('What is good for one use, queued, or counts minutes stays out of a backup', () => {
  const once = ['one_time_value', 'pending_sign_in', 'cli_login'];
  expect(left).toEqual([...once, 'job', 'mail_capture', 'limit_counter', 'node']);
});

for (const from of engines) {
  describe(`A backup of ${from.name}`, () => {
    let world: CoreWorld;
    let file: string;
    let address: string;
    beforeAll(async () => {
      world = await createCoreWorld({ engine: from });
      await plantEveryTable(world);
      address = (await world.person({ displayName: 'Margaret Hamilton' })).email!.value;
      await world.database.rows(`UPDATE "user" SET profile_public = 1 RETURNING id`);
      file = await takeBackup(placeOf(world));
    });
    afterAll(() => world.close());

    test('has every table that it copies filled here, so that the comparisons below compare something', async () => {
      for (const table of [...copied, ...left]) expect(await contentOf(world.database, table), table).not.toEqual([]);
    });

    describe.each(engines)('restored into $name', (to) => {
      let place: Place;
      beforeAll(async () => {
        place = await emptyPlace(to);
        expect(await restore(place, await checkBackup(file, migrations), everybody)).toEqual([]);
      });

      test('has every row as it was', async () => {
        for (const table of copied) {
          expect(await contentOf(place.database, table), table).toEqual(await contentOf(world.database, table));
        }
        for (const table of left) expect(await contentOf(place.database, table), table).toEqual([]);
      });

      test('goes on: profiles are found, people sign in, and the public log counts on', async () => {
        const indexed = 'SELECT user_id FROM profile_search ORDER BY user_id';
        expect(await place.database.rows(indexed)).toEqual(await world.database.rows(indexed));
        const restored = await worldOn(to, place);
        expect((await restored.signIn(address, { password })).token).toMatch(/./);
        const ctx = restored.context();
        const nobody = { actorId: null, subjectUserId: null, organizationId: null, apiKeyId: null, sessionId: null };
        await asSystem(ctx, (tx) =>
          tx.events.insert({
            ...{ id: ctx.ids.next(), type: 'account.updated', level: 'info', visibility: 'public', data: {} },
            ...{ publicAction: 'profile_changed', actorKind: 'system', madeBy: 'cli', ip: null, userAgent: null },
            ...{ ...nobody, createdAt: ctx.clock.now() },
          }),
        );
        expect(await ctx.store.read.events.lastPosition()).toBe(3);
        await restored.close();
      });
    });

    test('brings the stored files', async () => {
      const place = await emptyPlace(engines[0]!);
      await restore(place, await checkBackup(file, migrations), everybody);
      const [folder, stored] = ['user-images', diskStorage(join(place.config.dataDir, 'files'), place.random)];
      const [name] = readdirSync(join(place.config.dataDir, 'files', world.context().project.id, folder));
      expect(await stored.read(`${world.context().project.id}/${folder}/${name}`)).toEqual(Buffer.from(everyByte));
      await place.database.drop();
    });

    test('leaves sessions and trusted devices out on request', async () => {
      const place = await emptyPlace(engines[0]!);
      await restore(place, await checkBackup(file, migrations), { withoutSessions: true });
      expect(await contentOf(place.database, 'session')).toEqual([]);
      expect(await contentOf(place.database, 'device')).toEqual([]);
      expect(await contentOf(place.database, 'user')).toHaveLength(3);
      await place.database.drop();
    });

    test('belongs to its secret; restored for another one it belongs to none', async () => {
      const probe = async (options: { readonly otherSecret: boolean }) => {
        const place = await emptyPlace(engines[0]!);
        await restore(place, await checkBackup(file, migrations), { ...everybody, ...options });
        const rows = await place.database.rows(`SELECT key FROM instance WHERE key = 'secret_probe'`);
        await place.database.drop();
        return rows.length;
      };
      expect([await probe({ otherSecret: false }), await probe({ otherSecret: true })]).toEqual([1, 0]);
    });

    test('is tried without a target', async () => {
      const before = await contentOf(world.database, 'event');
      await tryBackup(await checkBackup(file, migrations), { clock: world.clock, migrations });
      expect(await contentOf(world.database, 'event')).toEqual(before);
    });

    test('taken twice of the same rows has the same parts', async () => {
      const again = await takeBackup(placeOf(world));
      expect((await checkBackup(again, migrations)).closing).toEqual((await checkBackup(file, migrations)).closing);
    });

    test('holds no secret, and nothing of kept mails or codes', async () => {
      const text = (await linesOf(file)).join('\n');
      expect(text).not.toContain(placeOf(world).config.secrets.current);
      for (const table of left) expect(text).not.toContain(`{"part":"${table}"`);
    });

    test('is one moment, while a writer that is not held up keeps writing', async () => {
      const place = placeOf(world);
      const snapshot = await openSnapshot(place.config.database);
      const before = (await contentOf(world.database, 'user')).length;
      const sink = new PassThrough().resume();
      const { closing } = await writeBackup(
        {
          ...{ files: diskStorage('/nonexistent', place.random), takenAt: '', takenBy: '', secrets: null },
          migrations,
          snapshot: {
            ...snapshot,
            async *rows(table) {
              if (['project', 'email', 'password'].includes(table.name)) await world.person();
              yield* snapshot.rows(table);
            },
          },
        },
        sink,
      );
      await snapshot.close();
      const rowsOf = (part: string) => closing.parts.find(({ closed }) => closed === part)!.rows;
      expect([rowsOf('user'), rowsOf('email'), rowsOf('password')]).toEqual([before, before, before]);
      expect((await contentOf(world.database, 'user')).length).toBe(before + 3);
    });

    test('counts files whose bytes are gone or damaged, and does without them', async () => {
      const other = await createCoreWorld({ engine: from, seed: 3 });
      const { files } = other.context();
      await files.remove(await plantFile(other, Uint8Array.of(1)));
      const damaged = await plantFile(other, Uint8Array.of(2));
      await files.remove(damaged);
      await files.put(damaged, Uint8Array.of(3));
      await plantFile(other, Uint8Array.of(4));
      const { closing } = await checkBackup(await takeBackup(placeOf(other)), migrations);
      expect(closing).toMatchObject({ filesMissing: 1, filesDamaged: 1 });
      expect(closing.parts.at(-1)).toMatchObject({ closed: 'stored files', rows: 1 });
      await other.close();
    });

    test('of an older schema is brought up to date, and one of a newer schema is refused', async () => {
      const old = await emptyPlace(from);
      const store = await openStore(old.config.database, {
        ...{ clock: world.clock, ids: world.context().ids, migrations: migrations.slice(0, -3) },
      });
      await store.migrate();
      await store.close();
      await old.database.rows(`INSERT INTO instance VALUES ('a fact', '1', 2, 3)`);
      const older = await takeBackup(old);
      const place = await emptyPlace(from);
      const applied = await restore(place, await checkBackup(older, migrations), everybody);
      expect(applied).toEqual(migrations.slice(-3).map(({ name }) => name));
      expect(await contentOf(place.database, 'instance')).toEqual(await contentOf(old.database, 'instance'));
      await place.database.drop();
      await old.database.drop();
      await expect(checkBackup(file, migrations.slice(0, -1))).rejects.toThrow(
        `has migration ${migrations.at(-1)!.name}, which this version does not know`,
      );
      const edited = migrations.map((one, index) => (index === 3 ? { ...one, text: `${one.text}-- edited` } : one));
      await expect(checkBackup(file, edited)).rejects.toThrow(/^Migration 0004-passkeys is not the one/);
    });

    test('is not taken of a database that a newer version migrated', async () => {
      const place = await emptyPlace(from);
      const later = { name: '9999-later', text: '-- up\nSELECT 1;\n-- down\nSELECT 1;' };
      const known = { clock: world.clock, ids: world.context().ids, migrations: [later] };
      const store = await openStore(place.config.database, known);
      await store.migrate();
      await store.close();
      await expect(takeBackup(place)).rejects.toThrow(/^The database has migration 9999-later, which this version/);
      await place.database.drop();
    });

    test('is not taken where there is no database', async () => {
      const place = await emptyPlace(from);
      const sink = new PassThrough().resume();
      await expect(backUp(place, sink)).rejects.toThrow(/^There is no database of Latchkey in .*nothing to back up/);
      await place.database.drop();
    });
  });
}
