-- Erasure finds everything that names a person: what they did, organizations that ended with them, mail under way. What has
-- ended since then, and people who were never more than a visit, are found without reading the others.

-- up
CREATE INDEX event_by_actor ON event (project_id, actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX organization_by_creator ON organization (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX organization_by_end ON organization (project_id, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX user_by_idleness ON "user" (project_id, COALESCE(last_active_at, created_at), id) WHERE anonymous = 1;
-- Keyed digest of the address that the work is about: the payload is sealed.
ALTER TABLE job ADD COLUMN address_mac {mac};
CREATE INDEX job_by_address ON job (project_id, address_mac) WHERE address_mac IS NOT NULL;

-- up sqlite
-- A text index that knows its texts can take one out of its pages; without them what is deleted stays there until pages
-- are merged. It is filled anew after the migration.
DROP TRIGGER profile_search_removed;
DROP TABLE profile_terms;
DELETE FROM profile_search;
ALTER TABLE profile_search ADD COLUMN terms TEXT NOT NULL DEFAULT '';
CREATE VIRTUAL TABLE profile_terms USING fts5 (
  terms, content = 'profile_search', content_rowid = 'document', detail = 'none', tokenize = 'ascii', prefix = '2 3'
);
INSERT INTO profile_terms (profile_terms, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER profile_search_added AFTER INSERT ON profile_search BEGIN
  INSERT INTO profile_terms (rowid, terms) VALUES (new.document, new.terms);
END;
CREATE TRIGGER profile_search_changed AFTER UPDATE OF terms ON profile_search BEGIN
  INSERT INTO profile_terms (profile_terms, rowid, terms) VALUES ('delete', old.document, old.terms);
  INSERT INTO profile_terms (rowid, terms) VALUES (new.document, new.terms);
END;
CREATE TRIGGER profile_search_removed AFTER DELETE ON profile_search BEGIN
  INSERT INTO profile_terms (profile_terms, rowid, terms) VALUES ('delete', old.document, old.terms);
END;

-- down sqlite
DROP TRIGGER profile_search_removed;
DROP TRIGGER profile_search_changed;
DROP TRIGGER profile_search_added;
DROP TABLE profile_terms;
DELETE FROM profile_search;
ALTER TABLE profile_search DROP COLUMN terms;
CREATE VIRTUAL TABLE profile_terms USING fts5 (
  terms, content = '', contentless_delete = 1, detail = 'none', tokenize = 'ascii', prefix = '2 3'
);
CREATE TRIGGER profile_search_removed AFTER DELETE ON profile_search BEGIN
  DELETE FROM profile_terms WHERE rowid = old.document;
END;

-- down
DROP INDEX job_by_address;
ALTER TABLE job DROP COLUMN address_mac;
DROP INDEX user_by_idleness;
DROP INDEX organization_by_end;
DROP INDEX organization_by_creator;
DROP INDEX event_by_actor;
