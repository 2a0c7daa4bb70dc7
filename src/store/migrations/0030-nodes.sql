-- Servers that work on this database now, and what they are configured with: `config` holds keyed digests by setting, so
-- that nodes find out where they differ and nobody reads a value. Words and rules as in `0001-first.sql`.

-- up
CREATE TABLE node (
  id {id} PRIMARY KEY,
  name {text} NOT NULL,
  version {text} NOT NULL,
  config {json} NOT NULL,
  clock_ahead_ms {int} NOT NULL,
  started_at {time} NOT NULL,
  seen_at {time} NOT NULL
) {strict};

-- down
DROP TABLE node;
