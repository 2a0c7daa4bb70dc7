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
  const { text } = await prompts();
  const validate = (given: string | undefined) => (given?.trim() ? undefined : 'Please type something.');
  return answered(await text({ message, validate, ...terminal })).trim();
}

export async function askPassword(message: string, flag: string): Promise<string> {
  requireTerminal(flag);
  const { password } = await prompts();
  return answered(await password({ message, ...terminal })) ?? '';
}

/** Without a terminal the answer is yes: whoever wrote the script has decided. */
export async function confirmed(message: string): Promise<boolean> {
  if (!atTerminal()) return true;
  const { confirm } = await prompts();
  return answered(await confirm({ message, initialValue: false, ...terminal }));
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

/** Most commands ask nothing. */
const prompts = () => import('@clack/prompts');

/** Questions are on the other stream than the result. */
const terminal = { input: process.stdin, output: process.stderr };

/** What was typed; Ctrl-C is a symbol. */
function answered<T>(given: T): Exclude<T, symbol> {
  if (typeof given === 'symbol') throw new CommandFailure('Cancelled. Nothing was changed.');
  return given as Exclude<T, symbol>;
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
