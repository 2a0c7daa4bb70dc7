import type { Generated } from 'kysely';
import type { Instant } from '../base/clock.ts';
import type { Id } from '../base/ids.ts';

/** Rows as both engines give them: 0 or 1 for truth, JSON as text, milliseconds for time. */
export interface Database {
  instance: InstanceRow;
  project: ProjectRow;
  project_config: ProjectConfigRow;
  project_secret: ProjectSecretRow;
  project_key: ProjectKeyRow;
  provider_config: ProviderConfigRow;
  user: UserRow;
  file: FileRow;
  profile_search: ProfileSearchRow;
  username_hold: UsernameHoldRow;
  email: EmailRow;
  password: PasswordRow;
  totp: TotpRow;
  totp_step: TotpStepRow;
  backup_code: BackupCodeRow;
  second_factor: SecondFactorRow;
  device: DeviceRow;
  passkey: PasskeyRow;
  identity: IdentityRow;
  session: SessionRow;
  pending_sign_in: PendingSignInRow;
  one_time_value: OneTimeValueRow;
  cli_login: CliLoginRow;
  signing_key: SigningKeyRow;
  grantable: GrantableRow;
  grantable_contains: GrantableContainsRow;
  user_grant: UserGrantRow;
  api_key: ApiKeyRow;
  organization: OrganizationRow;
  membership: MembershipRow;
  membership_grant: MembershipGrantRow;
  invitation: InvitationRow;
  team: TeamRow;
  team_member: TeamMemberRow;
  event: EventRow;
  public_log: PublicLogRow;
  notification_preference: NotificationPreferenceRow;
  known_network: KnownNetworkRow;
  job: JobRow;
  mail_capture: MailCaptureRow;
  limit_counter: LimitCounterRow;
  node: NodeRow;
}

export type Bit = number;
export type JsonText = string;

interface Times {
  created_at: Instant;
  updated_at: Instant;
}

export interface InstanceRow extends Times {
  key: string;
  value: JsonText;
}

export interface ProjectRow extends Times {
  id: string;
  key: string;
  tenancy_id: Id;
  preset: Generated<string>;
  display_name: string;
  description: Generated<string>;
  logo_urls: JsonText | null;
  owner_organization_id: Id | null;
  production: Generated<Bit>;
  deleted_at: Instant | null;
}

export interface ProjectConfigRow extends Times {
  project_id: string;
  level: 'file' | 'project' | 'branch' | 'environment';
  overrides: JsonText;
  version: number;
}

export interface ProjectSecretRow extends Times {
  project_id: string;
  name: string;
  value_enc: Uint8Array;
}

export interface ProjectKeyRow extends Times {
  project_id: string;
  id: Id;
  set_id: Id;
  kind: string;
  key_hash: Uint8Array;
  last4: string;
  description: string;
  expires_at: Instant | null;
  revoked_at: Instant | null;
}

export interface ProviderConfigRow extends Times {
  project_id: string;
  key: string;
  type: string;
  display_name: string | null;
  icon: string | null;
  client_id: string | null;
  secrets_enc: Uint8Array | null;
  settings: Generated<JsonText>;
  shared: Generated<Bit>;
  enabled: Generated<Bit>;
  allow_sign_in: Generated<Bit>;
  allow_connect: Generated<Bit>;
  trusted: Generated<Bit>;
}

export interface UserRow extends Times {
  project_id: string;
  id: Id;
  display_name: string | null;
  username_normal: string | null;
  username_display: string | null;
  image_url: string | null;
  image_file_id: Id | null;
  banner_file_id: Id | null;
  bio: string | null;
  website: string | null;
  settings: Generated<JsonText>;
  metadata_client: JsonText | null;
  metadata_readonly: JsonText | null;
  metadata_server: JsonText | null;
  selected_organization_id: Id | null;
  anonymous: Bit;
  profile_public: Bit;
  email_code_enabled: Generated<Bit>;
  banned_at: Instant | null;
  ban_reason: string | null;
  ban_expires_at: Instant | null;
  deactivated_at: Instant | null;
  deactivated_by: 'self' | 'operator' | null;
  restricted_at: Instant | null;
  restricted_reason: string | null;
  restricted_private: string | null;
  credentials_changed_at: Instant;
  signed_up_at: Instant;
  sign_up: JsonText | null;
  last_active_at: Instant | null;
}

