import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

export interface TotpSecret {
  readonly id: Id;
  readonly userId: Id;
  readonly state: 'pending' | 'active';
  /** Sealed raw bytes: each wire renders them its own way. */
  readonly secret: Uint8Array;
  readonly issuedSessionId: Id | null;
  readonly issuedAt: Instant;
  readonly activatedAt: Instant | null;
}

/** What a code was used for. One code may serve two operations, each once (core map F5). */
export type TotpOperation = 'sign_in' | 'activate' | 'disable' | 'regenerate' | 'reauthenticate';

export interface TrustedDevice {
  readonly id: Id;
  readonly userId: Id;
  readonly tokenHash: Uint8Array;
  readonly trustedUntil: Instant | null;
  readonly userAgent: string | null;
  readonly lastSeenAt: Instant;
  readonly createdAt: Instant;
}

export interface FactorReads {
  findTotp(userId: Id, state: TotpSecret['state']): Promise<TotpSecret | null>;
  /** Unspent ones. */
  countBackupCodes(userId: Id): Promise<number>;
  findDevice(tokenHash: Uint8Array): Promise<TrustedDevice | null>;
}

export interface FactorWrites {
  /** One pending secret for each person: a new one takes the place of the old. */
  putPendingTotp(secret: TotpSecret): Promise<void>;
  /** The pending secret becomes the active one. False: it is gone, or another is active. */
  activateTotp(id: Id, now: Instant): Promise<boolean>;
  /** Pending and active ones, steps and backup codes, and the mailed factor. */
  removeAll(userId: Id): Promise<void>;
  /** Spends a step for an operation. False: it, or a later one, was spent already. */
  spendTotpStep(userId: Id, operation: TotpOperation, step: number): Promise<boolean>;
  replaceBackupCodes(
    userId: Id,
    setId: Id,
    codes: readonly { readonly id: Id; readonly mac: Uint8Array }[],
    now: Instant,
  ): Promise<void>;
  /** False: no such code, or another request spent it first. */
  spendBackupCode(userId: Id, mac: Uint8Array, now: Instant): Promise<boolean>;
  enableMailCode(userId: Id, now: Instant): Promise<void>;
  /** Of the person's devices, the `keep` that were seen last stay. */
  insertDevice(device: TrustedDevice, keep: number): Promise<void>;
  /** New token and time for a device that was seen again. */
  renewDevice(id: Id, tokenHash: Uint8Array, trustedUntil: Instant, now: Instant): Promise<void>;
  distrustDevices(userId: Id): Promise<void>;
}
