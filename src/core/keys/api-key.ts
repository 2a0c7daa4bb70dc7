import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { Metadata } from '../metadata.ts';
import type { SurfaceName } from '../surface.ts';

/** `{ resource: [actions] }`, as the application that asks about a key understands it. */
export type KeyPermissions = Readonly<Record<string, readonly string[]>>;

/** Whose a key is. */
export type KeyOwner = 'person' | 'organization';
export const ownerOf = (key: Pick<ApiKey, 'ownerUserId'>): KeyOwner =>
  key.ownerUserId === null ? 'organization' : 'person';

/** A long-lived credential for programs. Never deleted before its owner; the text is shown once (core map K2, K5). */
export interface ApiKey {
  readonly id: Id;
  /** Exactly one of the two owners is set. */
  readonly ownerUserId: Id | null;
  readonly ownerOrganizationId: Id | null;
  readonly contextOrganizationId: Id | null;
  readonly createdBy: Id | null;
  readonly madeBy: SurfaceName;
  /** Fixed when it was made: whether it may stand in for its owner here. */
  readonly actsAsOwner: boolean;
  readonly name: string | null;
  readonly prefix: string | null;
  /** First characters of the text, prefix included. */
  readonly start: string | null;
  readonly last4: string;
  /** SHA-256 of the whole text. */
  readonly keyHash: Uint8Array;
  readonly configId: string;
  readonly public: boolean;
  readonly enabled: boolean;
  readonly permissions: KeyPermissions | null;
  readonly metadata: Metadata;
  /** Uses left; null is no limit. */
  readonly remaining: number | null;
  readonly refillAmount: number | null;
  readonly refillIntervalMs: number | null;
  readonly lastRefillAt: Instant | null;
  readonly rateEnabled: boolean;
  readonly rateWindowMs: number | null;
  readonly rateMax: number | null;
  /** Uses in the running window. */
  readonly rateCount: number;
  readonly rateStartedAt: Instant | null;
  readonly lastRequestAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly revokedWhy: string | null;
  /** Deleted, as far as its owner is told. */
  readonly hiddenAt: Instant | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** What may change after a key was made; absent means unchanged. */
export type ApiKeyChange = Partial<
  Pick<
    ApiKey,
    | 'name'
    | 'enabled'
    | 'expiresAt'
    | 'metadata'
    | 'permissions'
    | 'remaining'
    | 'refillAmount'
    | 'refillIntervalMs'
    | 'rateEnabled'
    | 'rateWindowMs'
    | 'rateMax'
  >
>;

/** Not ended, switched off or expired; limits of use are asked where a use is counted. */
export const isUsableApiKey = (key: ApiKey, now: Instant): boolean =>
  key.enabled && key.revokedAt === null && key.hiddenAt === null && (key.expiresAt === null || key.expiresAt > now);
