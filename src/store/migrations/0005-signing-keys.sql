-- Keys that sign tokens for others to verify. One of a purpose signs at a time; `next` is published before it does, and
-- `retiring` until the last token it signed is over. Mailed codes are found by the address they went to.

-- up
CREATE TABLE signing_key (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  id {id} PRIMARY KEY,
  purpose {text} NOT NULL,
  kid {text} NOT NULL,
  alg {text} NOT NULL,
  public_jwk {json},
  private_enc {enc} NOT NULL,
  state {text} NOT NULL CHECK (state IN ('next', 'active', 'retiring', 'retired')),
  activated_at {time},
  retire_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX signing_key_by_kid ON signing_key (project_id, purpose, kid);
CREATE UNIQUE INDEX signing_key_active ON signing_key (project_id, purpose) WHERE state = 'active';
CREATE INDEX one_time_value_to_address ON one_time_value (project_id, purpose, address_normal, id);

-- down
DROP INDEX one_time_value_to_address;
DROP TABLE signing_key;
