import type { Notice } from '../mail/mail.ts';

/**
 * What ends when something happens to a person's account, and who is told. One row for each event; `endFor` carries it
 * out, and `test/core/endings` plants everything that can be alive and compares what is left with this table.
 */
export interface EndingRow {
  /**
   * `others`: all but the session that is spared. `impersonations`: those that the person opened as somebody else, which
   * end with the others and with all too.
   */
  readonly sessions: 'all' | 'others' | 'impersonations' | 'none';
  /** Sign-ins that wait for a second factor. */
  readonly pending: 'all' | 'none';
  /** `credentials`: those that get in or change something; a link that only verifies an address stays. */
  readonly codes: 'all' | 'credentials' | 'none';
  /** Browsers that are not asked for the second factor. */
  readonly devices: 'all' | 'none';
  /** Networks that the person signs in from, whose wrong passwords have a budget of their own. */
  readonly networks: 'all' | 'none';
  readonly keys: 'all' | 'none';
  /** Authenticator app, mailed codes as a factor, and backup codes. */
  readonly factors: 'all' | 'none';
  /** What else signs in: password, passkeys, identities at providers. */
  readonly waysIn: 'all' | 'none';
  /** What strangers were told in the public log. It stays withdrawn, also when the person comes back. */
  readonly published: 'withdrawn' | 'kept';
  /** Sets `credentialsChangedAt`: codes that are bound to nobody, and trusted devices, from before count no more. */
  readonly dated: boolean;
  /** What every address that was proven before is told; null: nobody is told. */
  readonly tell: Notice | null;
}

const nothing: EndingRow = {
  sessions: 'none',
  pending: 'none',
  codes: 'none',
  devices: 'none',
  networks: 'none',
  keys: 'none',
  factors: 'none',
  waysIn: 'none',
  published: 'kept',
  dated: false,
  tell: null,
};

/** The person gave or lost a credential: nobody else who is in, or half in, stays. */
const othersOut: EndingRow = {
  ...nothing,
  sessions: 'others',
  pending: 'all',
  codes: 'credentials',
  devices: 'all',
  dated: true,
};

/** Somebody else decided it, or nobody knows who is in: everybody is out. */
const everybodyOut: EndingRow = { ...othersOut, sessions: 'all' };

/** Nothing from before may open the account: it may have been planted by a stranger. */
const startedAnew: EndingRow = {
  ...everybodyOut,
  codes: 'all',
  networks: 'all',
  keys: 'all',
  factors: 'all',
  waysIn: 'all',
};

export const endings = {
  password_changed: { ...othersOut, tell: 'password_changed' },
  password_removed: { ...othersOut, tell: 'password_removed' },
  password_reset: { ...everybodyOut, tell: 'password_changed' },
  password_set_by_operator: { ...everybodyOut, tell: 'password_changed' },
  password_removed_by_operator: { ...everybodyOut, tell: 'password_removed' },
  first_password_set: { ...nothing, tell: 'password_added' },

  /** The address that signs in is another one. The old one is told with the new address, apart from this table. */
  address_changed: { ...othersOut, tell: null },
  /** The owner of a mailbox showed that it is theirs, before anybody else had. */
  address_claimed: { ...startedAnew, tell: 'account_claimed' },
  address_added: { ...nothing, tell: 'address_added' },
  /**
   * Another value, use, or primary one. What was mailed to the address before ends apart from this table: nothing else does.
   */
  address_edited: { ...nothing, tell: 'address_changed' },
  address_removed: { ...nothing, tell: 'address_removed' },

  factor_on: { ...nothing, pending: 'all', codes: 'credentials', tell: 'factor_on' },
  factor_off: { ...nothing, pending: 'all', codes: 'credentials', devices: 'all', factors: 'all', tell: 'factor_off' },
  backup_codes_renewed: { ...nothing, tell: 'backup_codes_renewed' },

  passkey_added: { ...nothing, tell: 'passkey_added' },
  passkey_removed: { ...nothing, pending: 'all', codes: 'credentials', tell: 'passkey_removed' },
  identity_linked: { ...nothing, tell: 'identity_linked' },
  identity_unlinked: { ...nothing, pending: 'all', codes: 'credentials', tell: 'identity_unlinked' },
  key_made: { ...nothing, tell: 'key_made' },

  /** Somebody else ended sessions, which end apart from this table. */
  signed_out_by_others: { ...nothing, tell: 'signed_out' },

  /** A role that let the person act as others is gone. */
  impersonation_withdrawn: { ...nothing, sessions: 'impersonations' },

  anonymous_upgraded: { ...startedAnew, tell: null },
  banned: { ...everybodyOut, codes: 'all', published: 'withdrawn', dated: false, tell: null },
  deactivated: { ...everybodyOut, codes: 'all', published: 'withdrawn', dated: false, tell: null },
  restricted: { ...nothing, published: 'withdrawn' },
  deleted: { ...startedAnew, published: 'withdrawn', tell: null },
} satisfies Readonly<Record<string, EndingRow>>;

export type Ending = keyof typeof endings;