export interface FileRow extends Times {
  project_id: string;
  id: Id;
  namespace: string;
  key: string;
  organization_id: Id | null;
  user_id: Id | null;
  content_type: string;
  size: number | null;
  sha256: Uint8Array | null;
  public: Bit;
  state: 'awaiting' | 'stored' | 'deleted';
  driver: string;
  upload_expires_at: Instant | null;
  released_at: Instant | null;
}

/** What else is in it differs between the engines. */
export interface ProfileSearchRow {
  project_id: string;
  user_id: Id;
}

export interface UsernameHoldRow extends Times {
  project_id: string;
  normal: string;
  until: Instant | null;
  reason: string;
}

export interface EmailRow extends Times {
  project_id: string;
  id: Id;
  user_id: Id;
  value: string;
  normal: string;
  is_primary: Bit;
  used_for_auth: Bit;
  verified_at: Instant | null;
  verified_by: string | null;
}

export interface PasswordRow extends Times {
  project_id: string;
  user_id: Id;
  hash: string;
  set_at: Instant;
  changed_at: Instant;
  strong_from: Instant | null;
}

export interface TotpRow extends Times {
  project_id: string;
  id: Id;
  user_id: Id;
  state: 'pending' | 'active';
  secret_enc: Uint8Array;
  issued_session_id: Id | null;
  issued_at: Instant;
  activated_at: Instant | null;
  backup_set_id: Id | null;
}

export interface TotpStepRow extends Times {
  project_id: string;
  user_id: Id;
  operation: string;
  last_step: number;
}

export interface BackupCodeRow extends Times {
  project_id: string;
  id: Id;
  user_id: Id;
  set_id: Id;
  code_mac: Uint8Array;
  spent_at: Instant | null;
}

export interface SecondFactorRow extends Times {
  project_id: string;
  user_id: Id;
  mail_code_enabled: Bit;
  backup_set_id: Id | null;
  reveal_enc: Uint8Array | null;
  reveal_until: Instant | null;
}

export interface DeviceRow extends Times {
  project_id: string;
  id: Id;
  user_id: Id;
  token_hash: Uint8Array;
  trusted_until: Instant | null;
  user_agent: string | null;
  last_seen_at: Instant;
}

export interface CliLoginRow extends Times {
  project_id: string;
  id: Id;
  polling_hash: Uint8Array;
  login_hash: Uint8Array;
  anonymous_session_id: Id | null;
  anonymous_token_enc: Uint8Array | null;
  anonymous_claimed_at: Instant | null;
  session_id: Id | null;
  session_token_enc: Uint8Array | null;
  approved_at: Instant | null;
  redeemed_at: Instant | null;
  expires_at: Instant;
}

export interface SigningKeyRow extends Times {
  project_id: string;
  id: Id;
  purpose: string;
  kid: string;
  alg: string;
  public_jwk: JsonText | null;
  private_enc: Uint8Array;
  state: string;
  activated_at: Instant | null;
  retire_at: Instant | null;
}

export interface PasskeyRow extends Times {
  project_id: string;
  id: Id;
  user_id: Id;
  credential_id: string;
  public_key: Uint8Array;
  counter: number;
  device_type: string;
  backed_up: Bit;
  transports: string | null;
  aaguid: string | null;
  name: string | null;
  rp_id: string;
  made_by: string;
  last_used_at: Instant | null;
  strong_from: Instant | null;
}

