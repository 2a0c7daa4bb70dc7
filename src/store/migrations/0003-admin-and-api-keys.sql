-- API keys, and what administrators list people by.
--
-- Columns that outlive what they name have no foreign key: created_by, owner_organization_id and
-- context_organization_id (organizations are only marked deleted, and are made by another migration).

-- up
CREATE TABLE api_key (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  owner_user_id {id},
  owner_organization_id {id},
  context_organization_id {id},
  created_by {id},
  made_by {text} NOT NULL,
  acts_as_owner {bool} NOT NULL CHECK (acts_as_owner IN (0, 1)),
  name {text},
  prefix {text},
  start {text},
  last4 {text} NOT NULL,
  key_hash {hash} NOT NULL,
  config_id {text} NOT NULL,
  public {bool} NOT NULL CHECK (public IN (0, 1)),
  enabled {bool} NOT NULL CHECK (enabled IN (0, 1)),
  permissions {json},
  metadata {json},
  remaining {int},
  refill_amount {int},
  refill_interval_ms {int},
  last_refill_at {time},
  rate_enabled {bool} NOT NULL CHECK (rate_enabled IN (0, 1)),
  rate_window_ms {int},
  rate_max {int},
  rate_count {int} NOT NULL DEFAULT 0,
  rate_started_at {time},
  last_request_at {time},
  last_used_at {time},
  expires_at {time},
  revoked_at {time},
  revoked_why {text},
  hidden_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CHECK ((owner_user_id IS NULL) <> (owner_organization_id IS NULL)),
  FOREIGN KEY (project_id, owner_user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX api_key_by_hash ON api_key (key_hash);
CREATE INDEX api_key_of_user ON api_key (project_id, owner_user_id, id) WHERE owner_user_id IS NOT NULL;
CREATE INDEX api_key_of_organization ON api_key (project_id, owner_organization_id, id)
  WHERE owner_organization_id IS NOT NULL;

-- Read alone, without their tables, when people are searched and counted.
CREATE INDEX email_search ON email (project_id, normal, user_id, verified_at) WHERE is_primary = 1;
CREATE INDEX user_by_name ON "user" (project_id, lower(display_name), id);
CREATE INDEX user_by_creation ON "user" (project_id, created_at, id);
CREATE INDEX user_by_update ON "user" (project_id, updated_at, id);
CREATE INDEX user_by_ban ON "user" (project_id, banned_at, id);

-- The built-in administrator holds what start-up lists, no longer everything: impersonating administrators is not in it.
UPDATE grantable SET holds_all = 0 WHERE key = 'admin' AND kind = 'role' AND scope = 'project' AND built_in = 1;

-- down
UPDATE grantable SET holds_all = 1 WHERE key = 'admin' AND kind = 'role' AND scope = 'project' AND built_in = 1;
DROP INDEX user_by_ban;
DROP INDEX user_by_update;
DROP INDEX user_by_creation;
DROP INDEX user_by_name;
DROP INDEX email_search;
DROP TABLE api_key;
