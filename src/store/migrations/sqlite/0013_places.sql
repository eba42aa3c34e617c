-- A keyed hash of the host and port that news go to: some of them go to one place at a time, whatever their paths are.
ALTER TABLE outbox ADD COLUMN place TEXT NOT NULL DEFAULT '';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (tenant, due_at, leased_until, place) WHERE state = 'pending';
