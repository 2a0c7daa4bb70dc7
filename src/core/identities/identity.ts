import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { WayIn } from '../credentials/way-in.ts';
import type { MetadataObject } from '../metadata.ts';

/** A person's account at a provider, keyed by provider and subject, never by e-mail (rule 1). */
export interface Identity extends WayIn {
  readonly id: Id;
  readonly userId: Id;
  readonly provider: string;
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly profile: MetadataObject;
  readonly allowSignIn: boolean;
  readonly allowConnect: boolean;
  /** Sealed. */
  readonly accessToken: Uint8Array | null;
  readonly refreshToken: Uint8Array | null;
  readonly idToken: Uint8Array | null;
  readonly accessExpiresAt: Instant | null;
  readonly refreshExpiresAt: Instant | null;
  readonly scopes: readonly string[];
  readonly lastSignInAt: Instant | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export type IdentityChange = Partial<Omit<Identity, 'id' | 'userId' | 'createdAt' | 'updatedAt'>>;

export interface IdentityReads {
  find(id: Id): Promise<Identity | null>;
  /** The identity that signs in with this subject at this provider. */
  findForSignIn(provider: string, subject: string): Promise<Identity | null>;
  listOf(userId: Id): Promise<readonly Identity[]>;
  /** Oldest first. */
  listAll(): Promise<readonly Identity[]>;
}

export interface IdentityWrites {
  insert(identity: Identity): Promise<void>;
  update(id: Id, change: IdentityChange, now: Instant): Promise<void>;
  remove(id: Id): Promise<boolean>;
  removeAllOf(userId: Id): Promise<void>;
}
