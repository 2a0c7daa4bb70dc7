import { StoreUnavailable } from '../../core/store.ts';
import { SqliteError } from './protocol.ts';

/**
 * Primary result codes that speak of the disk, the memory or another process, not of the statement: BUSY, NOMEM,
 * READONLY, IOERR, FULL, CANTOPEN, PROTOCOL (https://sqlite.org/rescode.html).
 */
const outages: ReadonlySet<number> = new Set([5, 7, 8, 10, 13, 14, 15]);

/** A fault of what lies below the database under its core name; any other as it is. */
export function asOutage(fault: unknown): unknown {
  const code = fault instanceof SqliteError ? fault.code : (fault as { errcode?: number } | null)?.errcode;
  return code !== undefined && outages.has(code & 0xff) ? new StoreUnavailable(fault) : fault;
}
