import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { opaqueToken, type Random } from '../../base/random.ts';

/** What an application shows for itself: in a browser, on its server, or to administer the project. */
export type ProjectKeyKind = 'publishable' | 'server' | 'admin';
export const projectKeyKinds: readonly ProjectKeyKind[] = ['publishable', 'server', 'admin'];

export interface ProjectKey {
  readonly id: Id;
  /** Keys that were made together share it; surfaces show the set. */
  readonly setId: Id;
  readonly kind: ProjectKeyKind;
  /** SHA-256 of the whole text. */
  readonly keyHash: Uint8Array;
  readonly last4: string;
  readonly description: string;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly createdAt: Instant;
}

const prefixes: { readonly [kind in ProjectKeyKind]: string } = { publishable: 'pck_', server: 'ssk_', admin: 'sak_' };

/** `pck_`, `ssk_` or `sak_` and 45 base32 characters (hexclave spec §1.5). */
export const projectKeyText = (random: Random, kind: ProjectKeyKind): string => prefixes[kind] + opaqueToken(random);

export const isUsableKey = (key: ProjectKey, now: Instant): boolean =>
  key.revokedAt === null && (key.expiresAt === null || now < key.expiresAt);

export interface ProjectKeyReads {
  findByHash(hash: Uint8Array): Promise<ProjectKey | null>;
  /** Newest set first; inside a set publishable, server, admin. */
  list(): Promise<readonly ProjectKey[]>;
}

export interface ProjectKeyWrites {
  insert(key: ProjectKey): Promise<void>;
  /** Of every key of the set. `revokedAt` is written once: the first time stays. */
  updateSet(
    setId: Id,
    change: { readonly description?: string; readonly revokedAt?: Instant },
    now: Instant,
  ): Promise<void>;
}
