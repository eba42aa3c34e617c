-- What people and programs change while the server runs.

-- When a thing was first declared: lists are newest first.
ALTER TABLE tenants ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provider_accounts ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE locations ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE technicians ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE work_orders ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE numbers ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;

-- For lists, and for finding what a change touches. The keys' other columns are part of each index by themselves.
CREATE INDEX technicians_made ON technicians (tenant, made_at);
CREATE INDEX customers_made ON customers (tenant, made_at);
CREATE INDEX customers_by_location ON customers (tenant, location, made_at);
CREATE INDEX customers_odd ON customers (tenant) WHERE other_phones <> '[]';
CREATE INDEX work_orders_made ON work_orders (tenant, made_at);
CREATE INDEX work_orders_by_location ON work_orders (tenant, location, made_at);
CREATE INDEX work_orders_by_technician ON work_orders (tenant, technician, made_at) WHERE technician IS NOT NULL;
CREATE INDEX work_orders_by_customer ON work_orders (tenant, customer, made_at) WHERE customer IS NOT NULL;
CREATE INDEX numbers_made ON numbers (tenant, made_at);
DROP INDEX sessions_by_number;
CREATE INDEX sessions_by_number ON sessions (number, tenant, made_at);
CREATE INDEX sessions_made ON sessions (tenant, made_at);
CREATE INDEX sessions_open ON sessions (tenant, made_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_location ON sessions (tenant, location, made_at);
CREATE INDEX sessions_by_technician ON sessions (tenant, technician, made_at) WHERE technician IS NOT NULL;
CREATE INDEX sessions_by_customer ON sessions (tenant, customer, made_at) WHERE customer IS NOT NULL;
CREATE INDEX sessions_by_work_order ON sessions (tenant, work_order, made_at) WHERE work_order IS NOT NULL;

-- Counts the changes of what a tenant declares: whoever checked a change against one revision writes it over no other.
CREATE TABLE revisions (
    tenant TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every change, in order, for whoever keeps what is declared in memory. A kind of `all` stands for anything.
CREATE TABLE feed (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_at ON feed (at);

-- Who changed what. `before` and `after` are JSON, without secrets, names and whole phone numbers.
CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    before TEXT,
    after TEXT,
    request TEXT NOT NULL
) STRICT;
CREATE INDEX audit_newest ON audit (tenant, seq);
CREATE INDEX audit_of ON audit (tenant, kind, object, seq);

-- Keys of tenants' programs, made while the server runs. Of a key there is its SHA-256 and its first characters.
CREATE TABLE tenant_keys (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- Answers to requests that carried an Idempotency-Key, sealed with a key of the tenant in `sealed_by`. Of the operator's
-- own requests the tenant is empty.
CREATE TABLE kept_answers (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    sealed_by TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    at INTEGER NOT NULL,
    answer BLOB NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_answers_at ON kept_answers (at);

-- Changes of a location's masking mode: `planned`, `running`, `done`, `failed`, `superseded`.
CREATE TABLE mode_transitions (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    location TEXT NOT NULL,
    from_mode TEXT NOT NULL,
    to_mode TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX mode_transitions_of ON mode_transitions (tenant, location, seq);

ALTER TABLE todos ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
ALTER TABLE todos ADD COLUMN assigned_to TEXT;
ALTER TABLE todos ADD COLUMN snoozed_until INTEGER;
ALTER TABLE todos ADD COLUMN closed_at INTEGER;
CREATE INDEX todos_of ON todos (tenant, at);
CREATE INDEX interactions_of ON interactions (tenant, opened_at);
CREATE INDEX messages_of ON messages (tenant, at);
CREATE INDEX voicemails_of ON voicemails (tenant, at);
