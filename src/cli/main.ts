#!/usr/bin/env node
import { refuseOldNode } from '../node-version.ts';

refuseOldNode();
const { rememberCompiledCode } = await import('../process-start.ts');

rememberCompiledCode();
const { CommanderError } = await import('commander');
const { exitCodes, explain } = await import('./failure.ts');
const { program } = await import('./program.ts');
const { note } = await import('./terminal.ts');

// `latchkey … | head` reads as much as it wants. A command that owes all of its output has set its exit code before.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE') throw fault;
  process.exit(process.exitCode ?? exitCodes.done);
});

try {
  await program().parseAsync();
} catch (fault) {
  if (fault instanceof CommanderError) {
    // Help and version are not mistakes; everything else was said by commander already.
    process.exitCode = fault.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else {
    const { message, exitCode } = explain(fault);
    note(message);
    process.exitCode = exitCode;
  }
}
