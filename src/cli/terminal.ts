import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandFailure, exitCodes } from './failure.ts';

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Beside the result: hints and warnings that a program reading the result must not see. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

export const atTerminal = (): boolean => process.stdin.isTTY === true;

/** @param flag how a script gives the same value */
export async function askText(message: string, flag: string): Promise<string> {
  requireTerminal(flag);
  for (;;) {
    const given = (await ask(`${message}: `)).trim();
    if (given !== '') return given;
    note('Please type something.');
  }
}

export async function askPassword(message: string, flag: string): Promise<string> {
  requireTerminal(flag);
  const given = await ask(`${message}: `, 'hidden');
  note('');
  return given;
}

/** Without a terminal the answer is yes: whoever wrote the script has decided. */
export async function confirmed(message: string): Promise<boolean> {
  return !atTerminal() || /^y(?:es)?$/i.test((await ask(`${message} [y/N] `)).trim());
}

/** One line from standard input; a line end at its end is not part of it. */
export async function lineFromStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const line = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (line === '')
    throw new CommandFailure('Standard input was empty. Pipe the password in, on one line.', exitCodes.usage);
  return line;
}

function requireTerminal(flag: string): void {
  if (!atTerminal()) throw new CommandFailure(`${flag} is missing.`, exitCodes.usage);
}

/** On the other stream than the result. What is typed is not shown when it is hidden: the echo goes nowhere. */
async function ask(question: string, echo: 'shown' | 'hidden' = 'shown'): Promise<string> {
  const hidden = echo === 'hidden';
  if (hidden) process.stderr.write(question);
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const stopped = new AbortController();
  lines.on('SIGINT', () => stopped.abort());
  lines.on('close', () => stopped.abort());
  try {
    return await lines.question(hidden ? '' : question, { signal: stopped.signal });
  } catch {
    throw new CommandFailure('Cancelled. Nothing was changed.');
  } finally {
    lines.close();
  }
}

/** Columns as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
