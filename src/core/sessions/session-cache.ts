import type { Id } from '../../base/ids.ts';
import { Lru } from '../../base/lru.ts';
import type { Person } from '../users/user.ts';
import type { LiveSession } from './session.ts';
import { extraBytes, ordinaryBytes, sharingMetadata } from './session-weight.ts';

/**
 * Live sessions by token, exact on one node: what a transaction changed is dropped before its caller goes on,
 * and what another process wrote to the same SQLite file is noticed before the next answer.
 * A read that began before a drop never fills the cache after it, whatever it read.
 */
export interface SessionCache {
  get(token: string): LiveSession | undefined;
  /** Whatever it was put by: one session has one entry, so that nobody who knows both ways drops it from under the other. */
  getById(sessionId: Id): LiveSession | undefined;
  /** Call before reading the store; pass the result to `put`. */
  epoch(): number;
  /** @returns what is kept, to be used from now on: the same session and person */
  put(token: string, live: LiveSession, epoch: number): LiveSession;
  /** For whoever does not know its token. */
  putById(live: LiveSession, epoch: number): LiveSession;
  dropUser(userId: Id): void;
  dropSession(sessionId: Id): void;
  dropAll(): void;
  size(): number;
  /** About how much memory the sessions and their people take. */
  bytes(): number;
  /** False while invalidations from other nodes may be missed: every check reads the store. */
  setEnabled(enabled: boolean): void;
}

/**
 * The token, or a symbol for a session whose token nobody showed yet. An id is no secret, so a key made of it would be
 * a token that anybody can write; no text of a request equals a symbol.
 */
type Key = string | symbol;

/**
 * @param capacity ordinary sessions. A person with much metadata takes the room of several, once for all their sessions.
 * @param foreignWrites grows when another process changed people or sessions: then nothing kept here is
 *   believed
 */
export function createSessionCache(capacity: number, foreignWrites: () => number = () => 0): SessionCache {
  const live = new Lru<Key, LiveSession>(capacity);
  const keyOfSession = new Map<Id, Key>();
  /** Most people have one session here, and a set for each of them would be a tenth of the cache. */
  const sessionsOfUser = new Map<Id, Id | Set<Id>>();
  /** What people take beyond an ordinary one, where they do. */
  const extraOfUser = new Map<Id, number>();
  let extra = 0;
  let epoch = 0;
  let enabled = true;
  let seenWrites = foreignWrites();

  function unlink(entry: LiveSession): void {
    keyOfSession.delete(entry.session.id);
    const siblings = sessionsOfUser.get(entry.user.id);
    if (siblings instanceof Set) siblings.delete(entry.session.id);
    if (siblings === entry.session.id || (siblings instanceof Set && siblings.size === 0)) {
      sessionsOfUser.delete(entry.user.id);
      extra -= extraOfUser.get(entry.user.id) ?? 0;
      extraOfUser.delete(entry.user.id);
    }
  }

  function link({ session, user }: LiveSession): void {
    const siblings = sessionsOfUser.get(user.id);
    if (siblings instanceof Set) siblings.add(session.id);
    else if (siblings === undefined) sessionsOfUser.set(user.id, session.id);
    else if (siblings !== session.id) sessionsOfUser.set(user.id, new Set([siblings, session.id]));
    if (extraOfUser.has(user.id)) return;
    const more = extraBytes(user);
    if (more === 0) return;
    extraOfUser.set(user.id, more);
    extra += more;
  }

  /** The person as another session of theirs has them here. */
  function personHere(userId: Id): Person | undefined {
    const siblings = sessionsOfUser.get(userId);
    if (siblings === undefined) return undefined;
    const [sessionId] = typeof siblings === 'string' ? [siblings] : siblings;
    return live.get(keyOfSession.get(sessionId!)!)?.user;
  }

  const bytes = (): number => live.size * ordinaryBytes + extra;

  function dropSession(sessionId: Id): void {
    epoch += 1;
    const key = keyOfSession.get(sessionId);
    if (key === undefined) return;
    const entry = live.get(key);
    live.delete(key);
    if (entry) unlink(entry);
  }

  function get(key: Key): LiveSession | undefined {
    const writes = foreignWrites();
    if (writes !== seenWrites) {
      seenWrites = writes;
      dropAll();
    }
    return enabled ? live.get(key) : undefined;
  }

  function put(key: Key, read: LiveSession, readAt: number): LiveSession {
    if (!enabled || readAt !== epoch) return read;
    const user = sharingMetadata(read.user, personHere(read.user.id));
    // Another node changed the person, and its message is on the way: what is here of them is older.
    if (user === null) dropUser(read.user.id);
    const entry = user === null || user === read.user ? read : { ...read, user };
    const before = keyOfSession.get(entry.session.id);
    if (before !== undefined && before !== key) live.delete(before);
    const dropped = live.set(key, entry);
    if (dropped) unlink(dropped);
    keyOfSession.set(entry.session.id, key);
    link(entry);
    while (bytes() > capacity * ordinaryBytes && live.size > 0) unlink(live.dropOldest()!);
    return entry;
  }

  function dropUser(userId: Id): void {
    epoch += 1;
    const found = sessionsOfUser.get(userId) ?? [];
    for (const sessionId of typeof found === 'string' ? [found] : [...found]) dropSession(sessionId);
  }

  function dropAll(): void {
    epoch += 1;
    live.clear();
    keyOfSession.clear();
    sessionsOfUser.clear();
    extraOfUser.clear();
    extra = 0;
  }

  return {
    get,
    getById(sessionId) {
      const key = keyOfSession.get(sessionId);
      return key === undefined ? undefined : get(key);
    },
    epoch: () => epoch,
    put: (token, entry, readAt) => put(copyOf(token), entry, readAt),
    putById: (entry, readAt) => put(keyOfSession.get(entry.session.id) ?? Symbol(), entry, readAt),
    dropSession,
    dropUser,
    size: () => live.size,
    bytes,
    dropAll,
    setEnabled(value) {
      if (enabled && !value) dropAll();
      enabled = value;
    },
  };
}

/** A part of a header keeps the whole header in memory; this keeps the part. */
const copyOf = (text: string): string => Buffer.from(text).toString();
