-- What a client got for its code: a session, or a sign-in that waits for a second factor. A second use of the code ends it
-- (RFC 6749 §4.1.2). Null: nothing was given, or before 0016. Words and rules as in `0001-first.sql`.

-- up
ALTER TABLE one_time_value ADD COLUMN given_id {id};
CREATE INDEX one_time_value_by_given ON one_time_value (given_id) WHERE given_id IS NOT NULL;

-- down
DROP INDEX one_time_value_by_given;
ALTER TABLE one_time_value DROP COLUMN given_id;
