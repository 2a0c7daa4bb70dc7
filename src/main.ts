import { dropStartGarbage, rememberCompiledCode, withSmallHeap } from './process-start.ts';

rememberCompiledCode();
await withSmallHeap(async () => {
  const { start } = await import('./start.ts');
  await start();
});
dropStartGarbage();
