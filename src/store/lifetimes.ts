import type { Database } from './schema.ts';

/**
 * Why a row is gone some day. `person`, `organization`, `project`: with whom it belongs to. `swept`: once it has ended, by
 * the row of that name in `jobs/sweep.ts`; `also` names a sweep that ends some of them. `installation`: a bounded number
 * for all time.
 */
export type Lifetime =
  | { readonly ends: 'person' | 'organization' | 'project' | 'installation'; readonly also?: string }
  | { readonly ends: 'swept'; readonly by: readonly string[] };

const swept = (...by: readonly string[]): Lifetime => ({ ends: 'swept', by });

/** Every table: one that is added says here when its rows end. */
export const lifetimes: Readonly<Record<keyof Database, Lifetime>> = {
  instance: { ends: 'installation' },
  project: { ends: 'installation' },
  project_config: { ends: 'project' },
  project_secret: { ends: 'project' },
  provider_config: { ends: 'project' },
  signing_key: { ends: 'project' },
  grantable: { ends: 'project' },
  grantable_contains: { ends: 'project' },

  user: { ends: 'person', also: 'idle anonymous people' },
  email: { ends: 'person' },
  password: { ends: 'person' },
  totp: { ends: 'person' },
  totp_step: { ends: 'person' },
  backup_code: { ends: 'person' },
  second_factor: { ends: 'person' },
  passkey: { ends: 'person' },
  identity: { ends: 'person' },
  profile_search: { ends: 'person' },
  user_grant: { ends: 'person' },
  notification_preference: { ends: 'person' },
  membership: { ends: 'person' },
  membership_grant: { ends: 'person' },
  team_member: { ends: 'person' },

  team: { ends: 'organization' },

  organization: swept('deleted organizations'),
  project_key: swept('expired project keys', 'revoked project keys'),
  event: swept('events'),
  file: swept('released files'),
  username_hold: swept('username holds'),
  device: swept('trusted devices'),
  session: swept('sessions'),
  pending_sign_in: swept('pending sign-ins'),
  one_time_value: swept('one-time values'),
  cli_login: swept('command-line sign-ins'),
  known_network: swept('known networks'),
  api_key: swept('expired keys', 'revoked keys'),
  invitation: swept('invitations'),
  job: swept('done jobs', 'parked jobs'),
  mail_capture: swept('kept mails'),
  limit_counter: swept('limit counters'),
  node: { ends: 'installation' },

  /** The last position of each project's log. */
  public_log: { ends: 'project' },
};
