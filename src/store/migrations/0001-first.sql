-- The tables that the first surfaces stand on. Type words in braces are spelled per engine by `migrate.ts`.
--
-- Uniqueness is always a named index, never an inline constraint: both engines then report a refused row by one name,
-- and that name is what a use case sees in `Conflict`. Parents carry a unique (project_id, id), children point at it
-- with both columns, so a row of one project cannot belong to a person of another. Everything is RESTRICT: what
-- belongs together is deleted together by a use case, and a forgotten table is a fault instead of an orphan.
--
-- Columns that outlive what they name have no foreign key: one_time_value.session_id and email_id (values are kept
-- after the session or address is gone, so that "used" stays apart from "unknown"), session.device_id, events, granters.

-- up
CREATE TABLE instance (
  key {text} PRIMARY KEY,
  value {json} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};

CREATE TABLE project (
  id {id} PRIMARY KEY,
  key {text} NOT NULL,
  tenancy_id {id} NOT NULL,
  preset {text} NOT NULL DEFAULT 'default',
  display_name {text} NOT NULL,
  description {text} NOT NULL DEFAULT '',
  logo_urls {json},
  owner_organization_id {id},
  production {bool} NOT NULL DEFAULT 0 CHECK (production IN (0, 1)),
  deleted_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX project_by_key ON project (key);
CREATE UNIQUE INDEX project_by_tenancy ON project (tenancy_id);

CREATE TABLE project_config (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  level {text} NOT NULL CHECK (level IN ('file', 'project', 'branch', 'environment')),
  overrides {json} NOT NULL,
  version {int} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (project_id, level)
) {strict};

CREATE TABLE project_secret (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  name {text} NOT NULL,
  value_enc {enc} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (project_id, name)
) {strict};

CREATE TABLE provider_config (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  key {text} NOT NULL,
  type {text} NOT NULL,
  display_name {text},
  icon {text},
  client_id {text},
  secrets_enc {enc},
  settings {json} NOT NULL DEFAULT '{}',
  shared {bool} NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)),
  enabled {bool} NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  allow_sign_in {bool} NOT NULL DEFAULT 1 CHECK (allow_sign_in IN (0, 1)),
  allow_connect {bool} NOT NULL DEFAULT 1 CHECK (allow_connect IN (0, 1)),
  trusted {bool} NOT NULL DEFAULT 0 CHECK (trusted IN (0, 1)),
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (project_id, key)
) {strict};

