import { createHash, type Hash } from 'node:crypto';
import type { SqlValue } from '../sqlite/protocol.ts';
import { BackupError, damagedBackup } from './backup-error.ts';
import type { BackupClosing, BackupHeader, PartClosing, PartOpening } from './format.ts';

/** What is read, in order: the header, then parts with their rows, then the closing. */
export type BackupItem =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | { readonly kind: 'part'; readonly opening: PartOpening }
  | { readonly kind: 'rows'; readonly opening: PartOpening; readonly rows: readonly SqlValue[][] }
  | { readonly kind: 'closing'; readonly closing: BackupClosing };

/** Where a reader is, and whether everything before was as the header and the digests say. */
export interface PartWalk {
  /** The part whose rows come now. */
  opening(): PartOpening | null;
  row(line: Buffer): void;
  /** A line that is no row. Null where it says nothing but what was checked. */
  control(line: Buffer): BackupItem | null;
  /** After the last line. */
  end(): void;
  /** Says where the damage is. What is a BackupError already stays one. */
  damaged(cause?: unknown): BackupError;
}

const newLine = '\n';

export function partWalk(): PartWalk {
  let header: BackupHeader | null = null;
  let current: { readonly opening: PartOpening; readonly digest: Hash; rows: number } | null = null;
  const closed: PartClosing[] = [];
  let isOver = false;

  function damaged(cause?: unknown): BackupError {
    if (cause instanceof BackupError) return cause;
    if (header === null) return damagedBackup('its beginning', cause);
    const part = current?.opening.part ?? header.parts[closed.length];
    return damagedBackup(part === undefined ? 'its end' : `part "${part}"`, cause);
  }

  const missing = (part: string): BackupError =>
    new BackupError(`The backup is incomplete: part "${part}" is missing. Use another copy of it.`);

  function open(opening: PartOpening, line: Buffer): BackupItem {
    const expected = header?.parts[closed.length];
    if (current !== null) throw damaged();
    if (expected === undefined) throw damagedBackup(`part "${opening.part}", which its list does not name,`);
    if (opening.part !== expected) throw missing(expected);
    current = { opening, digest: createHash('sha256').update(line).update(newLine), rows: 0 };
    return { kind: 'part', opening };
  }

  function close(closing: PartClosing): null {
    if (current === null || closing.closed !== current.opening.part) throw damaged();
    if (closing.sha256 !== current.digest.digest('hex') || closing.rows !== current.rows) throw damaged();
    closed.push(closing);
    current = null;
    return null;
  }

  function finish(closing: BackupClosing): BackupItem {
    const expected = header!.parts[closed.length];
    if (current === null && expected !== undefined) throw missing(expected);
    if (JSON.stringify(closing.parts) !== JSON.stringify(closed)) throw damaged();
    isOver = true;
    return { kind: 'closing', closing };
  }

  return {
    damaged,
    opening: () => current?.opening ?? null,
    row(line) {
      if (current === null) throw damaged();
      current.rows += 1;
      current.digest.update(line).update(newLine);
    },
    control(line) {
      const value = objectFrom(line, damaged);
      if (isOver) throw damaged();
      if (header === null) {
        if (!isHeader(value)) throw damaged();
        header = value;
        return { kind: 'header', header };
      }
      if ('part' in value) return open(value as PartOpening, line);
      if ('closed' in value) return close(value as PartClosing);
      return finish(value as BackupClosing);
    },
    end() {
      if (!isOver)
        throw new BackupError('The backup is incomplete: its last parts are missing. Use another copy of it.');
    },
  };
}

function objectFrom(line: Buffer, damaged: (cause?: unknown) => BackupError): object {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw damaged(cause);
  }
  throw damaged();
}

const isHeader = (value: object): value is BackupHeader =>
  'takenAt' in value && 'parts' in value && Array.isArray(value.parts) && 'migrations' in value;
