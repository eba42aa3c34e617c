-- What is to be asked of a provider, written with the state that it follows from. Whoever has the lease does it; a lease
-- that ran out is taken by the next. `asked` says that it was sent once and nobody knows what became of it.
CREATE TABLE provider_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    asked INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    made_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    dies_at INTEGER NOT NULL,
    leased_until INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER,
    why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_jobs_due ON provider_jobs (due_at) WHERE state = 'waiting';
CREATE INDEX provider_jobs_ended ON provider_jobs (ended_at) WHERE ended_at IS NOT NULL;
