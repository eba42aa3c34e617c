-- Sessions by when they are over, as far as that is known, and by either party: a number is looked for, and a session is
-- found again, whatever years of them there are.
CREATE INDEX sessions_over ON sessions (tenant, coalesce(ended_at, expires_at));
CREATE INDEX sessions_by_second_party ON sessions (tenant, second_party) WHERE second_party IS NOT NULL;