export interface IdentityRow extends Times {
  project_id: string;
  id: Id;
  user_id: Id;
  provider: string;
  subject: string;
  email: string | null;
  email_verified: Bit;
  profile: JsonText | null;
  allow_sign_in: Bit;
  allow_connect: Bit;
  access_token_enc: Uint8Array | null;
  refresh_token_enc: Uint8Array | null;
  id_token_enc: Uint8Array | null;
  access_expires_at: Instant | null;
  refresh_expires_at: Instant | null;
  scopes: string;
  last_sign_in_at: Instant | null;
  strong_from: Instant | null;
}

export interface SessionRow extends Times {
  project_id: string;
  id: Id;
  user_id: Id;
  token_hash: Uint8Array;
  made_by: string;
  method: string;
  second_factor: string | null;
  second_factor_at: Instant | null;
  strong_from: Instant | null;
  authenticated_at: Instant;
  persistent: Bit;
  portable: Bit;
  idle_ms: number | null;
  extend_after_ms: number | null;
  expires_at: Instant;
  ends_at: Instant;
  last_used_at: Instant;
  ip: string | null;
  user_agent: string | null;
  ip_info: JsonText | null;
  device_id: Id | null;
  active_organization_id: Id | null;
  active_team_id: Id | null;
  impersonator_id: Id | null;
  impersonator_session_id: Id | null;
}

export interface PendingSignInRow extends Times {
  project_id: string;
  id: Id;
  user_id: Id;
  token_hash: Uint8Array;
  made_by: string;
  first_method: string;
  persistent: Bit;
  is_new_user: Bit;
  ip: string | null;
  user_agent: string | null;
  ip_info: JsonText | null;
  return_to: string | null;
  context_enc: Uint8Array | null;
  mail_code_mac: Uint8Array | null;
  mail_code_expires_at: Instant | null;
  mail_code_attempts: Generated<number>;
  attempts: Generated<number>;
  max_attempts: number;
  expires_at: Instant;
  completed_at: Instant | null;
  voided_at: Instant | null;
}

export interface OneTimeValueRow extends Times {
  project_id: string;
  id: Id;
  purpose: string;
  value_hash: Uint8Array;
  group_hash: Uint8Array | null;
  attempts: Generated<number>;
  max_attempts: number;
  user_id: Id | null;
  email_id: Id | null;
  address_normal: string | null;
  session_id: Id | null;
  browser_hash: Uint8Array | null;
  payload_enc: Uint8Array | null;
  /** What the use of the value gave. */
  given_id: Id | null;
  expires_at: Instant;
  used_at: Instant | null;
  voided_at: Instant | null;
}

export interface GrantableRow extends Times {
  project_id: string;
  id: Id;
  key: string;
  kind: 'role' | 'permission';
  scope: 'organization' | 'project';
  organization_id: Id | null;
  description: string | null;
  built_in: Generated<Bit>;
  owner: Generated<Bit>;
  holds_all: Generated<Bit>;
  hexclave_id: string | null;
}

export interface GrantableContainsRow extends Times {
  project_id: string;
  parent_id: Id;
  child_id: Id;
}

export interface UserGrantRow extends Times {
  project_id: string;
  user_id: Id;
  grantable_id: Id;
  granted_by: Id | null;
  position: number;
}

export interface OrganizationRow extends Times {
  project_id: string;
  id: Id;
  name: string;
  slug: string;
  slug_normal: string;
  email: string | null;
  image_url: string | null;
  image_file_id: Id | null;
  personal_of_user_id: Id | null;
  metadata_client: JsonText | null;
  metadata_readonly: JsonText | null;
  metadata_server: JsonText | null;
  created_by: Id | null;
  deleted_at: Instant | null;
}

export interface MembershipRow extends Times {
  project_id: string;
  id: Id;
  organization_id: Id;
  user_id: Id;
  display_name: string | null;
  image_url: string | null;
  image_file_id: Id | null;
}

