import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { engines } from '../kit/engines.ts';
import { type StoreWorld, storeWorld } from '../kit/store-world.ts';

const megabyte = 1024 * 1024;

describe('The write-ahead log of SQLite', () => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await storeWorld(engines.find(({ name }) => name === 'sqlite')!);
  });
  afterEach(() => world.close());

  const file = () => (world.database.config as { readonly file: string }).file;
  const size = () => statSync(`${file()}-wal`).size;
  const rest = () => world.opened.rest();
  let count = 0;
  async function writeMegabytes(megabytes: number): Promise<void> {
    for (let at = 0; at < megabytes; at += 1) {
      count += 1;
      await world.opened.instance.set(`filler ${count}`, 'x'.repeat(megabyte));
    }
  }
  /** Somebody who reads for long: a backup, for example. */
  function reader(): { end(): void } {
    const db = new DatabaseSync(file(), { readOnly: true });
    db.exec('BEGIN; SELECT count(*) FROM instance');
    return { end: () => db.close() };
  }

  test('grows while somebody reads for long, and is emptied once they are gone and nothing is written', async () => {
    const long = reader();
    await writeMegabytes(12);
    expect(size()).toBeGreaterThan(12 * megabyte);
    // Quiet, but still read: nobody waits, and nothing is lost.
    await rest();
    await rest();
    expect(size()).toBeGreaterThan(12 * megabyte);
    long.end();
    await rest();
    expect(size()).toBe(0);
    expect(await world.opened.instance.get(`filler ${count}`)).toBe('x'.repeat(megabyte));
  });

  test('shrinks while others go on writing', async () => {
    const long = reader();
    await writeMegabytes(12);
    long.end();
    await writeMegabytes(2);
    expect(size()).toBeLessThanOrEqual(6 * megabyte);
  });

  test('is left alone while something is written', async () => {
    await writeMegabytes(1);
    await rest();
    expect(size()).toBeGreaterThan(megabyte);
    await rest();
    expect(size()).toBe(0);
  });
});
