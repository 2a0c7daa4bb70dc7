/** The row a sealed value belongs to; it cannot be opened anywhere else. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** Secrets at rest and keyed digests. Every purpose has a key of its own (rule 7). */
export interface Vault {
  seal(place: SealedPlace, clear: string): Uint8Array;
  /** @throws Error when the value was moved, altered, or sealed under a key that is gone: a fault, never an answer */
  open(place: SealedPlace, sealed: Uint8Array): string;
  /** HMAC-SHA-256 under the key of `purpose`. */
  mac(purpose: MacPurpose, message: string): Uint8Array;
  /** Constant time; also tries the keys of `SECRET_PREVIOUS`. */
  verifyMac(purpose: MacPurpose, message: string, mac: Uint8Array): boolean;
  /** SHA-256, for values that carry at least 128 random bits. */
  digest(token: string): Uint8Array;
}

/** HKDF labels, written down once. A label is never given a second use. */
export type MacPurpose =
  | 'better-auth cookie'
  | 'better-auth trusted device'
  | 'page form'
  | 'mail code'
  | 'sign-in code'
  | 'shared session'
  | 'backup code'
  | 'backup file'
  | 'cursor'
  | 'configuration'
  | 'known network'
  | 'limit key'
  | 'secret probe'
  | 'job address';
