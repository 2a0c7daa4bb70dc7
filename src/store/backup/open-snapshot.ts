import { existsSync } from 'node:fs';
import type { DatabaseConfig } from '../../base/configuration.ts';
import { sqliteSnapshot } from '../sqlite/snapshot.ts';
import { nothingThere, type Snapshot } from './snapshot.ts';

/** PostgreSQL's client is loaded by those who use it. @throws BackupError when there is no database */
export async function openSnapshot(config: DatabaseConfig): Promise<Snapshot> {
  if (config.engine === 'sqlite') {
    if (!existsSync(config.file)) throw nothingThere(config.file);
    return sqliteSnapshot(config.file);
  }
  const { postgresSnapshot } = await import('../postgres/snapshot.ts');
  return postgresSnapshot(config);
}
