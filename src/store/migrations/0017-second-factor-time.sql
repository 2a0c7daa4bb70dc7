-- When a session showed its second factor. Replacing credentials wants it to be minutes ago, and the sign-in may be older:
-- the factor may have been set up in the session. Readers take null as the time of the sign-in.

-- up
ALTER TABLE session ADD COLUMN second_factor_at {time};

-- down
ALTER TABLE session DROP COLUMN second_factor_at;
