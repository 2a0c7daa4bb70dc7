import { createHash } from 'node:crypto';
import { type FileStorage, storagePath } from '../../core/files/stored-file.ts';
import type { SqlValue } from '../sqlite/protocol.ts';
import type { Snapshot } from './snapshot.ts';

export interface FileCounts {
  filesMissing: number;
  filesDamaged: number;
}

/**
 * Path and bytes of the files that the snapshot's rows name, one at a time. Files never change, so bytes read later than
 * the rows are those of the rows. One that nobody shows any more may be deleted meanwhile: it is counted and left out.
 */
export async function* fileRows(
  { snapshot, files }: { readonly snapshot: Snapshot; readonly files: FileStorage },
  counts: FileCounts,
): AsyncGenerator<SqlValue[][]> {
  const table = snapshot.tables.find(({ name }) => name === 'file');
  if (!table) return;
  const value = (row: readonly SqlValue[], column: string) => row[table.columns.indexOf(column)];
  for await (const rows of snapshot.rows(table)) {
    for (const row of rows) {
      if (value(row, 'state') !== 'stored' || value(row, 'driver') !== files.driver) continue;
      const file = { namespace: String(value(row, 'namespace')), key: String(value(row, 'key')) };
      const path = storagePath(String(value(row, 'project_id')), file);
      const bytes = await files.read(path);
      if (bytes === null) counts.filesMissing += 1;
      else if (!isDigest(value(row, 'sha256'), bytes)) counts.filesDamaged += 1;
      else yield [[path, bytes]];
    }
  }
}

const isDigest = (stored: SqlValue | undefined, bytes: Uint8Array): boolean =>
  stored instanceof Uint8Array && createHash('sha256').update(bytes).digest().equals(stored);
