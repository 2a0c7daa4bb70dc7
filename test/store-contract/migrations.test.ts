import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Migration, MigrationError, migrationSql, readMigrations } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open-store.ts';
import { engines } from '../kit/engines.ts';
import { NOW, onEveryEngine, times } from '../kit/store-world.ts';

const first: Migration = {
  name: '0001-first',
  text: '-- up\nCREATE TABLE one (id {id} PRIMARY KEY, at {time} NOT NULL) {strict};\n\n-- down\nDROP TABLE one;\n',
};
const second: Migration = {
  name: '0002-second',
  text: '-- up\nCREATE TABLE two (on_it {bool} NOT NULL CHECK (on_it IN (0, 1))) {strict};\n-- down\nDROP TABLE two;\n',
};

onEveryEngine('Migrations', (world, engine) => {
  /** An empty database, opened with these files as often as asked. */
  async function empty() {
    const database = await engine.createEmpty();
    const open = (migrations?: readonly Migration[]) => openStore(database.config, { ...world, migrations });
    return { database, open };
  }
  const tables = {
    sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`,
    postgres: `SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1`,
  }[engine.name];

  test('run up in the order of their names, once, and down one step at a time', async () => {
    const { database, open } = await empty();
    const store = await open([first, second]);
    expect(await store.migrate()).toEqual(['0001-first', '0002-second']);
    expect(await store.migrate()).toEqual([]);
    expect(await store.down()).toBe('0002-second');
    expect((await database.rows(tables)).map(({ name }) => name)).toEqual(['one', 'schema_migration']);
    expect(await store.down()).toBe('0001-first');
    expect(await store.down()).toBeNull();
    expect(await store.migrate()).toHaveLength(2);
    await store.close();
    await database.drop();
  });

  test('of this version run up, down and up again', async () => {
    const { database, open } = await empty();
    const store = await open();
    const names = await store.migrate();
    for (const name of names.toReversed()) expect(await store.down()).toBe(name);
    expect((await database.rows(tables)).map(({ name }) => name)).toEqual(['schema_migration']);
    expect(await store.migrate()).toEqual(names);
    await store.close();
    await database.drop();
  });

  test('are shown before they run, and showing changes nothing', async () => {
    const { database, open } = await empty();
    const store = await open([first, second]);
    const plan = await store.plan();
    expect(plan.applied).toEqual([]);
    expect(plan.pending.map(({ name }) => name)).toEqual(['0001-first', '0002-second']);
    expect(plan.pending[0]!.sql).toBe(migrationSql(first, 'up', engine.name));
    expect(await database.rows(tables)).toEqual([]);
    await store.migrate();
    expect(await store.plan()).toEqual({ applied: ['0001-first', '0002-second'], pending: [] });
    await store.close();
    await database.drop();
  });

  test('refuse a file that was changed after it was applied, and say how to mend it', async () => {
    const { database, open } = await empty();
    const store = await open([first]);
    await store.migrate();
    await store.close();
    const edited = await open([{ ...first, text: first.text.replace('at {time}', 'at {text}') }, second]);
    for (const step of [edited.migrate, edited.plan, edited.down]) {
      await expect(step()).rejects.toThrow(/0001-first was changed after it was applied.*write the change as a new/);
    }
    expect((await database.rows(tables)).map(({ name }) => name)).toEqual(['one', 'schema_migration']);
    await edited.close();
    await database.drop();
  });

  test('take a file with other line ends for the same file', async () => {
    const { database, open } = await empty();
    const store = await open([first]);
    await store.migrate();
    await store.close();
    const checkedOut = await open([{ ...first, text: first.text.replaceAll('\n', '\r\n') }]);
    expect(await checkedOut.migrate()).toEqual([]);
    await checkedOut.close();
    await database.drop();
  });

  test('refuse a database that a newer version migrated', async () => {
    const { database, open } = await empty();
    const newer = await open([first, second]);
    await newer.migrate();
    await newer.close();
    const older = await open([first]);
    await expect(older.migrate()).rejects.toThrow(/0002-second, which this version of Latchkey does not know/);
    await older.close();
    await database.drop();
  });

  test('leave nothing of a file that fails half way, and keep those before it', async () => {
    const { database, open } = await empty();
    const broken = { name: '0002-broken', text: '-- up\nCREATE TABLE half (id {id});\nnonsense;\n-- down\nSELECT 1;' };
    const store = await open([first, broken]);
    await expect(store.migrate()).rejects.toThrow();
    expect((await database.rows(tables)).map(({ name }) => name)).toEqual(['one', 'schema_migration']);
    await store.close();
    const mended = await open([first, second]);
    expect(await mended.migrate()).toEqual(['0002-second']);
    await mended.close();
    await database.drop();
  });

  test('are applied once when several processes start together', async () => {
    const { database, open } = await empty();
    const stores = await Promise.all(times(4, () => open()));
    const applied = await Promise.all(stores.map((store) => store.migrate()));
    expect(applied.flat().sort()).toEqual(readMigrations().map(({ name }) => name));
    for (const store of stores) await store.close();
    await database.drop();
  });
});

test('a migration with an unknown type word or without a section is refused before anything runs', () => {
  expect(() => migrationSql({ name: 'x', text: '-- up\nCREATE TABLE t (a {uuid});' }, 'up', 'sqlite')).toThrow(
    MigrationError,
  );
  expect(() => migrationSql({ name: 'x', text: '-- up\nSELECT 1;' }, 'down', 'sqlite')).toThrow(/no "-- down" section/);
});

onEveryEngine('An installation', (world, engine) => {
  test('answers a ping and names its database', async () => {
    await world.opened.ping();
    expect(await world.opened.engineVersion()).toMatch(engine.name === 'sqlite' ? /^SQLite 3\./ : /^PostgreSQL \d+/);
  });

  test('keeps facts about itself', async () => {
    const { instance } = world.opened;
    expect(await instance.get('email form')).toBeNull();
    await instance.set('email form', 1);
    await instance.set('email form', { version: 2, was: [1] });
    expect(await instance.get('email form')).toEqual({ version: 2, was: [1] });
  });

  test('makes a project once, also when several nodes start together, and follows its name', async () => {
    const { projects } = world.opened;
    const ensure = (displayName: string) => projects.ensure({ key: 'shop', displayName });
    const made = await Promise.all(times(10, () => ensure('Shop')));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await ensure('The shop')).toEqual({ ...made[0], displayName: 'The shop' });
    expect(await projects.findByKey('shop')).toEqual({ ...made[0], displayName: 'The shop' });
    expect(await projects.findByKey('none')).toBeNull();
    expect(await projects.list()).toHaveLength(1);
    const roles = `SELECT key, holds_all FROM grantable WHERE project_id = ? AND scope = 'project' AND built_in = 1 ORDER BY key`;
    expect(await world.database.rows(roles, [made[0]!.id])).toEqual([
      { key: 'admin', holds_all: 0 },
      { key: 'user', holds_all: 0 },
    ]);
  });

  test('keeps integers beyond 32 bits, and stores times as written', async () => {
    expect(await world.database.rows('SELECT created_at FROM project')).toEqual([{ created_at: NOW }]);
  });
});

test('the SQLite file and its log are readable by their owner alone', async () => {
  const database = await engines[0]!.createEmpty();
  const store = await openStore(database.config, {
    clock: { now: () => NOW },
    ids: { next: () => 'unused' },
  });
  await store.migrate();
  const { file } = database.config as { file: string };
  for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(path).mode & 0o777).toBe(0o600);
  await store.close();
  await database.drop();
});
