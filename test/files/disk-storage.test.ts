import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/core/store.ts';
import { diskStorage } from '../../src/files/disk-storage.ts';
import { seededRandom } from '../kit/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const storage = diskStorage(folder, seededRandom('files'));
const path = (name: string): string => `internal/user-images/${name}`;
const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value));

describe('Files on disk', () => {
  test('come back as they were stored, readable by their owner alone', async () => {
    await storage.put(path('a.webp'), text('one'));
    expect(Buffer.from((await storage.read(path('a.webp')))!).toString()).toBe('one');
    expect(statSync(join(folder, path('a.webp'))).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'internal')).mode & 0o777).toBe(0o700);
  });

  test('nothing half-written is left, and twenty at once write one whole file', async () => {
    const bytes = new Uint8Array(200_000).fill(7);
    await Promise.all(Array.from({ length: 20 }, () => storage.put(path('b.webp'), bytes)));
    expect(Buffer.from((await storage.read(path('b.webp')))!).equals(bytes)).toBe(true);
    expect(readdirSync(join(folder, 'internal/user-images')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('what cannot be written is a fault, and leaves nothing', async () => {
    writeFileSync(join(folder, 'full'), '');
    await expect(storage.put('full/x/a.webp', text('x'))).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(storage.read('full/x/a.webp')).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('are gone once removed; removing and reading what is not there is no fault', async () => {
    await storage.put(path('c.webp'), text('x'));
    await storage.remove(path('c.webp'));
    await storage.remove(path('c.webp'));
    expect(await storage.read(path('c.webp'))).toBeNull();
  });

  test.each(['../x', 'a/../../x', '/etc/passwd', 'a//b', 'a/./b', '.hidden', 'a\\b', 'a/\0', ''])(
    'a path that leaves the folder is refused: %j',
    async (bad) => {
      await expect(async () => storage.read(bad)).rejects.toThrow('not a file path');
      await expect(async () => storage.put(bad, text('x'))).rejects.toThrow('not a file path');
      await expect(async () => storage.remove(bad)).rejects.toThrow('not a file path');
    },
  );
});
