import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { WayIn } from '../credentials/way-in.ts';

/** A WebAuthn credential. It works only for the relying party it was made for. */
export interface Passkey extends WayIn {
  readonly id: Id;
  readonly userId: Id;
  /** Base64url, as the authenticator names it. */
  readonly credentialId: string;
  /** COSE key. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly deviceType: 'singleDevice' | 'multiDevice';
  readonly backedUp: boolean;
  readonly transports: readonly string[];
  readonly aaguid: string | null;
  readonly name: string | null;
  readonly rpId: string;
  readonly madeBy: string;
  readonly lastUsedAt: Instant | null;
  readonly createdAt: Instant;
}

export interface PasskeyReads {
  find(id: Id): Promise<Passkey | null>;
  findByCredential(credentialId: string): Promise<Passkey | null>;
  /** Oldest first. */
  listOf(userId: Id): Promise<readonly Passkey[]>;
}

export interface PasskeyWrites {
  insert(passkey: Passkey): Promise<void>;
  rename(id: Id, name: string | null, now: Instant): Promise<void>;
  /** Moves the counter if it is still what was verified against. False: another sign-in was faster, or a clone. */
  use(id: Id, seenCounter: number, counter: number, now: Instant): Promise<boolean>;
  remove(id: Id): Promise<boolean>;
  removeAllOf(userId: Id): Promise<void>;
}

/** Checks what authenticators say (WebAuthn Level 3 §7). Null: the ceremony failed, whatever the reason. */
export interface PasskeyVerifier {
  verifyRegistration(ceremony: Ceremony): Promise<VerifiedRegistration | null>;
  verifySignIn(ceremony: Ceremony & { readonly passkey: Passkey }): Promise<VerifiedSignIn | null>;
}

export interface Ceremony {
  /** RegistrationResponseJSON or AuthenticationResponseJSON, as the browser gave it. */
  readonly response: unknown;
  /** Base64url. */
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
}

export type VerifiedRegistration = Pick<
  Passkey,
  'credentialId' | 'publicKey' | 'counter' | 'deviceType' | 'backedUp' | 'transports' | 'aaguid'
>;

export interface VerifiedSignIn {
  readonly counter: number;
  readonly userVerified: boolean;
}
