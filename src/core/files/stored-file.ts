import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/**
 * One content of a project, kept once however many people show it. Rows say what is stored; the bytes are with a
 * `FileStorage`.
 */
export interface StoredFile {
  readonly id: Id;
  readonly namespace: string;
  /** Inside the namespace: digest and extension. */
  readonly key: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: Uint8Array;
  /** Which storage has the bytes. */
  readonly driver: string;
  readonly createdAt: Instant;
}

export interface FileReads {
  findByKey(namespace: string, key: string): Promise<StoredFile | null>;
  /** Has a sweep anything to look at? */
  anyReleased(before: Instant): Promise<boolean>;
}

export interface FileWrites {
  /** The row of this content: the one that is there, or the new one. Gives its id. */
  keep(file: StoredFile): Promise<Id>;
  /** Before bytes are stored: unless they are kept by then, a sweep takes them. What is there already stays as it is. */
  announce(file: StoredFile, keptBy: Instant): Promise<void>;
  /**
   * Deletes rows that somebody stopped showing before `before` and nobody shows now. `removeBytes` runs inside the
   * transaction: whoever keeps the same content meanwhile waits, and stores it anew.
   */
  sweepReleased(before: Instant, limit: number, removeBytes: (file: StoredFile) => Promise<void>): Promise<number>;
}

/** Where the bytes are. Paths are made by us: project, namespace, key. */
export interface FileStorage {
  /** Written to rows, so that files can be found when storages change. */
  readonly driver: string;
  /** All or nothing. What is there already is left alone. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** Null: not there. */
  read(path: string): Promise<Uint8Array | null>;
  remove(path: string): Promise<void>;
}

export const storagePath = (projectId: string, file: Pick<StoredFile, 'namespace' | 'key'>): string =>
  `${projectId}/${file.namespace}/${file.key}`;
