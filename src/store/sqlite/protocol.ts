/** What the main thread asks of the writer thread. Answers come back in the order of the questions. */
export type WriterRequest =
  | {
      readonly kind: 'statement';
      readonly sql: string;
      readonly parameters: readonly SqlValue[];
      /** Begins a transaction first. */
      readonly begin?: boolean;
    }
  | { readonly kind: 'script'; readonly sql: string }
  /** Empties the write-ahead log, unless somebody reads it. */
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'close' };

export type SqlValue = null | number | bigint | string | Uint8Array;

export interface StatementResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly changed: number;
}

export type WriterAnswer =
  | { readonly ok: true; readonly result: StatementResult }
  | { readonly ok: false; readonly message: string; readonly code: number };

/** A statement that SQLite refused. `code` is the extended result code. */
export class SqliteError extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.name = 'SqliteError';
    this.code = code;
  }
}

/** SQLITE_CONSTRAINT_UNIQUE and SQLITE_CONSTRAINT_PRIMARYKEY. */
export const isUniqueViolation = (fault: unknown): fault is SqliteError =>
  fault instanceof SqliteError && (fault.code === 2067 || fault.code === 1555);
