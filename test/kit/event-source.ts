import { type IncomingMessage, request } from 'node:http';

export interface SentEvent {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what is sent
  readonly data: any;
}

/** One connection to an event stream, read as it comes. */
export interface Stream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** All bytes so far. */
  text(): string;
  events(): readonly SentEvent[];
  /** Of the last event, or of a block that moves it (WHATWG HTML §9.2.6). */
  lastId(): string | null;
  /** Resolves with the events once there are this many. Fails when the stream ends before. */
  arrived(count: number): Promise<readonly SentEvent[]>;
  /** Resolves once the text has this in it. */
  said(text: string): Promise<void>;
  /** Resolves when the server ended the stream or the line broke. */
  readonly ended: Promise<void>;
  /** Stops reading, so that what is sent piles up. */
  pause(): void;
  close(): Promise<void>;
}

/** Opens an event stream with Node's own client; resolves with the headers. */
export function openStream(
  url: string,
  {
    headers = {},
    lastEventId,
  }: { readonly headers?: Record<string, string>; readonly lastEventId?: string | null } = {},
): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      agent: false,
      headers: { ...headers, accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) },
    });
    asked.on('error', reject);
    asked.on('response', (response) => resolve(reading(response)));
    asked.end();
  });
}

function reading(response: IncomingMessage): Stream {
  let text = '';
  let over = false;
  const waiting = new Set<() => void>();
  const notice = () => {
    for (const look of [...waiting]) look();
  };
  const ended = new Promise<void>((resolve) => {
    response.on('close', () => {
      over = true;
      resolve();
      notice();
    });
  });
  response.on('error', () => {});
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    notice();
  });

  const until = <T>(found: () => T | null): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const value = found();
        if (value === null && !over) return;
        waiting.delete(look);
        if (value === null) reject(new Error(`the stream ended with ${JSON.stringify(text.slice(-500))}`));
        else resolve(value);
      };
      waiting.add(look);
      look();
    });

  const stream: Stream = {
    status: response.statusCode!,
    headers: response.headers,
    text: () => text,
    events: () => parse(text).filter((block) => block.data !== undefined) as SentEvent[],
    lastId: () => parse(text).findLast(({ id }) => id !== undefined)?.id ?? null,
    arrived: (count) =>
      until(() => {
        const events = stream.events();
        return events.length >= count ? events : null;
      }),
    said: async (part) => void (await until(() => (text.includes(part) ? true : null))),
    ended,
    pause: () => void response.pause(),
    close() {
      response.destroy();
      return ended;
    },
  };
  return stream;
}

/** Blocks that are whole, as the specification of server-sent events reads them. */
function parse(text: string): { id?: string; event?: string; data?: unknown }[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const fields: Record<string, string> = {};
      for (const line of block.split('\n')) {
        const [, name, value] = /^(\w+): (.*)$/.exec(line) ?? [];
        if (name) fields[name] = value!;
      }
      return { ...fields, ...(fields.data !== undefined && { data: JSON.parse(fields.data) }) };
    });
}
