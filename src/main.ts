import { refuseOldNode } from './node-version.ts';

refuseOldNode();
const { dropStartGarbage, rememberCompiledCode, withSmallHeap } = await import('./process-start.ts');

rememberCompiledCode();
await withSmallHeap(async () => {
  const { start } = await import('./start.ts');
  await start();
});
dropStartGarbage();
