import type { RefusalDetail } from '../../base/refusal.ts';
import type { Texts } from './texts.ts';

/** `{code, details?, error}` with the code in a header too (spec §1.4). */
export interface KnownError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Plain text (spec §1.4). */
export interface TextError {
  readonly status: number;
  readonly text: string;
}

export type Wire = KnownError | TextError;

/** A row of the table; a function where the words depend on the detail or the generation. */
export type WireError = Wire | ((detail: RefusalDetail, texts: Texts) => Wire);

export const known = (
  status: number,
  code: string,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): KnownError => ({ status, code, message, ...(details && { details }) });

export const text = (status: number, words: string): TextError => ({ status, text: words });

/** A bare message under SCHEMA_ERROR, as some handlers of the original raise it (spec §1.10). */
export function schemaError(said: string): KnownError {
  const message = said.length > longestMessage ? `${said.slice(0, longestMessage).toWellFormed()}…` : said;
  return known(400, 'SCHEMA_ERROR', message, { message });
}

/** Names that a request made up are told, and would make an answer larger than itself. */
const longestMessage = 8_000;
