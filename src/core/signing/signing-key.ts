import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';

/** The algorithms we sign with; a token that names another is not ours (rule 10). */
export type SigningAlgorithm = 'EdDSA' | 'ES256';
export const signingAlgorithms: readonly SigningAlgorithm[] = ['EdDSA', 'ES256'];

/** What a key signs. A key of one purpose signs for no other (rule 7). */
export const signingPurposes = ['b_session', 'h_access', 'h_access_restricted', 'h_access_anonymous'] as const;
export type SigningPurpose = (typeof signingPurposes)[number];

export type SigningKeyState =
  /** Published, so that verifiers know it before it signs. */
  | 'next'
  | 'active'
  /** Published until the last token it signed is over. */
  | 'retiring'
  | 'retired';

export interface SigningKey {
  readonly id: Id;
  readonly purpose: SigningPurpose;
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: JsonObject;
  /** Sealed. */
  readonly privateKey: Uint8Array;
  readonly state: SigningKeyState;
  readonly activatedAt: Instant | null;
  readonly retireAt: Instant | null;
  readonly createdAt: Instant;
}

export interface SigningKeyReads {
  /** All but the retired ones, oldest first. */
  listOf(purpose: SigningPurpose): Promise<readonly SigningKey[]>;
}

export interface SigningKeyWrites {
  insert(key: SigningKey): Promise<void>;
  move(
    id: Id,
    to: SigningKeyState,
    dates: { readonly activatedAt?: Instant; readonly retireAt?: Instant },
    now: Instant,
  ): Promise<void>;
}

/** Wraps the library that signs; decides nothing. */
export interface TokenSigner {
  generate(alg: SigningAlgorithm): Promise<{ readonly publicJwk: JsonObject; readonly privateJwk: string }>;
  sign(
    key: { readonly kid: string; readonly alg: SigningAlgorithm; readonly privateJwk: string },
    claims: JsonObject,
    header?: { readonly typ: 'JWT' | null },
  ): Promise<string>;
  /** What an unverified token says of itself; null for what is not a token. Decides only which key to try. */
  inspect(token: string): { readonly kid: string; readonly issuer: string; readonly projectId: string | null } | null;
  /** The claims if the signature is right, whatever time it is; null otherwise. Only `alg` is tried (rule 10). */
  verify(
    token: string,
    key: { readonly publicJwk: JsonObject; readonly alg: SigningAlgorithm },
  ): Promise<Readonly<Record<string, unknown>> | null>;
}
