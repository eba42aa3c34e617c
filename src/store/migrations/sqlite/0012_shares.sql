-- Who has the lease of a job; when it was last sent without anybody knowing what became of it.
ALTER TABLE provider_jobs ADD COLUMN owner TEXT;
ALTER TABLE provider_jobs ADD COLUMN asked_at INTEGER;
UPDATE provider_jobs SET asked_at = made_at WHERE asked = 1 AND state = 'waiting';
ALTER TABLE provider_jobs DROP COLUMN asked;
DROP INDEX provider_jobs_due;
CREATE INDEX provider_jobs_due ON provider_jobs (kind, due_at) WHERE state = 'waiting';
CREATE INDEX provider_jobs_dead ON provider_jobs (kind) WHERE state = 'dead';
