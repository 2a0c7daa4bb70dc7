/** What an endpoint says back, before anything knows of sockets. */
export interface Answer {
  readonly status: number;
  /** A value becomes JSON; `Raw` goes out as it is; an `EventStream` stays open; undefined is an empty body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Text that is already what the wire wants. */
export class Raw {
  readonly bytes: Buffer;
  readonly type: string;

  constructor(text: string, type = 'application/json') {
    this.bytes = Buffer.from(text);
    this.type = type;
  }
}

export const json = (body: unknown, status = 200): Answer => ({ status, body });
