-- The calls of a session, and how long their legs lasted.
CREATE INDEX interactions_by_session ON interactions (session, opened_at) WHERE session IS NOT NULL;
CREATE INDEX leg_statuses ON interaction_events (interaction) WHERE kind = 'leg.status';
