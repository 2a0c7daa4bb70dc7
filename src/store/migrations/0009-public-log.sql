-- The public events of a project, in the order in which they commit.
--
-- Ids are ordered by when an event was made, positions by when it was committed: streams follow positions, so that no
-- event can appear behind a reader's back. The last statements of a transaction count up `public_log`, whose row they
-- hold until COMMIT: positions have no gaps, and whoever sees one sees all before it.

-- up
CREATE TABLE public_log (
  project_id {id} PRIMARY KEY REFERENCES project (id) ON DELETE RESTRICT,
  last_position {int} NOT NULL
) {strict};
-- What strangers are told of a public event. Null: not public, or recorded before there was a public log.
ALTER TABLE event ADD COLUMN public_action {text};
ALTER TABLE event ADD COLUMN position {int};
CREATE UNIQUE INDEX event_by_position ON event (project_id, position) WHERE position IS NOT NULL;
CREATE INDEX event_by_public_action ON event (project_id, public_action, id) WHERE public_action IS NOT NULL;

-- down
DROP INDEX event_by_public_action;
DROP INDEX event_by_position;
ALTER TABLE event DROP COLUMN position;
ALTER TABLE event DROP COLUMN public_action;
DROP TABLE public_log;
