import { concealCredentials } from './base/conceal-credentials.ts';
import { StartRefusal } from './base/start-refusal.ts';
import { ConfigError } from './config/problem.ts';
import { StoreUnavailable } from './core/store.ts';
import { BackupError } from './store/backup/backup-error.ts';
import { MigrationError } from './store/migrate.ts';
import { asOutage } from './store/postgres/outage.ts';
import { DatabaseInUse } from './store/sqlite/server-lock.ts';

interface SystemFault extends Error {
  readonly code?: string;
  readonly port?: number;
  readonly address?: string;
  readonly path?: string;
}

/** The usual reasons why a process cannot start or a command cannot work, in words that say what to do. */
export function explainFault(given: unknown): string {
  if (given instanceof StoreUnavailable) return outage(given);
  const fault = given as SystemFault;
  // Our own hold no secret, and some show what a URL looks like.
  return known.some((kind) => fault instanceof kind) ? fault.message : concealCredentials(explained(fault));
}

/** While a command works: the fault below has the words, or nobody has any, and a stack says no more. */
function outage(fault: StoreUnavailable): string {
  const words = explainFault(fault.cause);
  return words === (fault.cause as Error).stack ? concealCredentials(fault.message) : words;
}

function explained(fault: SystemFault): string {
  const words = usual[fault.code ?? '']?.(fault);
  if (words) return words;
  if (/database is locked/.test(fault.message)) {
    return 'The database file stayed locked for five seconds. Another program writes to it: find it, or try again.';
  }
  if (/database or disk is full/.test(fault.message)) {
    return 'The disk is full. Make room where the database is (a verification works in TMPDIR) and try again.';
  }
  if (/file is not a database|database disk image is malformed/.test(fault.message)) {
    return `The database file is damaged or is no SQLite file (${fault.message}). Restore it from a backup.`;
  }
  if (/\bSSL\b|\bTLS\b|certificate/i.test(fault.message)) {
    return `The connection cannot be encrypted as asked: ${fault.message}. Correct sslmode and sslrootcert in DATABASE_URL.`;
  }
  if (asOutage(fault) instanceof StoreUnavailable) {
    return `The database does not serve: ${fault.message}. See that it runs and lets this machine in, then try again.`;
  }
  return fault.stack ?? fault.message;
}

const known = [ConfigError, StartRefusal, MigrationError, DatabaseInUse, BackupError];

const usual: Readonly<Record<string, (fault: SystemFault) => string>> = {
  EADDRINUSE: ({ port }) => `Port ${port} is in use. Stop what listens there, or set PORT to another one.`,
  EADDRNOTAVAIL: ({ address }) => `This machine has no address ${address}. Correct HOST.`,
  EACCES: ({ message }) => `${message}. Choose a port above 1024, or a DATA_DIR that this user can write.`,
  EPERM: ({ message }) => `${message}. Run as the user who owns DATA_DIR.`,
  ENOSPC: ({ message }) => `The disk is full (${message}). Make room and try again.`,
  ENOTDIR: ({ path }) =>
    `${path} cannot be made or opened: a folder of this path is a file. Correct DATA_DIR or the file of DATABASE_URL.`,
  EISDIR: ({ path }) => `${path ?? 'The database file'} is a folder, and a file is needed. Correct DATABASE_URL.`,
  EEXIST: ({ path }) => `${path} is a file, and a folder is needed. Correct DATA_DIR or the file of DATABASE_URL.`,
  EROFS: ({ path }) => `${path} is on a read-only file system. Set DATA_DIR to a folder that can be written.`,
  ECONNREFUSED: ({ address, port }) =>
    `Nothing answers at ${address}:${port}. Start the database, or correct DATABASE_URL or REDIS_URL.`,
  ENOTFOUND: ({ message }) => `A host name cannot be found (${message}). Correct DATABASE_URL, REDIS_URL or SMTP_URL.`,
  '28P01': ({ message }) => `PostgreSQL: ${message}. Correct the user or password in DATABASE_URL.`,
  '28000': ({ message }) => `PostgreSQL: ${message}. Correct the user in DATABASE_URL.`,
  '3D000': ({ message }) => `PostgreSQL: ${message}. Create it with CREATE DATABASE, or correct DATABASE_URL.`,
  '42501': ({ message }) =>
    `PostgreSQL: ${message}. The user of DATABASE_URL has to own the schema (CREATE SCHEMA latchkey AUTHORIZATION <user>, ` +
    'with the name in DATABASE_SCHEMA), or to have CREATE on the database.',
  '08P01': ({ message }) =>
    `PostgreSQL or the pooler before it refused the connection: ${message}. Correct DATABASE_URL; of a parameter that a ` +
    'pooler does not know, remove it from DATABASE_URL.',
};