CREATE TABLE "user" (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  display_name {text},
  username_normal {text},
  username_display {text},
  image_url {text},
  image_file_id {id},
  banner_file_id {id},
  bio {text},
  website {text},
  settings {json} NOT NULL DEFAULT '{}',
  metadata_client {json},
  metadata_readonly {json},
  metadata_server {json},
  selected_organization_id {id},
  anonymous {bool} NOT NULL DEFAULT 0 CHECK (anonymous IN (0, 1)),
  profile_public {bool} NOT NULL DEFAULT 0 CHECK (profile_public IN (0, 1)),
  email_code_enabled {bool} NOT NULL DEFAULT 0 CHECK (email_code_enabled IN (0, 1)),
  banned_at {time},
  ban_reason {text},
  ban_expires_at {time},
  deactivated_at {time},
  deactivated_by {text} CHECK (deactivated_by IN ('self', 'operator')),
  restricted_at {time},
  restricted_reason {text},
  restricted_private {text},
  credentials_changed_at {time} NOT NULL,
  signed_up_at {time} NOT NULL,
  sign_up {json},
  last_active_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX user_by_project ON "user" (project_id, id);
CREATE UNIQUE INDEX user_by_username ON "user" (project_id, username_normal) WHERE username_normal IS NOT NULL;
CREATE INDEX user_by_sign_up ON "user" (project_id, signed_up_at, id);
CREATE INDEX user_by_anonymous ON "user" (project_id, anonymous, id);

CREATE TABLE username_hold (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  normal {text} NOT NULL,
  until {time},
  reason {text} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (project_id, normal)
) {strict};

CREATE TABLE email (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  user_id {id} NOT NULL,
  value {text} NOT NULL,
  normal {text} NOT NULL,
  is_primary {bool} NOT NULL CHECK (is_primary IN (0, 1)),
  used_for_auth {bool} NOT NULL CHECK (used_for_auth IN (0, 1)),
  verified_at {time},
  verified_by {text},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX email_for_auth ON email (project_id, normal) WHERE used_for_auth = 1;
CREATE UNIQUE INDEX email_of_user ON email (user_id, normal);
CREATE UNIQUE INDEX email_primary ON email (user_id) WHERE is_primary = 1;
CREATE INDEX email_by_normal ON email (project_id, normal);

CREATE TABLE password (
  project_id {id} NOT NULL,
  user_id {id} PRIMARY KEY,
  hash {text} NOT NULL,
  set_at {time} NOT NULL,
  changed_at {time} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};

CREATE TABLE totp (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  user_id {id} NOT NULL,
  state {text} NOT NULL CHECK (state IN ('pending', 'active')),
  secret_enc {enc} NOT NULL,
  issued_session_id {id},
  issued_at {time} NOT NULL,
  activated_at {time},
  backup_set_id {id},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX totp_by_state ON totp (user_id, state);

CREATE TABLE totp_step (
  project_id {id} NOT NULL,
  user_id {id} NOT NULL,
  operation {text} NOT NULL,
  last_step {int} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (user_id, operation),
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};

CREATE TABLE backup_code (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  user_id {id} NOT NULL,
  set_id {id} NOT NULL,
  code_mac {mac} NOT NULL,
  spent_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX backup_code_by_mac ON backup_code (user_id, code_mac);

CREATE TABLE second_factor (
  project_id {id} NOT NULL,
  user_id {id} PRIMARY KEY,
  mail_code_enabled {bool} NOT NULL DEFAULT 0 CHECK (mail_code_enabled IN (0, 1)),
  backup_set_id {id},
  reveal_enc {enc},
  reveal_until {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};

CREATE TABLE device (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  user_id {id} NOT NULL,
  token_hash {hash} NOT NULL,
  trusted_until {time},
  user_agent {text},
  last_seen_at {time} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX device_by_token ON device (token_hash);
CREATE INDEX device_of_user ON device (user_id);

CREATE TABLE identity (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  user_id {id} NOT NULL,
  provider {text} NOT NULL,
  subject {text} NOT NULL CHECK (subject <> ''),
  email {text},
  email_verified {bool} NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
  profile {json},
  allow_sign_in {bool} NOT NULL DEFAULT 1 CHECK (allow_sign_in IN (0, 1)),
  allow_connect {bool} NOT NULL DEFAULT 1 CHECK (allow_connect IN (0, 1)),
  access_token_enc {enc},
  refresh_token_enc {enc},
  id_token_enc {enc},
  access_expires_at {time},
  refresh_expires_at {time},
  scopes {text} NOT NULL DEFAULT '',
  last_sign_in_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX identity_for_sign_in ON identity (project_id, provider, subject) WHERE allow_sign_in = 1;
CREATE UNIQUE INDEX identity_of_user ON identity (user_id, provider, subject);

CREATE TABLE session (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  user_id {id} NOT NULL,
  token_hash {hash} NOT NULL,
  made_by {text} NOT NULL,
  method {text} NOT NULL,
  second_factor {text},
  authenticated_at {time} NOT NULL,
  persistent {bool} NOT NULL CHECK (persistent IN (0, 1)),
  portable {bool} NOT NULL CHECK (portable IN (0, 1)),
  idle_ms {int},
  extend_after_ms {int},
  expires_at {time} NOT NULL,
  ends_at {time} NOT NULL,
  last_used_at {time} NOT NULL,
  ip {text},
  user_agent {text},
  ip_info {json},
  device_id {id},
  active_organization_id {id},
  active_team_id {id},
  impersonator_id {id},
  impersonator_session_id {id},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (project_id, impersonator_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX session_by_token ON session (token_hash);
CREATE INDEX session_of_user ON session (user_id, id);
CREATE INDEX session_by_expiry ON session (expires_at);
CREATE INDEX session_by_impersonator ON session (impersonator_id);

CREATE TABLE pending_sign_in (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  user_id {id} NOT NULL,
  token_hash {hash} NOT NULL,
  made_by {text} NOT NULL,
  first_method {text} NOT NULL,
  persistent {bool} NOT NULL CHECK (persistent IN (0, 1)),
  is_new_user {bool} NOT NULL CHECK (is_new_user IN (0, 1)),
  ip {text},
  user_agent {text},
  ip_info {json},
  return_to {text},
  context_enc {enc},
  mail_code_mac {mac},
  mail_code_expires_at {time},
  mail_code_attempts {int} NOT NULL DEFAULT 0,
  attempts {int} NOT NULL DEFAULT 0,
  max_attempts {int} NOT NULL,
  expires_at {time} NOT NULL,
  completed_at {time},
  voided_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX pending_sign_in_by_token ON pending_sign_in (token_hash);
CREATE INDEX pending_sign_in_of_user ON pending_sign_in (user_id);
CREATE INDEX pending_sign_in_by_expiry ON pending_sign_in (expires_at);

CREATE TABLE one_time_value (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  purpose {text} NOT NULL,
  value_hash {hash} NOT NULL,
  group_hash {hash},
  attempts {int} NOT NULL DEFAULT 0,
  max_attempts {int} NOT NULL,
  user_id {id},
  email_id {id},
  address_normal {text},
  session_id {id},
  browser_hash {hash},
  payload_enc {enc},
  expires_at {time} NOT NULL,
  used_at {time},
  voided_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX one_time_value_by_hash ON one_time_value (project_id, purpose, value_hash);
CREATE INDEX one_time_value_by_group ON one_time_value (project_id, purpose, group_hash);
CREATE INDEX one_time_value_of_user ON one_time_value (user_id, purpose);
CREATE INDEX one_time_value_by_expiry ON one_time_value (expires_at);

CREATE TABLE grantable (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  key {text} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('role', 'permission')),
  scope {text} NOT NULL CHECK (scope IN ('organization', 'project')),
  organization_id {id},
  description {text},
  built_in {bool} NOT NULL DEFAULT 0 CHECK (built_in IN (0, 1)),
  owner {bool} NOT NULL DEFAULT 0 CHECK (owner IN (0, 1)),
  holds_all {bool} NOT NULL DEFAULT 0 CHECK (holds_all IN (0, 1)),
  hexclave_id {text},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX grantable_by_project ON grantable (project_id, id);
CREATE UNIQUE INDEX grantable_by_key ON grantable (project_id, key) WHERE organization_id IS NULL;
CREATE UNIQUE INDEX grantable_of_organization ON grantable (organization_id, key) WHERE organization_id IS NOT NULL;

CREATE TABLE grantable_contains (
  project_id {id} NOT NULL,
  parent_id {id} NOT NULL,
  child_id {id} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (parent_id, child_id),
  FOREIGN KEY (project_id, parent_id) REFERENCES grantable (project_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (project_id, child_id) REFERENCES grantable (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE INDEX grantable_contains_by_child ON grantable_contains (child_id);

CREATE TABLE user_grant (
  project_id {id} NOT NULL,
  user_id {id} NOT NULL,
  grantable_id {id} NOT NULL,
  granted_by {id},
  position {int} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (user_id, grantable_id),
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (project_id, grantable_id) REFERENCES grantable (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE INDEX user_grant_by_grantable ON user_grant (grantable_id);

-- No foreign key to the user and no updated_at: events survive whom they tell of, and are never changed.
CREATE TABLE event (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  type {text} NOT NULL,
  level {text} NOT NULL CHECK (level IN ('info', 'warn')),
  visibility {text} NOT NULL CHECK (visibility IN ('internal', 'user', 'organization', 'public')),
  actor_kind {text} NOT NULL,
  actor_id {id},
  subject_user_id {id},
  organization_id {id},
  api_key_id {id},
  session_id {id},
  resource_type {text},
  resource_id {id},
  made_by {text} NOT NULL,
  ip {text},
  user_agent {text},
  data {json} NOT NULL,
  created_at {time} NOT NULL
) {strict};
CREATE INDEX event_by_subject ON event (project_id, subject_user_id, id);
CREATE INDEX event_by_organization ON event (organization_id, id);
CREATE INDEX event_by_api_key ON event (api_key_id, id);
CREATE INDEX event_by_visibility ON event (project_id, visibility, id);

CREATE TABLE job (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  kind {text} NOT NULL,
  payload_enc {enc},
  dedupe_key {text},
  state {text} NOT NULL CHECK (state IN ('ready', 'running', 'done', 'parked')),
  run_at {time} NOT NULL,
  attempts {int} NOT NULL DEFAULT 0,
  max_attempts {int} NOT NULL,
  locked_by {text},
  locked_until {time},
  last_error {text},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
-- Only what still waits or runs is "already queued"; finished jobs keep their key for the reader of the table.
CREATE UNIQUE INDEX job_by_dedupe ON job (project_id, dedupe_key)
  WHERE dedupe_key IS NOT NULL AND state IN ('ready', 'running');
CREATE INDEX job_by_due ON job (state, run_at);

CREATE TABLE mail_capture (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  to_address {text} NOT NULL,
  from_address {text} NOT NULL,
  subject {text} NOT NULL,
  text {text} NOT NULL,
  html {text} NOT NULL,
  links {json} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
CREATE INDEX mail_capture_by_address ON mail_capture (project_id, to_address, id);

-- Its times are the window's; a row is rewritten at every use.
CREATE TABLE limit_counter (
  key_mac {mac} PRIMARY KEY,
  window_start {time} NOT NULL,
  count {int} NOT NULL,
  blocked_until {time},
  expires_at {time} NOT NULL
) {strict};
CREATE INDEX limit_counter_by_expiry ON limit_counter (expires_at);

-- down
DROP TABLE limit_counter;
DROP TABLE mail_capture;
DROP TABLE job;
DROP TABLE event;
DROP TABLE user_grant;
DROP TABLE grantable_contains;
DROP TABLE grantable;
DROP TABLE one_time_value;
DROP TABLE pending_sign_in;
DROP TABLE session;
DROP TABLE identity;
DROP TABLE device;
DROP TABLE second_factor;
DROP TABLE backup_code;
DROP TABLE totp_step;
DROP TABLE totp;
DROP TABLE password;
DROP TABLE email;
DROP TABLE username_hold;
DROP TABLE "user";
DROP TABLE provider_config;
DROP TABLE project_secret;
DROP TABLE project_config;
DROP TABLE project;
DROP TABLE instance;
