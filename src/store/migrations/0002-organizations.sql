-- Organizations, who belongs to them and with which roles, invitations, teams. Words and rules as in `0001-first.sql`.
--
-- Columns that outlive what they name have no foreign key: created_by, inviter_id, decided_by, granted_by,
-- personal_of_user_id, and the team ids inside an invitation.

-- up
-- A role of an organization and one of the project may have the same name: `admin` is both.
DROP INDEX grantable_by_key;
CREATE UNIQUE INDEX grantable_by_key ON grantable (project_id, scope, key) WHERE organization_id IS NULL;

CREATE TABLE organization (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  name {text} NOT NULL,
  slug {text} NOT NULL,
  slug_normal {text} NOT NULL,
  email {text},
  image_url {text},
  image_file_id {id},
  personal_of_user_id {id},
  metadata_client {json},
  metadata_readonly {json},
  metadata_server {json},
  created_by {id},
  deleted_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX organization_by_project ON organization (project_id, id);
CREATE UNIQUE INDEX organization_by_slug ON organization (project_id, slug_normal) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX organization_personal ON organization (project_id, personal_of_user_id)
  WHERE deleted_at IS NULL AND personal_of_user_id IS NOT NULL;

CREATE TABLE membership (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  organization_id {id} NOT NULL,
  user_id {id} NOT NULL,
  display_name {text},
  image_url {text},
  image_file_id {id},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, organization_id) REFERENCES organization (project_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX membership_by_project ON membership (project_id, id);
CREATE UNIQUE INDEX membership_of_organization ON membership (organization_id, user_id);
CREATE INDEX membership_of_user ON membership (user_id);

CREATE TABLE membership_grant (
  project_id {id} NOT NULL,
  membership_id {id} NOT NULL,
  grantable_id {id} NOT NULL,
  granted_by {id},
  position {int} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (membership_id, grantable_id),
  FOREIGN KEY (project_id, membership_id) REFERENCES membership (project_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (project_id, grantable_id) REFERENCES grantable (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE INDEX membership_grant_by_grantable ON membership_grant (grantable_id);

-- No uniqueness on (organization, address): whether a second invitation is refused, extends the first or stands beside
-- it is the surface's.
CREATE TABLE invitation (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  organization_id {id} NOT NULL,
  address {text} NOT NULL,
  address_normal {text} NOT NULL,
  roles {json} NOT NULL,
  team_ids {json} NOT NULL,
  inviter_id {id},
  state {text} NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected', 'canceled')),
  code_hash {hash} NOT NULL,
  return_url {text},
  expires_at {time} NOT NULL,
  decided_at {time},
  decided_by {id},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, organization_id) REFERENCES organization (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX invitation_by_code ON invitation (project_id, code_hash);
CREATE INDEX invitation_of_organization ON invitation (organization_id, state);
CREATE INDEX invitation_by_address ON invitation (project_id, address_normal, state);

CREATE TABLE team (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  organization_id {id} NOT NULL,
  name {text} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, organization_id) REFERENCES organization (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX team_by_project ON team (project_id, id);
CREATE INDEX team_of_organization ON team (organization_id, id);

CREATE TABLE team_member (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  team_id {id} NOT NULL,
  user_id {id} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, team_id) REFERENCES team (project_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX team_member_of_team ON team_member (team_id, user_id);
CREATE INDEX team_member_of_user ON team_member (user_id);

-- Whoever leaves an organization or a team loses it on every session at once.
CREATE INDEX session_by_organization ON session (active_organization_id) WHERE active_organization_id IS NOT NULL;
CREATE INDEX session_by_team ON session (active_team_id) WHERE active_team_id IS NOT NULL;

-- down
DROP INDEX session_by_team;
DROP INDEX session_by_organization;
DROP TABLE team_member;
DROP TABLE team;
DROP TABLE invitation;
DROP TABLE membership_grant;
DROP TABLE membership;
DROP TABLE organization;
DELETE FROM grantable_contains WHERE parent_id IN (SELECT id FROM grantable WHERE scope = 'organization');
DELETE FROM grantable WHERE scope = 'organization';
DROP INDEX grantable_by_key;
CREATE UNIQUE INDEX grantable_by_key ON grantable (project_id, key) WHERE organization_id IS NULL;
