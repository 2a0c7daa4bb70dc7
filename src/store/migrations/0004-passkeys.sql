-- up
-- WebAuthn credentials; `rp_id` because a passkey works only for the relying party it was made for.
CREATE TABLE passkey (
  project_id {id} NOT NULL,
  id {id} PRIMARY KEY,
  user_id {id} NOT NULL,
  credential_id {text} NOT NULL,
  public_key {bytes} NOT NULL,
  counter {int} NOT NULL,
  device_type {text} NOT NULL,
  backed_up {bool} NOT NULL CHECK (backed_up IN (0, 1)),
  transports {text},
  aaguid {text},
  name {text},
  rp_id {text} NOT NULL,
  made_by {text} NOT NULL,
  last_used_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};
CREATE UNIQUE INDEX passkey_by_credential ON passkey (project_id, credential_id);
CREATE INDEX passkey_of_user ON passkey (project_id, user_id, id);

-- down
DROP TABLE passkey;
