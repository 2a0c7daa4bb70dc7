-- Which kinds of mail somebody does not want. The kinds are fixed (src/core/notifications/categories.ts) and therefore
-- no table. Words and rules as in `0001-first.sql`.

-- up
CREATE TABLE notification_preference (
  project_id {id} NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  user_id {id} NOT NULL,
  category_id {id} NOT NULL,
  enabled {bool} NOT NULL CHECK (enabled IN (0, 1)),
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (user_id, category_id),
  FOREIGN KEY (project_id, user_id) REFERENCES "user" (project_id, id) ON DELETE RESTRICT
) {strict};

-- down
DROP TABLE notification_preference;
