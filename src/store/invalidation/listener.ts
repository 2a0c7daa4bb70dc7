import { inBackground } from '../../base/in-background.ts';
import { within } from '../../base/within.ts';
import type { FaultReport } from '../engine.ts';
import type { BusAudience, BusMessage } from './bus.ts';

/** A way to hear the other nodes. */
export interface Channel {
  /** Resolves once subscribed. `lost` is called at most once, and not after `close`. */
  open(on: { message(text: string): void; lost(fault: unknown): void }): Promise<Subscription>;
}

export interface Subscription {
  /** Settles only when the other end answered. */
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

interface Line {
  subscription: Subscription | null;
  lost: { readonly fault: unknown } | null;
}

/** Anybody may write to a channel of a shared server. */
function readMessage(text: string): BusMessage | null {
  try {
    const read = JSON.parse(text) as BusMessage | null;
    return Array.isArray(read?.users) && Array.isArray(read.sessions) ? read : null;
  } catch {
    return null;
  }
}

/** Together under the published second: a dead line is noticed before an answer older than that is given. */
const pingEveryMs = 400;
const pingWithinMs = 400;
const openWithinMs = 4_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Keeps caches true by what a channel says, and switched off while it says nothing. Live logs are woken by it. */
export function invalidationListener(channel: Channel, node: string, onFault: FaultReport) {
  const audiences = new Map<string, Set<BusAudience>>();
  let line: Line | null = null;
  let closed = false;

  const everybody = function* (): Generator<BusAudience> {
    for (const ofProject of audiences.values()) yield* ofProject;
  };

  function hear(text: string): void {
    const message = readMessage(text);
    if (!message) {
      onFault('a message of another node was not understood', new Error(text.slice(0, 200)));
      return;
    }
    if (message.node === node) return; // dropped here before its caller went on
    for (const audience of audiences.get(message.project) ?? []) {
      if (message.all) audience.dropAll();
      for (const id of message.users) audience.dropUser(id);
      for (const id of message.sessions) audience.dropSession(id);
      if (message.log) audience.logGrew?.();
      if (message.config) audience.configChanged?.();
    }
  }

  /** Once. @throws what the channel does, and when it broke while it was opened */
  async function open(): Promise<void> {
    // The channel may report a loss before it has given the subscription.
    const opening: Line = { subscription: null, lost: null };
    const asked = channel.open({
      message: hear,
      lost(fault) {
        opening.lost = { fault };
        lose(opening, fault);
      },
    });
    opening.subscription = await within(openWithinMs, 'hearing other nodes', asked).catch((fault) => {
      // One that comes too late is nobody's.
      asked.then((late) => late.close()).catch(() => {});
      throw fault;
    });
    if (opening.lost) throw opening.lost.fault;
    if (closed) return opening.subscription.close();
    line = opening;
    for (const audience of everybody()) {
      audience.dropAll();
      audience.setEnabled(true);
    }
  }

  /** Tries until it hears the others, with growing pauses. Never throws. */
  async function connect(pause = firstPauseMs): Promise<void> {
    if (closed) return;
    try {
      await open();
    } catch (fault) {
      onFault('session invalidations cannot be heard; sessions are read from the database', fault);
      setTimeout(connect, pause, Math.min(pause * 2, longestPauseMs)).unref();
    }
  }

  function lose(which: Line, fault: unknown): void {
    if (closed || line !== which) return;
    line = null;
    for (const audience of everybody()) audience.setEnabled(false);
    onFault('session invalidations were lost; sessions are read from the database', fault);
    which.subscription?.close().catch(() => {});
    inBackground(connect(), onFault);
  }

  const heartbeat = setInterval(() => {
    const asked = line;
    if (!asked?.subscription) return;
    const late = setTimeout(() => lose(asked, new Error(`no answer within ${pingWithinMs} ms`)), pingWithinMs);
    asked.subscription.ping().then(
      () => clearTimeout(late),
      (fault) => {
        clearTimeout(late);
        lose(asked, fault);
      },
    );
  }, pingEveryMs).unref();

  return {
    attach(projectId: string, audience: BusAudience): void {
      const known = audiences.get(projectId);
      if (known?.has(audience)) return;
      if (known) known.add(audience);
      else audiences.set(projectId, new Set([audience]));
      audience.setEnabled(line !== null);
    },
    detach(projectId: string): void {
      audiences.delete(projectId);
    },
    /** Tries once before it resolves; what is not heard then is heard later, and sessions are read until then. */
    start: () => connect(),
    async close(): Promise<void> {
      closed = true;
      clearInterval(heartbeat);
      await line?.subscription?.close();
      line = null;
    },
  };
}
