import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { Metadata, MetadataObject } from '../metadata.ts';

export interface User {
  readonly id: Id;
  readonly displayName: string | null;
  readonly usernameNormal: string | null;
  readonly usernameDisplay: string | null;
  /** A picture elsewhere; null when there is none, or a file of ours. */
  readonly imageUrl: string | null;
  readonly imageFileId: Id | null;
  readonly bannerFileId: Id | null;
  /** What the person says of themselves. */
  readonly bio: string | null;
  /** Shared by people's clients and their services. */
  readonly metadataClient: Metadata;
  /** Clients read it, services write it. */
  readonly metadataReadonly: Metadata;
  /** Services only. */
  readonly metadataServer: Metadata;
  /** Where new sessions of the person work. */
  readonly selectedOrganizationId: Id | null;
  readonly anonymous: boolean;
  /** Mailed codes sign the person in (Hexclave `otp_auth_enabled`). */
  readonly emailCodeEnabled: boolean;
  readonly profilePublic: boolean;
  readonly bannedAt: Instant | null;
  readonly banReason: string | null;
  readonly banExpiresAt: Instant | null;
  readonly deactivatedAt: Instant | null;
  readonly deactivatedBy: 'self' | 'operator' | null;
  readonly restrictedAt: Instant | null;
  readonly restrictedReason: string | null;
  /** For administrators' eyes. */
  readonly restrictedPrivate: string | null;
  /** Links, codes and trusted devices from before this are void. */
  readonly credentialsChangedAt: Instant;
  readonly signedUpAt: Instant;
  /** How and from where the person came, as far as it was looked at. */
  readonly signUp: MetadataObject;
  readonly lastActiveAt: Instant | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface Email {
  readonly id: Id;
  readonly userId: Id;
  readonly value: string;
  readonly normal: string;
  readonly isPrimary: boolean;
  readonly usedForAuth: boolean;
  readonly verifiedAt: Instant | null;
  readonly verifiedBy: EmailProof | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export type EmailProof = 'link' | 'code' | 'provider' | 'admin' | 'invitation';

/** A user with what nearly every decision and every wire also needs. */
export interface Person extends User {
  /** The primary address; null for people without one. */
  readonly email: Email | null;
  /** Project roles in the order they were given. */
  readonly roles: readonly string[];
  readonly factors: FactorState;
  /** Namespace and key of the files they show. */
  readonly imageKey: string | null;
  readonly bannerKey: string | null;
}

/** Which second factors are active. */
export interface FactorState {
  readonly totp: boolean;
  readonly mailCode: boolean;
}

export const hasSecondFactor = (factors: FactorState): boolean => factors.totp || factors.mailCode;

/** Columns a use case may change; absent means unchanged. Nobody stops being anonymous by it: see `endAnonymity`. */
export type UserChange = Partial<Omit<User, 'id' | 'anonymous' | 'createdAt' | 'updatedAt'>>;

export const isBanned = (user: User, now: Instant): boolean =>
  user.bannedAt !== null && (user.banExpiresAt === null || user.banExpiresAt > now);
