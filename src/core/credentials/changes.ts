/**
 * What must be shown before a person's own credentials change, on every surface.
 *
 * - `none`: the session is enough.
 * - `recent`: a sign-in within `session.freshSeconds`, by the strongest method the person has.
 * - `strong`: the same within `credentials.strongProofSeconds`. The password in the call stands in for the sign-in, and a
 *   code of the second factor in the call for both.
 *
 * No change is made by a session that an administrator opened in the person's name.
 */
export type Proof = 'none' | 'recent' | 'strong';

export const credentialChanges = {
  first_password_set: 'recent',
  password_changed: 'strong',
  password_removed: 'strong',

  factor_added: 'recent',
  /** The secret again: whoever sees it has the factor. */
  factor_shown: 'strong',
  factor_removed: 'strong',
  backup_codes_renewed: 'strong',
  /** A code to somebody signed in; it changes nothing by itself. */
  factor_tried: 'none',

  /** The first one takes nothing away. */
  username_chosen: 'none',
  /** Whoever signs in with the old one is locked out. */
  username_changed: 'recent',

  address_added: 'recent',
  /** Its mailbox resets the password. */
  sign_in_address_added: 'strong',
  /** By a code that was mailed there. */
  address_proven: 'none',
  address_edited: 'recent',
  sign_in_address_replaced: 'strong',
  sign_in_address_removed: 'strong',
  mail_code_switched: 'recent',

  passkey_added: 'recent',
  passkey_renamed: 'none',
  passkey_removed: 'recent',

  key_made: 'recent',
  key_edited: 'recent',
  key_revoked: 'none',

  identity_linked: 'recent',
  identity_edited: 'recent',
  identity_unlinked: 'recent',

  sessions_ended: 'none',
  user_deleted: 'recent',
  /** The mailbox is asked, and its link is the proof. */
  user_deletion_mailed: 'none',
} as const satisfies Readonly<Record<string, Proof>>;

export type CredentialChange = keyof typeof credentialChanges;

/** Beside a second factor that is there, a further one would stand in for it: it wants what replacing it wants. */
export const strongBesideFactor: ReadonlySet<CredentialChange> = new Set(['factor_added', 'passkey_added']);

/** @param hasFactor whether the person has a second factor already */
export const proofFor = (change: CredentialChange, hasFactor: boolean): Proof =>
  hasFactor && strongBesideFactor.has(change) ? 'strong' : credentialChanges[change];
