-- Sign-ins that a command-line program starts and a browser finishes. The tokens handed over are sealed, and erased when
-- they are read; the sessions they are of may end before.

-- up
CREATE TABLE cli_login (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  polling_hash {hash} NOT NULL,
  login_hash {hash} NOT NULL,
  anonymous_session_id {id},
  anonymous_token_enc {enc},
  anonymous_claimed_at {time},
  session_id {id},
  session_token_enc {enc},
  approved_at {time},
  redeemed_at {time},
  expires_at {time} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX cli_login_by_polling ON cli_login (project_id, polling_hash);
CREATE UNIQUE INDEX cli_login_by_login ON cli_login (project_id, login_hash);
CREATE INDEX cli_login_by_expiry ON cli_login (expires_at);

-- down
DROP TABLE cli_login;
