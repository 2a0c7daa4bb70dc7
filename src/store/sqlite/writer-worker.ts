import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { fileWatch } from './file-watch.ts';
import type { WriterAnswer, WriterRequest } from './protocol.ts';
import { statementRunner } from './statements.ts';

// The one connection that writes. It lives in a thread of its own because COMMIT waits for the disk, and a
// checkpoint for many pages: neither may hold up the requests that the event loop serves meanwhile.

const { file } = workerData as { file: string };
const db = new DatabaseSync(file, { enableForeignKeyConstraints: true });
// A commit that was answered survives a power cut: FULL also syncs the log in WAL mode.
db.exec(
  'PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF',
);
// A log that grew while somebody read for long shrinks to this with the first write after the next checkpoint.
db.exec(`PRAGMA journal_size_limit = ${4 * 1024 * 1024}`);
const assertSameFile = fileWatch(db, file);
const run = statementRunner(db);
const none = { rows: [], changed: 0 };

/** `busy` is 1 while somebody reads: the log stays, and no writer waits for the reader. */
function checkpointNow(): Record<string, unknown> {
  db.exec('PRAGMA busy_timeout = 0');
  try {
    return db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()!;
  } finally {
    db.exec('PRAGMA busy_timeout = 5000');
  }
}

function answer(request: WriterRequest): WriterAnswer {
  try {
    if (request.kind === 'statement') {
      // Before it begins, and before anybody is told that it is written. A ROLLBACK has nothing to lose.
      if (request.sql === 'COMMIT' || (!db.isTransaction && request.sql !== 'ROLLBACK')) assertSameFile();
      // IMMEDIATE takes the write lock now: a transaction that read first could not be promoted later.
      if (request.begin) db.exec('BEGIN IMMEDIATE');
      return { ok: true, result: run(request.sql, request.parameters) };
    }
    if (request.kind === 'script') {
      assertSameFile();
      db.exec(request.sql);
      return { ok: true, result: none };
    }
    if (request.kind === 'checkpoint') {
      return { ok: true, result: { rows: [checkpointNow()], changed: 0 } };
    }
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    return { ok: true, result: none };
  } catch (fault) {
    const { message, errcode, code } = fault as Error & { errcode?: number; code?: unknown };
    return { ok: false, message, code: errcode ?? (typeof code === 'number' ? code : 1) };
  }
}

parentPort!.on('message', (request: WriterRequest) => {
  parentPort!.postMessage(answer(request));
  if (request.kind === 'close') parentPort!.close();
});
