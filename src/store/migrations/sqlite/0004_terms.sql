-- The terms of the compatible door that a session was made through, as JSON; null where that was our own.
ALTER TABLE sessions ADD COLUMN terms TEXT;
