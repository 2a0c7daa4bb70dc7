import type { Id } from '../../base/ids.ts';
import { Lru } from '../../base/lru.ts';
import type { LiveSession } from './session.ts';

/**
 * Live sessions by token digest, exact on one node: what a transaction changed is dropped before its caller goes on.
 * A read that began before a drop never fills the cache after it, whatever it read.
 */
export interface SessionCache {
  get(tokenDigest: string): LiveSession | undefined;
  /** Call before reading the store; pass the result to `put`. */
  epoch(): number;
  put(tokenDigest: string, live: LiveSession, epoch: number): void;
  dropUser(userId: Id): void;
  dropSession(sessionId: Id): void;
  dropAll(): void;
  size(): number;
  /** False while invalidations from other nodes may be missed: every check reads the store. */
  setEnabled(enabled: boolean): void;
}

export function createSessionCache(capacity: number): SessionCache {
  const live = new Lru<string, LiveSession>(capacity);
  const digestOfSession = new Map<Id, string>();
  const sessionsOfUser = new Map<Id, Set<Id>>();
  let epoch = 0;
  let enabled = true;

  function unlink(entry: LiveSession): void {
    digestOfSession.delete(entry.session.id);
    const siblings = sessionsOfUser.get(entry.user.id);
    siblings?.delete(entry.session.id);
    if (siblings?.size === 0) sessionsOfUser.delete(entry.user.id);
  }

  function dropSession(sessionId: Id): void {
    epoch += 1;
    const digest = digestOfSession.get(sessionId);
    if (digest === undefined) return;
    const entry = live.get(digest);
    live.delete(digest);
    if (entry) unlink(entry);
  }

  return {
    get: (digest) => (enabled ? live.get(digest) : undefined),
    epoch: () => epoch,
    put(digest, entry, readAt) {
      if (!enabled || readAt !== epoch) return;
      const before = digestOfSession.get(entry.session.id);
      if (before !== undefined && before !== digest) live.delete(before);
      const dropped = live.set(digest, entry);
      if (dropped) unlink(dropped);
      digestOfSession.set(entry.session.id, digest);
      const siblings = sessionsOfUser.get(entry.user.id);
      if (siblings) siblings.add(entry.session.id);
      else sessionsOfUser.set(entry.user.id, new Set([entry.session.id]));
    },
    dropSession,
    dropUser(userId) {
      epoch += 1;
      for (const sessionId of [...(sessionsOfUser.get(userId) ?? [])]) dropSession(sessionId);
    },
    size: () => live.size,
    dropAll() {
      epoch += 1;
      live.clear();
      digestOfSession.clear();
      sessionsOfUser.clear();
    },
    setEnabled(value) {
      if (enabled && !value) this.dropAll();
      enabled = value;
    },
  };
}
