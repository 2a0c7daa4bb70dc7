import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

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
