import { Refusal } from './refusal.ts';

export interface BoundedPool {
  /** @throws Refusal `busy` at once when as many wait as may wait */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Running and waiting. */
  depth(): number;
}

/** Long enough for a queue of ordinary length to empty, short enough for a person who waits. */
const retryAfterSeconds = 2;

/**
 * Lets a bounded number run and a bounded number wait. What arrives beyond is told so while it is cheap: a queue
 * without end answers everybody after they have gone.
 */
export function boundedPool(bounds: { readonly concurrency: number; readonly queueLength: number }): BoundedPool {
  let running = 0;
  const waiting: (() => void)[] = [];

  return {
    async run(work) {
      if (running < bounds.concurrency) running += 1;
      else if (waiting.length >= bounds.queueLength)
        throw new Refusal('busy', { retryAfterSeconds, why: 'the queue is full' });
      else await new Promise<void>((ready) => waiting.push(ready));
      try {
        return await work();
      } finally {
        // The place is handed on, not freed: nobody who arrives now overtakes those who wait.
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
    depth: () => running + waiting.length,
  };
}
