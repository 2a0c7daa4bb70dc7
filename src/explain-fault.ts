import { ConfigError } from './config/problem.ts';
import { BackupError } from './store/backup/backup-error.ts';
import { MigrationError } from './store/migrate.ts';
import { DatabaseInUse } from './store/sqlite/server-lock.ts';

interface SystemFault extends Error {
  readonly code?: string;
  readonly port?: number;
  readonly address?: string;
  readonly path?: string;
}

/** Their messages say what to do. */
const explained = [ConfigError, MigrationError, DatabaseInUse, BackupError];

/** The usual reasons why a process cannot start or a command cannot work, in words that say what to do. */
export function explainFault(given: unknown): string {
  const fault = given as SystemFault;
  if (explained.some((known) => fault instanceof known)) return fault.message;
  const words = usual[fault.code ?? '']?.(fault);
  if (words) return words;
  if (/database is locked/.test(fault.message)) {
    return 'The database file stayed locked for five seconds. Another program writes to it: find it, or try again.';
  }
  if (/database or disk is full/.test(fault.message)) {
    return 'The disk is full. Make room where the database is (a verification works in TMPDIR) and try again.';
  }
  if (/file is not a database|malformed/.test(fault.message)) {
    return `The database file is damaged or is no SQLite file (${fault.message}). Restore it from a backup.`;
  }
  return fault.stack ?? fault.message;
}

const usual: Readonly<Record<string, (fault: SystemFault) => string>> = {
  EADDRINUSE: ({ port }) => `Port ${port} is in use. Stop what listens there, or set PORT to another one.`,
  EADDRNOTAVAIL: ({ address }) => `This machine has no address ${address}. Correct HOST.`,
  EACCES: ({ message }) => `${message}. Choose a port above 1024, or a DATA_DIR that this user can write.`,
  EPERM: ({ message }) => `${message}. Run as the user who owns DATA_DIR.`,
  ENOSPC: ({ message }) => `The disk is full (${message}). Make room and try again.`,
  EROFS: ({ path }) => `${path} is on a read-only file system. Set DATA_DIR to a folder that can be written.`,
  ECONNREFUSED: ({ address, port }) =>
    `Nothing answers at ${address}:${port}. Start the database, or correct DATABASE_URL or REDIS_URL.`,
  ENOTFOUND: ({ message }) => `A host name cannot be found (${message}). Correct DATABASE_URL, REDIS_URL or SMTP_URL.`,
  '28P01': ({ message }) => `PostgreSQL: ${message}. Correct the user or password in DATABASE_URL.`,
  '28000': ({ message }) => `PostgreSQL: ${message}. Correct the user in DATABASE_URL.`,
  '3D000': ({ message }) => `PostgreSQL: ${message}. Create it with CREATE DATABASE, or correct DATABASE_URL.`,
  '42501': ({ message }) => `PostgreSQL: ${message}. Grant the user the right to create a schema in this database.`,
};
