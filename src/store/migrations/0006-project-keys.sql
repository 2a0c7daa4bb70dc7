-- Keys that an application shows for itself: publishable for browsers, server and admin for services. The keys that were
-- made together share `set_id`.

-- up
CREATE TABLE project_key (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  set_id {id} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('publishable', 'server', 'admin')),
  key_hash {hash} NOT NULL,
  last4 {text} NOT NULL,
  description {text} NOT NULL,
  expires_at {time},
  revoked_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX project_key_by_hash ON project_key (project_id, key_hash);
CREATE UNIQUE INDEX project_key_of_set ON project_key (project_id, set_id, kind);
CREATE INDEX project_by_owner ON project (owner_organization_id) WHERE owner_organization_id IS NOT NULL;

-- down
DROP INDEX project_by_owner;
DROP TABLE project_key;
