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

/** Together under the published second: a dead line is noticed before an answer older than that is given. */
const pingEveryMs = 400;
const pingWithinMs = 400;
const longestPauseMs = 5_000;

/** Keeps caches true by what a channel says, and switched off while it says nothing. Live logs are woken by it. */
export function invalidationListener(channel: Channel, node: string, onFault: FaultReport) {
  const audiences = new Map<string, Set<BusAudience>>();
  let subscription: Subscription | null = null;
  let closed = false;

  const everybody = function* (): Generator<BusAudience> {
    for (const ofProject of audiences.values()) yield* ofProject;
  };

  function hear(text: string): void {
    const message = JSON.parse(text) as BusMessage;
    if (message.node === node) return; // dropped here before its caller went on
    for (const audience of audiences.get(message.project) ?? []) {
      if (message.all) audience.dropAll();
      for (const id of message.users) audience.dropUser(id);
      for (const id of message.sessions) audience.dropSession(id);
      if (message.log) audience.logGrew?.();
    }
  }

  /** Tries until it hears the others, with growing pauses. */
  async function connect(): Promise<void> {
    for (let pause = 100; !closed; pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        const opened: Subscription = await channel.open({ message: hear, lost: (fault) => lose(opened, fault) });
        if (closed) return await opened.close();
        subscription = opened;
        for (const audience of everybody()) {
          audience.dropAll();
          audience.setEnabled(true);
        }
        return;
      } catch (fault) {
        onFault('session invalidations cannot be heard; sessions are read from the database', fault);
        await new Promise((resolve) => setTimeout(resolve, pause).unref());
      }
    }
  }

  function lose(which: Subscription, fault: unknown): void {
    if (closed || subscription !== which) return;
    subscription = null;
    for (const audience of everybody()) audience.setEnabled(false);
    onFault('session invalidations were lost; sessions are read from the database', fault);
    which.close().catch(() => {});
    void connect();
  }

  const heartbeat = setInterval(() => {
    const asked = subscription;
    if (!asked) return;
    const late = setTimeout(() => lose(asked, new Error(`no answer within ${pingWithinMs} ms`)), pingWithinMs);
    asked.ping().then(
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
      audience.setEnabled(subscription !== null);
    },
    start: connect,
    async close(): Promise<void> {
      closed = true;
      clearInterval(heartbeat);
      await subscription?.close();
      subscription = null;
    },
  };
}
