-- From when on a sign-in with a way in is a strong proof. Null: from the start. One that was added by a proof that was
-- only recent has to wait, so that who stole a session cannot make themselves a stronger one.

-- up
ALTER TABLE password ADD COLUMN strong_from {time};
ALTER TABLE passkey ADD COLUMN strong_from {time};
ALTER TABLE identity ADD COLUMN strong_from {time};
ALTER TABLE session ADD COLUMN strong_from {time};

-- down
ALTER TABLE session DROP COLUMN strong_from;
ALTER TABLE identity DROP COLUMN strong_from;
ALTER TABLE passkey DROP COLUMN strong_from;
ALTER TABLE password DROP COLUMN strong_from;
