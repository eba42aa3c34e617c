-- What was erased: of a phone there is a keyed hash, and how much of each kind there was. `counts` is JSON.
CREATE TABLE erasures (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    phone_hash TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    done_at INTEGER NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_of ON erasures (tenant, asked_at);

-- What providers still have of it, by their own names for it.
CREATE TABLE erasure_leftovers (
    tenant TEXT NOT NULL,
    erasure TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant, erasure, account, kind, name)
) STRICT, WITHOUT ROWID;

-- Opt-outs of phones that were erased: a keyed hash of the number and the phone.
CREATE TABLE shunned (
    hash BLOB NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX opt_outs_of ON opt_outs (tenant, at);