export interface MembershipGrantRow extends Times {
  project_id: string;
  membership_id: Id;
  grantable_id: Id;
  granted_by: Id | null;
  position: number;
}

export interface InvitationRow extends Times {
  project_id: string;
  id: Id;
  organization_id: Id;
  address: string;
  address_normal: string;
  roles: JsonText;
  team_ids: JsonText;
  inviter_id: Id | null;
  state: 'pending' | 'accepted' | 'rejected' | 'canceled';
  code_hash: Uint8Array;
  return_url: string | null;
  expires_at: Instant;
  decided_at: Instant | null;
  decided_by: Id | null;
}

export interface TeamRow extends Times {
  project_id: string;
  id: Id;
  organization_id: Id;
  name: string;
}

export interface TeamMemberRow extends Times {
  project_id: string;
  id: Id;
  team_id: Id;
  user_id: Id;
}

export interface ApiKeyRow extends Times {
  project_id: string;
  id: Id;
  owner_user_id: Id | null;
  owner_organization_id: Id | null;
  context_organization_id: Id | null;
  created_by: Id | null;
  made_by: string;
  acts_as_owner: Bit;
  name: string | null;
  prefix: string | null;
  start: string | null;
  last4: string;
  key_hash: Uint8Array;
  config_id: string;
  public: Bit;
  enabled: Bit;
  permissions: JsonText | null;
  metadata: JsonText | null;
  remaining: number | null;
  refill_amount: number | null;
  refill_interval_ms: number | null;
  last_refill_at: Instant | null;
  rate_enabled: Bit;
  rate_window_ms: number | null;
  rate_max: number | null;
  rate_count: number;
  rate_started_at: Instant | null;
  last_request_at: Instant | null;
  last_used_at: Instant | null;
  expires_at: Instant | null;
  revoked_at: Instant | null;
  revoked_why: string | null;
  hidden_at: Instant | null;
}

export interface EventRow {
  project_id: string;
  id: Id;
  type: string;
  level: 'info' | 'warn';
  visibility: string;
  actor_kind: string;
  actor_id: Id | null;
  subject_user_id: Id | null;
  organization_id: Id | null;
  api_key_id: Id | null;
  session_id: Id | null;
  resource_type: string | null;
  resource_id: Id | null;
  made_by: string;
  ip: string | null;
  user_agent: string | null;
  data: JsonText;
  created_at: Instant;
  /** Of public events only. */
  public_action: string | null;
  /** The order of their commits. */
  position: number | null;
}

export interface PublicLogRow {
  project_id: string;
  last_position: number;
}

export interface NotificationPreferenceRow extends Times {
  project_id: string;
  user_id: Id;
  category_id: Id;
  enabled: Bit;
}

export interface KnownNetworkRow {
  project_id: string;
  user_id: Id;
  network_mac: Uint8Array;
  seen_at: Instant;
}

export interface JobRow extends Times {
  project_id: string;
  id: Id;
  kind: string;
  payload_enc: Uint8Array | null;
  address_mac: Uint8Array | null;
  dedupe_key: string | null;
  state: 'ready' | 'running' | 'done' | 'parked';
  run_at: Instant;
  attempts: Generated<number>;
  max_attempts: number;
  locked_by: string | null;
  locked_until: Instant | null;
  last_error: string | null;
}

export interface MailCaptureRow extends Times {
  project_id: string;
  id: Id;
  to_address: string;
  from_address: string;
  subject: string;
  text: string;
  html: string;
  links: JsonText;
}

export interface LimitCounterRow {
  key_mac: Uint8Array;
  window_start: Instant;
  count: number;
  blocked_until: Instant | null;
  expires_at: Instant;
}

export interface NodeRow {
  id: string;
  name: string;
  version: string;
  config: JsonText;
  clock_ahead_ms: number;
  started_at: Instant;
  seen_at: Instant;
}
