import type { Refusal } from '../../base/refusal.ts';

/** What an endpoint says back, before anything knows of sockets. */
export interface Answer {
  readonly status: number;
  /** A value becomes JSON; `Raw` goes out as it is; an `EventStream` stays open; undefined is an empty body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What a page was made of, for the log. */
  readonly refusal?: Refusal;
}

/**
 * Text that is already what the wire wants. Its UTF-8 bytes are kept as a string of one character each (`latin1`):
 * head and body then leave in one write, and what is cached takes half of what a buffer would.
 */
export class Raw {
  readonly bytes: string;
  readonly type: string;

  constructor(text: string, type = 'application/json') {
    this.bytes = Buffer.from(text).toString('latin1');
    this.type = type;
  }
}

export const json = (body: unknown, status = 200): Answer => ({ status, body });
