import { Worker } from 'node:worker_threads';
import { SqliteError, type StatementResult, type WriterAnswer, type WriterRequest } from './protocol.ts';

/** The main thread's end of the writer thread. */
export interface Writer {
  ask(request: WriterRequest): Promise<StatementResult>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(result: StatementResult): void;
  reject(fault: Error): void;
}

/** Resolves once the thread has opened the file; rejects when it cannot. */
export async function startWriter(file: string): Promise<Writer> {
  const source = import.meta.url.endsWith('.ts') ? './writer-worker.ts' : './writer-worker.js';
  const worker = new Worker(new URL(source, import.meta.url), { workerData: { file } });
  const waiting: Waiting[] = [];
  let ended: Error | null = null;

  worker.on('message', (answer: WriterAnswer) => {
    const first = waiting.shift()!;
    // An idle writer keeps no process alive; one that owes an answer does.
    if (waiting.length === 0) worker.unref();
    if (answer.ok) first.resolve(answer.result);
    else first.reject(new SqliteError(answer.message, answer.code));
  });
  worker.on('error', (fault) => end(fault as Error));
  worker.on('exit', () => end(new Error('the database writer has ended')));

  function end(fault: Error): void {
    ended ??= fault;
    for (const { reject } of waiting.splice(0)) reject(ended);
  }

  function ask(request: WriterRequest): Promise<StatementResult> {
    if (ended) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) worker.ref();
      waiting.push({ resolve, reject });
      worker.postMessage(request);
    });
  }

  await ask({ kind: 'statement', sql: 'SELECT 1', parameters: [] });
  return {
    ask,
    async close() {
      if (ended) return;
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      await ask({ kind: 'close' });
      worker.ref();
      await exited;
    },
  };
}
