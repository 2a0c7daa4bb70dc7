import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * The second start need not strip types and compile again, which is half of its time. Kept with the installation, not
 * in the shared temporary folder, where somebody else could put code for us. Where nothing can be written, nothing is.
 */
export function rememberCompiledCode(): void {
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
}

/**
 * Loading modules makes garbage at a rate that no request ever does, and V8 would answer with a young generation of
 * 30 MB that it keeps for good. So it may grow only once there is something to serve.
 */
export async function withSmallHeap<T>(work: () => Promise<T>): Promise<T> {
  setFlagsFromString('--semi-space-growth-factor=1');
  try {
    return await work();
  } finally {
    setFlagsFromString('--semi-space-growth-factor=2');
  }
}

/**
 * Frees what only the start needed: garbage, and compiled code that never runs again. An idle server would keep it for
 * good, because V8 collects when memory is asked for. Takes some 60 ms, before the first request rather than during one.
 */
export function dropStartGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as NodeJS.GCFunction | undefined;
  setFlagsFromString('--no-expose-gc');
  // This collection also forgets shapes of objects that have no instance at the moment. Node's own for what waits in
  // `nextTick` must not be among them: made anew, it takes the slow path for good, ten times as long and on every request.
  process.nextTick(() => {});
  // "Last resort" is V8's name for: everything that can go.
  collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
