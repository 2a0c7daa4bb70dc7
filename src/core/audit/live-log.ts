import { setImmediate as breathe } from 'node:timers/promises';
import type { Id } from '../../base/ids.ts';
import { inBackground } from '../../base/in-background.ts';
import type { SurfaceName } from '../surface.ts';
import type { EventReads, PlacedEvent } from './event.ts';
import { type PublicEvent, publicView } from './public-log.ts';

/** One object for all who follow. */
export interface StreamedEvent extends PublicEvent {
  readonly position: number;
  /** What a surface has made of it, for its next reader. */
  readonly rendered: { [surface in SurfaceName]?: Uint8Array };
}

/** Somebody who reads the public log as it grows. */
export interface Follower {
  /** Whose right to read it is; null for anybody. */
  readonly viewer: { readonly userId: Id; readonly sessionId: Id } | null;
  /** Counted under it. */
  readonly host: string;
  /** Has had, or passed over, every event up to this position. Moved by the log. */
  position: number;
  wants(event: StreamedEvent): boolean;
  take(event: StreamedEvent): void;
  /** Nothing to take up to this event, which is where to go on from another time. */
  pass(event: StreamedEvent): void;
  /** Resolves when what was taken has left. */
  drained(): Promise<void>;
  /** Has the viewer's right ended? */
  isShutOut(): Promise<boolean>;
  /** The log is done with this follower. */
  end(): void;
}

/**
 * Brings the public log of one project to its followers on this node: in the order of commits, each event once, whichever
 * node it happened on. Commits and messages from other nodes only say *that* there is more; what it is, is read from the
 * store by position, so a message that is lost, late or doubled loses and doubles nothing.
 */
export interface LiveLog {
  /** @returns to be called when the follower leaves by itself */
  follow(follower: Follower): () => void;
  followers(): { readonly all: number; ofUser(id: Id): number; ofHost(host: string): number };
  /** There is more to read. */
  logGrew(): void;
  dropUser(id: Id): void;
  dropSession(id: Id): void;
  dropAll(): void;
  setEnabled(heard: boolean): void;
  /** Looks whether a message was missed or somebody's right has ended. To be called every few seconds. */
  check(): void;
}

/** Events read at a time. */
const page = 100;
/** Events of the past that are read for one connection. Then it ends, and the reader comes back for the next. */
const mostPast = 1_000;

export interface LiveLogDeps {
  readonly reads: () => Pick<EventReads, 'listPlaced'>;
  readonly onFault: (what: string, fault: unknown) => void;
}

export function createLiveLog({ reads, onFault }: LiveLogDeps): LiveLog {
  const everybody = new Set<Follower>();
  /** Those who have had all that the log has brought. */
  const live = new Set<Follower>();
  const ofViewer = grouped();
  const ofHost = grouped();
  /** Up to here live followers have been served; null while there are none. */
  let position: number | null = null;
  let reading = false;
  let grew = false;

  const readAfter = async (after: number) => (await reads().listPlaced({ after, limit: page })).map(streamed);

  async function bring(): Promise<void> {
    grew = true;
    if (reading) return;
    reading = true;
    try {
      while (grew && position !== null) {
        grew = false;
        for (let full = true; full && position !== null; ) {
          const events = await readAfter(position);
          for (const event of events) serve(event);
          full = events.length === page;
          // Sockets write between pages, so that only slow readers have much waiting.
          if (full) await breathe();
        }
      }
    } catch (fault) {
      onFault('the public log could not be read for its streams', fault);
    } finally {
      reading = false;
    }
  }

  function serve(event: StreamedEvent): void {
    // Everybody left, or left and others came, while the page was read.
    if (position === null || event.position <= position) return;
    position = event.position;
    for (const follower of live) {
      if (event.position <= follower.position) continue;
      follower.position = event.position;
      if (follower.wants(event)) follower.take(event);
    }
  }

  /** Reads what the follower has missed, until it is where the log is. */
  async function catchUp(follower: Follower): Promise<void> {
    let read = 0;
    while (position === null || follower.position < position) {
      const upTo = position;
      const events = await readAfter(follower.position);
      for (const event of events) {
        if (!everybody.has(follower)) return;
        follower.position = event.position;
        if (follower.wants(event)) follower.take(event);
      }
      const last = events.at(-1);
      read += events.length;
      if (last && read >= mostPast) {
        if (!follower.wants(last)) follower.pass(last);
        return end(follower);
      }
      if (events.length < page) {
        // All up to there has been read: what is missing was taken out of the log.
        follower.position = Math.max(follower.position, upTo ?? 0);
        if (position === null) break;
      }
      await follower.drained();
    }
    if (!everybody.has(follower)) return;
    live.add(follower);
    position ??= follower.position;
    inBackground(bring(), onFault);
  }

  function leave(follower: Follower): void {
    if (!everybody.delete(follower)) return;
    live.delete(follower);
    if (live.size === 0) position = null;
    ofHost.remove(follower.host, follower);
    if (!follower.viewer) return;
    ofViewer.remove(follower.viewer.userId, follower);
    ofViewer.remove(follower.viewer.sessionId, follower);
  }

  function end(follower: Follower): void {
    leave(follower);
    follower.end();
  }

  function review(followers: Iterable<Follower>): void {
    for (const follower of [...followers]) {
      if (!follower.viewer) continue;
      follower.isShutOut().then(
        (shutOut) => shutOut && end(follower),
        (fault) => {
          onFault('the right to read a stream could not be checked; it was ended', fault);
          end(follower);
        },
      );
    }
  }

  const log: LiveLog = {
    follow(follower) {
      everybody.add(follower);
      ofHost.add(follower.host, follower);
      if (follower.viewer) {
        ofViewer.add(follower.viewer.userId, follower);
        ofViewer.add(follower.viewer.sessionId, follower);
      }
      catchUp(follower).catch((fault) => {
        onFault('the public log could not be read for a stream; it was ended', fault);
        end(follower);
      });
      return () => leave(follower);
    },
    followers: () => ({ all: everybody.size, ofUser: ofViewer.count, ofHost: ofHost.count }),
    logGrew: () => inBackground(bring(), onFault),
    dropUser: (id) => review(ofViewer.of(id)),
    dropSession: (id) => review(ofViewer.of(id)),
    dropAll: () => log.check(),
    // What is not heard is found by `check`.
    setEnabled: () => {},
    check() {
      inBackground(bring(), onFault);
      review(everybody);
    },
  };
  return log;
}

const streamed = (event: PlacedEvent): StreamedEvent => ({
  ...publicView(event),
  position: event.position,
  rendered: {},
});

function grouped() {
  const groups = new Map<string, Set<Follower>>();
  return {
    add(key: string, follower: Follower): void {
      const group = groups.get(key);
      if (group) group.add(follower);
      else groups.set(key, new Set([follower]));
    },
    remove(key: string, follower: Follower): void {
      const group = groups.get(key);
      group?.delete(follower);
      if (group?.size === 0) groups.delete(key);
    },
    of: (key: string): Iterable<Follower> => groups.get(key) ?? [],
    count: (key: string): number => groups.get(key)?.size ?? 0,
  };
}
