import type { Instant } from '../../base/clock.ts';

/** A credential that signs in by itself: a password, a passkey, an identity at a provider. */
export interface WayIn {
  /**
   * From when on a sign-in with it is a strong proof; null: from the start. One that was added by a proof that was only
   * recent has to wait: who stole a session could add it, sign in with it, and be trusted more than before.
   */
  readonly strongFrom: Instant | null;
}
