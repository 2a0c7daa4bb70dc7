import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isPlainObject } from './forms.ts';
import type { Problem } from './problem.ts';
import type { Env, Json } from './section.ts';

export interface ConfigFile {
  /** As messages call it. */
  readonly name: string;
  readonly content: Json;
}

const usualName = 'latchkey.json';

/** The file that LATCHKEY_CONFIG names, or `latchkey.json` of the working directory if there is one. */
export function readFile(
  input: { readonly env: Env; readonly cwd: string; readonly fileText?: string },
  problems: Problem[],
): ConfigFile {
  const named = input.env.LATCHKEY_CONFIG;
  const name = named ?? usualName;
  const refuse = (problem: string, mend: string): ConfigFile => {
    problems.push({ key: name, source: named ? 'environment LATCHKEY_CONFIG' : 'file', problem, mend });
    return { name, content: {} };
  };

  let text = input.fileText;
  if (text === undefined) {
    try {
      text = readFileSync(resolve(input.cwd, name), 'utf8');
    } catch (fault) {
      const code = (fault as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' && named === undefined) return { name, content: {} };
      return refuse(`cannot be read (${code})`, 'Correct the path or the rights of the file.');
    }
  }
  try {
    const content: unknown = JSON.parse(text.replace(/^\u{feff}/u, ''));
    return isPlainObject(content) ? { name, content } : refuse('is not a JSON object', 'Write it as { … }.');
  } catch (fault) {
    // The parser's message quotes the text around the mistake, where a secret may stand: only the place is told.
    const at = /\(line \d+ column \d+\)/.exec((fault as Error).message)?.[0];
    return refuse(`is not valid JSON${at ? ` ${at}` : ''}`, 'Correct it.');
  }
}
