import type { Transaction } from 'kysely';
import type { Id } from '../../base/ids.ts';
import type { Database } from '../schema.ts';

/** What a transaction made untrue in session caches, and whether readers of the public log have something to read. */
export interface Invalidation {
  readonly projectId: string;
  readonly users: readonly Id[];
  readonly sessions: readonly Id[];
  readonly log?: boolean;
  /** The project has to be read again. */
  readonly config?: boolean;
}

/** Who must know what other nodes changed: the session cache and the live log of a project. */
export interface BusAudience {
  dropUser(id: Id): void;
  dropSession(id: Id): void;
  /** Anything may have changed. */
  dropAll(): void;
  /** False while the others cannot be heard. */
  setEnabled(heard: boolean): void;
  /** There are new public events. */
  logGrew?(): void;
  /** The project or its configuration is another one now. */
  configChanged?(): void;
}

/**
 * Carries invalidations between nodes. While a node cannot hear the others, its caches are switched off; once it hears
 * them again, caches start empty. The published bound of staleness is one second (design §3, rule 11).
 */
export interface InvalidationBus {
  /** Tells this audience what happens to this project from now on. */
  attach(projectId: string, audience: BusAudience): void;
  /** Nobody of this project is told any more: it was closed here. */
  detach(projectId: string): void;
  /** The last thing in the transaction, for a channel that delivers exactly what commits. */
  beforeCommit(trx: Transaction<Database>, change: Invalidation): Promise<void>;
  /** After COMMIT, for a channel that knows nothing of transactions. Never throws: the write has happened. */
  afterCommit(change: Invalidation): Promise<void>;
  /** Resolves once messages are heard. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export const isEmpty = (change: Invalidation): boolean =>
  change.users.length === 0 && change.sessions.length === 0 && !change.log && !change.config;

/** On the wire. `all` stands in for more ids than are worth sending. */
export interface BusMessage {
  readonly node: string;
  readonly project: string;
  readonly users: readonly Id[];
  readonly sessions: readonly Id[];
  readonly all?: boolean;
  readonly log?: boolean;
  readonly config?: boolean;
}

/** PostgreSQL takes 8,000 bytes in one notification: 150 ids with their quotes are under 6,000. */
const idsPerMessage = 150;
const mostMessages = 10;

export function messages(node: string, change: Invalidation): readonly BusMessage[] {
  const { projectId: project, users, sessions } = change;
  const { log, config } = change;
  const parts: BusMessage[] =
    log || config ? [{ node, project, users: [], sessions: [], ...(log && { log }), ...(config && { config }) }] : [];
  if (users.length + sessions.length > idsPerMessage * mostMessages) {
    return [...parts, { node, project, users: [], sessions: [], all: true }];
  }
  for (let at = 0; at < users.length; at += idsPerMessage) {
    parts.push({ node, project, users: users.slice(at, at + idsPerMessage), sessions: [] });
  }
  for (let at = 0; at < sessions.length; at += idsPerMessage) {
    parts.push({ node, project, users: [], sessions: sessions.slice(at, at + idsPerMessage) });
  }
  return parts;
}
