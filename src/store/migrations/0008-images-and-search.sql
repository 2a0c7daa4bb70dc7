-- Stored files, and the index by which people are found.
--
-- A row of `file` is one content of one project: its key is made of its digest, and several people may show it. It goes
-- when nobody does (image_file_id, banner_file_id): `released_at` is when somebody stopped, for a sweep to look. `user_id` and `organization_id` are for files with an owner.
--
-- The index of profiles is filled after the migration, by what also keeps it: its terms are made in one place for both
-- engines (src/core/search/profile-terms.ts). Neither needs an extension.

-- up
CREATE TABLE file (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  namespace {text} NOT NULL,
  key {text} NOT NULL,
  organization_id {id},
  user_id {id},
  content_type {text} NOT NULL,
  size {int},
  sha256 {hash},
  public {bool} NOT NULL CHECK (public IN (0, 1)),
  state {text} NOT NULL CHECK (state IN ('awaiting', 'stored', 'deleted')),
  driver {text} NOT NULL,
  upload_expires_at {time},
  released_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, organization_id) REFERENCES organization (project_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX file_by_key ON file (project_id, namespace, key);
CREATE INDEX file_released ON file (project_id, released_at) WHERE released_at IS NOT NULL;
CREATE INDEX file_of_user ON file (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX file_of_organization ON file (organization_id) WHERE organization_id IS NOT NULL;
-- Who still shows a file.
CREATE INDEX user_by_image ON "user" (image_file_id) WHERE image_file_id IS NOT NULL;
CREATE INDEX user_by_banner ON "user" (banner_file_id) WHERE banner_file_id IS NOT NULL;
CREATE INDEX organization_by_image ON organization (image_file_id) WHERE image_file_id IS NOT NULL;
CREATE INDEX membership_by_image ON membership (image_file_id) WHERE image_file_id IS NOT NULL;

-- up sqlite
-- `document` is what the full-text table calls a person; unlike a rowid it outlives VACUUM.
CREATE TABLE profile_search (
  document INTEGER PRIMARY KEY,
  project_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) STRICT;
CREATE UNIQUE INDEX profile_search_of_user ON profile_search (user_id);
CREATE VIRTUAL TABLE profile_terms USING fts5 (
  terms, content = '', contentless_delete = 1, detail = 'none', tokenize = 'ascii', prefix = '2 3'
);
CREATE TRIGGER profile_search_removed AFTER DELETE ON profile_search BEGIN
  DELETE FROM profile_terms WHERE rowid = old.document;
END;

-- up postgres
CREATE TABLE profile_search (
  project_id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" PRIMARY KEY,
  terms TSVECTOR NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
);
-- Without a list of pending entries, which every search would have to read through.
CREATE INDEX profile_search_by_term ON profile_search USING gin (terms) WITH (fastupdate = off);

-- down sqlite
DROP TRIGGER profile_search_removed;
DROP TABLE profile_terms;

-- down
DROP TABLE profile_search;
DROP INDEX membership_by_image;
DROP INDEX organization_by_image;
DROP INDEX user_by_banner;
DROP INDEX user_by_image;
DROP TABLE file;
