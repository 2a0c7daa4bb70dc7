import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../core/store.ts';
import { SqliteError, type StatementResult, type WriterAnswer, type WriterRequest } from './protocol.ts';

/** The main thread's end of the writer thread. */
export interface Writer {
  /** @throws StoreUnavailable when the thread has ended: the next transaction starts another one */
  ask(request: WriterRequest): Promise<StatementResult>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(result: StatementResult): void;
  reject(fault: unknown): void;
}

/** One life of the thread. */
interface Line {
  ask(request: WriterRequest): Promise<StatementResult>;
  readonly ended: () => boolean;
  readonly exited: Promise<void>;
  keepAlive(): void;
}

/** Resolves once the thread has opened the file; rejects when it cannot. */
export async function startWriter(file: string): Promise<Writer> {
  let line = openLine(file);
  await line.ask({ kind: 'statement', sql: 'SELECT 1', parameters: [] });
  /** A transaction is open in this thread. Callers take turns, so there is one at most. */
  let inTransaction: Line | null = null;
  let closed = false;

  function ask(request: WriterRequest): Promise<StatementResult> {
    if (inTransaction?.ended()) {
      // What is left of a transaction would be written by itself. Its caller rolls back, which has happened.
      if (isRollback(request)) {
        inTransaction = null;
        return Promise.resolve({ rows: [], changed: 0 });
      }
      if (!begins(request)) return Promise.reject(new StoreUnavailable(new Error(threadEnded)));
    }
    if (line.ended()) line = openLine(file);
    if (begins(request)) inTransaction = line;
    else if (isRollback(request) || isCommit(request)) inTransaction = null;
    const asked = line;
    return asked.ask(request).catch((fault) => {
      throw asked.ended() ? new StoreUnavailable(fault) : fault;
    });
  }

  return {
    ask,
    async close() {
      if (closed || line.ended()) return;
      closed = true;
      await line.ask({ kind: 'close' });
      line.keepAlive();
      await line.exited;
    },
  };
}

const threadEnded = 'the thread that writes has ended';

const begins = (request: WriterRequest): boolean => request.kind === 'statement' && request.begin === true;
const isRollback = (request: WriterRequest): boolean => request.kind === 'statement' && request.sql === 'ROLLBACK';
const isCommit = (request: WriterRequest): boolean => request.kind === 'statement' && request.sql === 'COMMIT';

function openLine(file: string): Line {
  const source = import.meta.url.endsWith('.ts') ? './writer-worker.ts' : './writer-worker.js';
  const worker = new Worker(new URL(source, import.meta.url), { workerData: { file } });
  const waiting: Waiting[] = [];
  const { promise: exited, resolve: exit } = Promise.withResolvers<void>();
  let ended: Error | null = null;

  worker.on('message', (answer: WriterAnswer) => {
    const first = waiting.shift()!;
    // An idle writer keeps no process alive; one that owes an answer does.
    if (waiting.length === 0) worker.unref();
    if (answer.ok) first.resolve(answer.result);
    else first.reject(new SqliteError(answer.message, answer.code));
  });
  worker.on('error', (fault) => end(fault as Error));
  worker.on('exit', () => {
    end(new Error(threadEnded));
    exit();
  });

  function end(fault: Error): void {
    ended ??= fault;
    for (const { reject } of waiting.splice(0)) reject(ended);
  }

  return {
    ask(request) {
      if (ended) return Promise.reject(ended);
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) worker.ref();
        waiting.push({ resolve, reject });
        worker.postMessage(request);
      });
    },
    ended: () => ended !== null,
    exited,
    keepAlive: () => worker.ref(),
  };
}
