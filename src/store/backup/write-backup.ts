import { createHash, type Hash } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { FileStorage } from '../../core/files/stored-file.ts';
import type { Migration } from '../migrate.ts';
import type { SqlValue } from '../sqlite/protocol.ts';
import { appliedMigrations } from './applied-migrations.ts';
import { rowText } from './cells.ts';
import { type FileCounts, fileRows } from './file-rows.ts';
import {
  type BackupClosing,
  type BackupHeader,
  filesPart,
  type PartClosing,
  type PartOpening,
  type SecretChecks,
} from './format.ts';
import { sealLines } from './seal-lines.ts';
import type { Snapshot } from './snapshot.ts';
import { parentsFirst } from './table-shapes.ts';
import { isCopied } from './travels.ts';

export interface BackupSource {
  readonly snapshot: Snapshot;
  readonly files: FileStorage;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  /** Version of Latchkey. */
  readonly takenBy: string;
  readonly secrets: SecretChecks | null;
  /** Of this version. */
  readonly migrations: readonly Migration[];
  readonly signal?: AbortSignal;
}

/** Rows of each part, and the files that could not be copied. */
export interface BackupSummary {
  readonly header: BackupHeader;
  readonly closing: BackupClosing;
}

/** Copies one moment of an installation. Some hundred rows or one stored file are in memory at a time. */
export async function writeBackup(source: BackupSource, sink: Writable): Promise<BackupSummary> {
  const { snapshot, takenAt, takenBy, secrets } = source;
  const tables = parentsFirst(snapshot.tables.filter(({ name }) => isCopied(name) && name !== 'schema_migration'));
  const header: BackupHeader = {
    ...{ takenAt, takenBy, engine: snapshot.engine, secrets },
    migrations: await appliedMigrations(snapshot, source.migrations),
    parts: [...tables.map(({ name }) => name), filesPart],
  };
  const counts: FileCounts = { filesMissing: 0, filesDamaged: 0 };
  const closed: PartClosing[] = [];

  async function* lines(): AsyncGenerator<string> {
    yield line(header);
    for (const table of tables) {
      yield* part({ part: table.name, columns: table.columns }, snapshot.rows(table), closed);
    }
    yield* part({ part: filesPart, columns: ['path', 'bytes'] }, fileRows(source, counts), closed);
    yield line({ parts: closed, ...counts } satisfies BackupClosing);
  }

  await sealLines(lines(), sink, source.signal);
  return { header, closing: { parts: closed, ...counts } };
}

const line = (value: object): string => `${JSON.stringify(value)}\n`;

async function* part(
  opening: PartOpening,
  batches: AsyncIterable<readonly (readonly SqlValue[])[]>,
  closed: PartClosing[],
): AsyncGenerator<string> {
  const digest = createHash('sha256');
  let rows = 0;
  yield counted(digest, line(opening));
  for await (const batch of batches) {
    rows += batch.length;
    yield counted(digest, batch.map((row) => `${rowText(row)}\n`).join(''));
  }
  const closing: PartClosing = { closed: opening.part, rows, sha256: digest.digest('hex') };
  closed.push(closing);
  yield line(closing);
}

function counted(digest: Hash, text: string): string {
  digest.update(text);
  return text;
}
