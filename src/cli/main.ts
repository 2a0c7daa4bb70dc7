#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodes, explain } from './failure.ts';
import { program } from './program.ts';
import { note } from './terminal.ts';

// `latchkey … | head` reads as much as it wants.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE') throw fault;
  process.exit(exitCodes.done);
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
