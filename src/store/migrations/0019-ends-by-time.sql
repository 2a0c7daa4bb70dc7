-- What has ended is found without reading what has not.

-- up
CREATE INDEX mail_capture_by_time ON mail_capture (project_id, created_at);
CREATE INDEX invitation_by_end ON invitation (project_id, expires_at);
CREATE INDEX username_hold_by_end ON username_hold (project_id, until);
CREATE INDEX device_by_end ON device (project_id, trusted_until);
CREATE INDEX job_by_change ON job (project_id, state, updated_at);
CREATE INDEX api_key_by_end ON api_key (project_id, expires_at);
CREATE INDEX api_key_by_revocation ON api_key (project_id, revoked_at);

-- down
DROP INDEX api_key_by_revocation;
DROP INDEX api_key_by_end;
DROP INDEX job_by_change;
DROP INDEX device_by_end;
DROP INDEX username_hold_by_end;
DROP INDEX invitation_by_end;
DROP INDEX mail_capture_by_time;
