-- What is told to tenants' programs: each row one request, sealed, because real numbers are in it. Of a session at most
-- one row is 'pending', the next to be sent; those behind it are 'waiting'. `endpoint` is a keyed hash of the address,
-- `phones` are keyed hashes of the phones in it.
CREATE TABLE outbox (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    session TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    about TEXT NOT NULL,
    event TEXT NOT NULL,
    interaction TEXT,
    endpoint TEXT NOT NULL,
    phones TEXT NOT NULL,
    letter BLOB NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    leased_until INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    forced INTEGER NOT NULL DEFAULT 0,
    settled_at INTEGER,
    last_tried_at INTEGER,
    last_status INTEGER,
    last_error TEXT,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (due_at, leased_until, endpoint) WHERE state = 'pending';
CREATE INDEX outbox_behind ON outbox (tenant, session, sequence) WHERE state IN ('waiting', 'pending');
CREATE INDEX outbox_of ON outbox (tenant, at, id);
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;

-- The last number that was given to news of a session. Rows of the outbox go in time; this stays.
CREATE TABLE outbox_counts (
    tenant TEXT NOT NULL,
    session TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (tenant, session)
) STRICT, WITHOUT ROWID;

-- Addresses that answered that they are gone.
CREATE TABLE outbox_gone (
    tenant TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, endpoint)
) STRICT, WITHOUT ROWID;

-- What callbacks are signed with, sealed; several count while they are exchanged.
CREATE TABLE callback_secrets (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    secret BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    retires_at INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- Sessions that may expire and whose maker asked for terms: few, and looked through by the clock.
CREATE INDEX sessions_expiring ON sessions (expires_at) WHERE terms IS NOT NULL AND ended_at IS NULL AND expires_at IS NOT NULL;
