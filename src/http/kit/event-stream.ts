import type { ServerResponse } from 'node:http';
import type { Clock, Instant } from '../../base/clock.ts';

/** Who listens at the other end of a stream. */
export interface StreamReader {
  /** Sends whole messages. A reader that leaves too much waiting is cut off: it comes back and asks for what it missed. */
  send(message: Uint8Array): void;
  /** Resolves when all that was sent is with the operating system, or the reader has gone. */
  drained(): Promise<void>;
  end(): void;
}

/** The body of an answer that stays open: server-sent events (WHATWG HTML §9.2). */
export class EventStream {
  /** Called once the headers are out; what it returns is called when the reader has gone. */
  readonly start: (reader: StreamReader) => () => void;

  constructor(start: (reader: StreamReader) => () => void) {
    this.start = start;
  }
}

const heartbeatMs = 15_000;
/** A comment, which says nothing and keeps proxies from closing the line. */
const heartbeat = Buffer.from(':\n\n');
/** Bytes that may wait in this process for one reader, beyond what its socket holds. */
const mostWaiting = 65_536;

/** Every stream of this process. */
export interface OpenStreams {
  open(raw: ServerResponse, stream: EventStream): void;
  count(): number;
  /** Says something to readers that have heard nothing for 15 s. To be called every second or so. */
  beat(): void;
  /** Ends all, and whatever is opened from now on. */
  endAll(): void;
}

interface OpenStream {
  readonly raw: ServerResponse;
  /** When something was last said. */
  spokeAt: Instant;
  /** Messages that are not with the operating system yet, and who waits for that. */
  waiting: number;
  waiters: (() => void)[];
  readonly sent: () => void;
}

export function openStreams(clock: Clock): OpenStreams {
  const open = new Set<OpenStream>();
  let closing = false;

  function say(stream: OpenStream, message: Uint8Array): void {
    const { raw } = stream;
    if (raw.writableEnded || raw.destroyed) return;
    stream.spokeAt = clock.now();
    stream.waiting += 1;
    raw.write(message, stream.sent);
    if (raw.writableLength > mostWaiting) raw.destroy();
  }

  return {
    open(raw, { start }) {
      // Silence is normal here: neither the time for a request nor that for an answer cuts it.
      raw.socket?.setTimeout(0);
      raw.flushHeaders();
      if (closing || raw.destroyed) {
        raw.end();
        return;
      }
      const stream = openStream(raw, clock.now());
      open.add(stream);
      const stop = start({
        send: (message) => say(stream, message),
        drained: () =>
          stream.waiting === 0 || raw.destroyed
            ? Promise.resolve()
            : new Promise((resolve) => {
                stream.waiters.push(resolve);
              }),
        end() {
          raw.end();
        },
      });
      raw.once('close', () => {
        open.delete(stream);
        stop();
        release(stream);
      });
    },
    count: () => open.size,
    beat() {
      const now = clock.now();
      for (const stream of open) if (now - stream.spokeAt >= heartbeatMs) say(stream, heartbeat);
    },
    endAll() {
      closing = true;
      for (const { raw } of open) {
        // Nobody waits for a reader that does not read.
        if (raw.writableLength > 0) raw.destroy();
        else raw.end();
      }
    },
  };
}

function openStream(raw: ServerResponse, spokeAt: Instant): OpenStream {
  const stream: OpenStream = {
    raw,
    spokeAt,
    waiting: 0,
    waiters: [],
    sent() {
      stream.waiting -= 1;
      if (stream.waiting === 0) release(stream);
    },
  };
  return stream;
}

function release(stream: OpenStream): void {
  const { waiters } = stream;
  if (waiters.length === 0) return;
  stream.waiters = [];
  for (const resolve of waiters) resolve();
}
