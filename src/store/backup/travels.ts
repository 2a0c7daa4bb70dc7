import type { Database } from '../schema.ts';

/** Whether the rows of a table are in a backup. */
export type Travel = 'copied' | { readonly rebuilt: string } | { readonly left: string };

const usedOnce = 'a code or link that was used after the backup would be good for a second use';

/** Every table: one that is added says here whether a backup has its rows. */
export const travels: Readonly<Record<keyof Database, Travel>> = {
  instance: 'copied',
  project: 'copied',
  project_config: 'copied',
  project_secret: 'copied',
  project_key: 'copied',
  provider_config: 'copied',
  signing_key: 'copied',
  grantable: 'copied',
  grantable_contains: 'copied',

  user: 'copied',
  email: 'copied',
  password: 'copied',
  totp: 'copied',
  totp_step: 'copied',
  backup_code: 'copied',
  second_factor: 'copied',
  passkey: 'copied',
  identity: 'copied',
  user_grant: 'copied',
  notification_preference: 'copied',
  username_hold: 'copied',
  known_network: 'copied',
  api_key: 'copied',
  file: 'copied',

  organization: 'copied',
  membership: 'copied',
  membership_grant: 'copied',
  invitation: 'copied',
  team: 'copied',
  team_member: 'copied',

  // Moving to another machine or engine signs nobody out. See `sessionTables`.
  session: 'copied',
  device: 'copied',

  event: 'copied',
  public_log: 'copied',

  profile_search: { rebuilt: 'its terms differ between the engines and are made from `user`' },

  one_time_value: { left: usedOnce },
  pending_sign_in: { left: usedOnce },
  cli_login: { left: usedOnce },
  job: { left: 'mail that was sent after the backup would be sent again' },
  mail_capture: { left: 'kept mails of development hold links and codes in the clear' },
  limit_counter: { left: 'limits count minutes' },
  node: { left: 'it tells which servers work on the database now' },
};

/** What keeps people signed in, left out on request: sessions that ended after the backup would live again. */
export const sessionTables: readonly string[] = ['session', 'device'] satisfies readonly (keyof Database)[];

/** A table that this version does not know, of an older schema, is copied: its rows are not lost by a migration. */
export const isCopied = (table: string): boolean =>
  ((travels as Readonly<Record<string, Travel | undefined>>)[table] ?? 'copied') === 'copied';
