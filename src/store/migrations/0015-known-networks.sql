-- Networks that a person has signed in from. Failures of strangers elsewhere then do not use up the person's own tries.
-- `network_mac` is a keyed digest over person and network, so that the table lists no addresses. Words and rules as in
-- `0001-first.sql`.

-- up
CREATE TABLE known_network (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  user_id {id} NOT NULL,
  network_mac {hash} NOT NULL,
  seen_at {time} NOT NULL,
  PRIMARY KEY (project_id, user_id, network_mac),
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE INDEX known_network_by_seen ON known_network (seen_at);

-- down
DROP TABLE known_network;
