import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/**
 * What a value was made for. Another purpose's value is "not found".
 * `endsWithCredentials`: it gets in, takes over, or was begun by whoever was in; it is void once credentials change. A
 * link that merely proves an address lives on.
 */
export const purposes = {
  email_verification: { endsWithCredentials: false },
  email_verification_code: { endsWithCredentials: false },
  email_change_confirm: { endsWithCredentials: true },
  email_change: { endsWithCredentials: true },
  password_reset: { endsWithCredentials: true },
  password_reset_code: { endsWithCredentials: true },
  user_deletion: { endsWithCredentials: true },
  provider_flow: { endsWithCredentials: true },
  provider_sign_up: { endsWithCredentials: true },
  sign_in_link: { endsWithCredentials: true },
  sign_in_otp: { endsWithCredentials: true },
  sign_in_code: { endsWithCredentials: true },
  shared_session: { endsWithCredentials: true },
  outer_code: { endsWithCredentials: true },
  admin_link: { endsWithCredentials: true },
  mail_factor_code: { endsWithCredentials: true },
  passkey_registration: { endsWithCredentials: true },
  passkey_sign_in: { endsWithCredentials: true },
} as const satisfies Readonly<Record<string, { readonly endsWithCredentials: boolean }>>;

export type Purpose = keyof typeof purposes;

export const allPurposes = Object.keys(purposes) as readonly Purpose[];
export const credentialPurposes = allPurposes.filter((purpose) => purposes[purpose].endsWithCredentials);

/** Six digits in a mail, found by the address they went to. */
export type MailedCodePurpose = 'sign_in_code' | 'email_verification_code' | 'password_reset_code';

export interface OneTimeValue {
  readonly id: Id;
  readonly purpose: Purpose;
  readonly valueHash: Uint8Array;
  /** Tries count on every value of the group: those that differ only in what is typed by hand. */
  readonly groupHash: Uint8Array | null;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly userId: Id | null;
  readonly emailId: Id | null;
  /** Normal form of the address the value was mailed to, when it proves one. */
  readonly addressNormal: string | null;
  readonly sessionId: Id | null;
  /** SHA-256 of the cookie value of the browser that started the flow. */
  readonly browserHash: Uint8Array | null;
  /** Sealed: PKCE verifier, return URLs, new address. */
  readonly payload: Uint8Array | null;
  /** The session that its use opened, or the sign-in that waits for a second factor; null for all but codes of clients. */
  readonly givenId: Id | null;
  readonly expiresAt: Instant;
  readonly usedAt: Instant | null;
  readonly voidedAt: Instant | null;
  readonly createdAt: Instant;
}

export interface OneTimeValueReads {
  find(purpose: Purpose, valueHash: Uint8Array): Promise<OneTimeValue | null>;
  /** The one made last for a person. */
  findLatest(purpose: Purpose, userId: Id): Promise<OneTimeValue | null>;
  /** The one mailed last to an address. */
  findLatestTo(purpose: Purpose, addressNormal: string): Promise<OneTimeValue | null>;
}

export interface OneTimeValueWrites {
  /** Nothing was given for it yet. */
  insert(value: Omit<OneTimeValue, 'givenId'>): Promise<void>;
  /** Counts one try. False: all of them were used, or `most` of them for somebody who may not have all. */
  countAttempt(id: Id, most?: number): Promise<boolean>;
  /** Counts one try on every value of a group. */
  countGroupAttempt(purpose: Purpose, groupHash: Uint8Array): Promise<void>;
  /** Takes a try back that turned out right. */
  forgiveAttempt(id: Id): Promise<void>;
  /** One conditional write: of any number of callers one gets true. */
  spend(id: Id, now: Instant): Promise<boolean>;
  noteGiven(id: Id, givenId: Id): Promise<void>;
  /** What was given became something else: a sign-in that waited is a session now. */
  replaceGiven(from: Id, to: Id): Promise<void>;
  /** Those of a purpose that belong to nobody: the next one takes their place. */
  voidNobodys(purpose: Purpose, now: Instant): Promise<void>;
  /** Whoever they were for: what is mailed next takes their place. */
  voidAllTo(addressNormal: string, purpose: Purpose, now: Instant): Promise<void>;
  /** @param addressNormal only those that were mailed there */
  voidAllOf(userId: Id, purposes: readonly Purpose[] | 'all', now: Instant, addressNormal?: string): Promise<void>;
}
