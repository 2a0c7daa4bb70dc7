import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { TrustedUrl } from '../return-urls.ts';
import type { SurfaceName } from '../surface.ts';
import type { Person } from '../users/user.ts';

export type SessionMethod =
  | 'password'
  | 'mail_code'
  | 'mail_link'
  | 'recovery_link'
  | 'provider'
  | 'passkey'
  | 'sign_up'
  | 'anonymous'
  | 'server'
  | 'impersonation';

export type SecondFactor = 'totp' | 'mail_code' | 'backup_code' | 'trusted_device' | 'user_verified' | 'enrolled';

/** A signed-in browser or device. Ending one deletes its row; the event stays. */
export interface Session {
  /** Also the handle shown where a wire lists sessions. Never authenticates. */
  readonly id: Id;
  readonly userId: Id;
  /** SHA-256 of the opaque token. */
  readonly tokenHash: Uint8Array;
  readonly madeBy: SurfaceName;
  readonly method: SessionMethod;
  readonly secondFactor: SecondFactor | null;
  /** When it was shown; null for sessions of before this was kept, and without one. */
  readonly secondFactorAt: Instant | null;
  /** Last full proof of who this is. */
  readonly authenticatedAt: Instant;
  /** From when on that was a strong proof; null: at once. As of the way in that was used, see `WayIn`. */
  readonly strongFrom: Instant | null;
  /** The person asked to be remembered. */
  readonly persistent: boolean;
  readonly portable: boolean;
  /** Null: fixed life. Copied at making, so every dialect honours the same numbers. */
  readonly idleMs: number | null;
  readonly extendAfterMs: number | null;
  readonly expiresAt: Instant;
  /** Never extended past this. */
  readonly endsAt: Instant;
  readonly lastUsedAt: Instant;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly deviceId: Id | null;
  readonly activeOrganizationId: Id | null;
  readonly activeTeamId: Id | null;
  readonly impersonatorId: Id | null;
  readonly impersonatorSessionId: Id | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** Somebody else acts as the person, who neither sees it nor is proven by it. */
export const isImpersonation = ({ method, impersonatorId }: Session): boolean =>
  method === 'impersonation' || impersonatorId !== null;

/** A session that passed `checkSession`, with its person. The same object as long as nothing changed. */
export interface LiveSession {
  readonly session: Session;
  readonly user: Person;
  /** When its use was last noted; runs ahead of the stored `lastUsedAt`. */
  notedAt: Instant;
  /** What a surface made of it and keeps with it, by the surface's name: gone as soon as session or person change. */
  readonly rendered: { [surface: string]: unknown };
}

/** A password was right, the second factor is still owed. */
export interface PendingSignIn {
  readonly id: Id;
  readonly userId: Id;
  readonly tokenHash: Uint8Array;
  readonly madeBy: SurfaceName;
  readonly firstMethod: SessionMethod;
  readonly persistent: boolean;
  readonly isNewUser: boolean;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly returnTo: TrustedUrl | null;
  readonly mailCodeMac: Uint8Array | null;
  readonly mailCodeExpiresAt: Instant | null;
  readonly mailCodeAttempts: number;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly expiresAt: Instant;
  readonly completedAt: Instant | null;
  readonly voidedAt: Instant | null;
  readonly createdAt: Instant;
}
