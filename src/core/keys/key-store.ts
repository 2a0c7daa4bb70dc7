import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { ApiKey, ApiKeyChange } from './api-key.ts';

export const keySortFields = ['id', 'name', 'createdAt', 'updatedAt', 'expiresAt', 'lastRequestAt'] as const;
export type KeySortField = (typeof keySortFields)[number];

export interface KeyPage {
  readonly limit: number | null;
  readonly offset: number;
  readonly sort: { readonly field: KeySortField; readonly direction: 'asc' | 'desc' };
}

export interface KeyList {
  readonly keys: readonly ApiKey[];
  readonly total: number;
}

export interface KeyReads {
  find(id: Id): Promise<ApiKey | null>;
  findByHash(hash: Uint8Array): Promise<ApiKey | null>;
  /** Those not hidden, and how many there are without the page. */
  listOf(ownerUserId: Id, page: KeyPage): Promise<KeyList>;
  listOfOrganization(organizationId: Id, page: KeyPage): Promise<KeyList>;
}

export interface KeyWrites {
  insert(key: ApiKey): Promise<void>;
  /** Null: revoked or hidden meanwhile; what ended may still be named anew. */
  update(id: Id, change: ApiKeyChange, now: Instant): Promise<ApiKey | null>;
  /**
   * Counts one use, in one statement: a key that is live, has uses left or is due for a refill, and is within its rate
   * limit. Null: one of these does not hold, and nothing was counted.
   */
  use(id: Id, now: Instant): Promise<ApiKey | null>;
  /** Ends and hides a key. What ended it first stays told. False: it was hidden before. */
  revoke(id: Id, why: string, now: Instant): Promise<boolean>;
  /** Ends a key that stays in lists. False: it had ended before, and that time stays. */
  end(id: Id, why: string, now: Instant): Promise<boolean>;
  revokeAllOf(ownerUserId: Id, why: string, now: Instant): Promise<readonly Id[]>;
  revokeAllOfOrganization(organizationId: Id, why: string, now: Instant): Promise<readonly Id[]>;
}
