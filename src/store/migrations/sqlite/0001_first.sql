-- Instants are microseconds since 1970 in UTC; phones and numbers are the digits of their E.164 form; lists are JSON.
-- The columns `secrets` and `words`, and `body` of messages, hold ciphertext.

-- What the operator declares. Names are those of the rules files.

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    allowed_countries TEXT NOT NULL,
    brand TEXT NOT NULL,
    auth_id TEXT UNIQUE,
    deepcall_user_id TEXT UNIQUE,
    default_location TEXT,
    calls_per_minute_per_caller INTEGER NOT NULL,
    calls_per_day_per_session INTEGER NOT NULL,
    concurrent_calls INTEGER NOT NULL,
    attempts_per_minute_per_pair INTEGER NOT NULL,
    demo_secrets INTEGER NOT NULL,
    secrets BLOB
) STRICT;

-- One account id in the installation: it is part of its webhooks' addresses.
CREATE TABLE provider_accounts (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    signature TEXT NOT NULL,
    sandbox INTEGER NOT NULL,
    api_base_url TEXT NOT NULL,
    public_base_url TEXT NOT NULL,
    price_per_minute REAL NOT NULL,
    billing_increment_seconds INTEGER NOT NULL,
    ownership TEXT NOT NULL,
    secrets BLOB
) STRICT;

CREATE TABLE locations (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    hours TEXT NOT NULL,
    holidays TEXT NOT NULL,
    closed_dates TEXT NOT NULL,
    special_hours TEXT NOT NULL,
    on_no_answer TEXT NOT NULL,
    ring_timeout INTEGER NOT NULL,
    ring TEXT NOT NULL,
    queue_max_wait_seconds INTEGER NOT NULL,
    queue_wait_prompt TEXT NOT NULL,
    queue_wait_play_url TEXT NOT NULL,
    prompts TEXT NOT NULL,
    lines TEXT NOT NULL,
    rules TEXT NOT NULL,
    overrides TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    masking_mode TEXT NOT NULL,
    masking_policy TEXT NOT NULL,
    masking_default_channels TEXT NOT NULL,
    provider_ownership TEXT NOT NULL,
    max_masking_numbers INTEGER NOT NULL,
    cooldown_days INTEGER NOT NULL,
    grace_window_days INTEGER NOT NULL,
    eager_provisioning_enabled INTEGER NOT NULL,
    retention_days INTEGER NOT NULL,
    store_sms_body INTEGER NOT NULL,
    record_voice_calls INTEGER NOT NULL,
    smart_callback_window_minutes INTEGER NOT NULL,
    voice_no_match_action TEXT NOT NULL,
    inbound_callback_route_in_hours TEXT NOT NULL,
    inbound_callback_route_out_of_hours TEXT NOT NULL,
    backoffice_whisper_enabled INTEGER NOT NULL,
    backoffice_whisper_text TEXT NOT NULL,
    backoffice_whisper_require_accept INTEGER NOT NULL,
    backoffice_whisper_accept_key TEXT NOT NULL,
    backoffice_whisper_timeout_seconds INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE technicians (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    phone INTEGER,
    location TEXT,
    active INTEGER NOT NULL,
    masking_opt_in INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    phones TEXT NOT NULL,
    other_phones TEXT NOT NULL,
    location TEXT,
    tags TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE work_orders (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    location TEXT,
    customer TEXT,
    technician TEXT,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    status_at INTEGER,
    tags TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- One number in the installation: an account rents it, or another does.
CREATE TABLE numbers (
    e164 INTEGER NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    account TEXT NOT NULL,
    location TEXT,
    technician TEXT,
    work_order TEXT,
    voice INTEGER NOT NULL,
    sms INTEGER NOT NULL,
    answer_url TEXT,
    state TEXT NOT NULL,
    released_at INTEGER
) STRICT;

CREATE TABLE sessions (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    location TEXT,
    number INTEGER NOT NULL,
    first_party INTEGER,
    second_party INTEGER,
    kind TEXT NOT NULL,
    technician TEXT,
    customer TEXT,
    work_order TEXT,
    expires_at INTEGER,
    ended_at INTEGER,
    ended_by TEXT,
    started_at INTEGER,
    ring_timeout INTEGER,
    call_time_limit INTEGER,
    record INTEGER,
    first_party_play_url TEXT,
    second_party_play_url TEXT,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_number ON sessions (number);

-- The phones that a live or graceful session holds on its number: one (number, phone), one session. Phone 0 stands for
-- whoever calls a session of one party.
CREATE TABLE session_pairs (
    number INTEGER NOT NULL,
    phone INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    session TEXT NOT NULL,
    PRIMARY KEY (number, phone)
) STRICT, WITHOUT ROWID;

CREATE TABLE applied_files (
    name TEXT NOT NULL PRIMARY KEY,
    sha256 TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE data_keys (
    tenant TEXT NOT NULL,
    kid INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, kid)
) STRICT, WITHOUT ROWID;

-- What webhooks leave behind. The journal is appended to and has no index but its own order; an interaction knows
-- between which of its rows its own are.

CREATE TABLE journal (
    seq INTEGER NOT NULL PRIMARY KEY,
    interaction TEXT,
    at INTEGER NOT NULL,
    id BLOB NOT NULL,
    claim BLOB NOT NULL,
    account TEXT NOT NULL,
    tenant TEXT,
    step TEXT NOT NULL,
    sid TEXT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    body BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer BLOB NOT NULL,
    slots BLOB,
    slot_hash BLOB,
    held BLOB,
    decision TEXT NOT NULL,
    effects TEXT NOT NULL,
    micros INTEGER NOT NULL
) STRICT;

-- One row per delivery: whoever inserts it first owns the delivery, and its journal row has the answer.
CREATE TABLE claims (
    key BLOB NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE interactions (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    location TEXT,
    account TEXT NOT NULL,
    channel TEXT NOT NULL,
    sid TEXT NOT NULL,
    number INTEGER NOT NULL,
    caller TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    session TEXT,
    matched TEXT NOT NULL,
    route TEXT,
    state TEXT NOT NULL,
    ended_at INTEGER,
    call TEXT,
    decision TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX interactions_by_sid ON interactions (sid);
CREATE INDEX interactions_by_news ON interactions (updated_at);

CREATE TABLE interaction_events (
    seq INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    interaction TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (seq, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
    at INTEGER NOT NULL,
    number INTEGER NOT NULL,
    from_phone INTEGER NOT NULL,
    to_phone INTEGER NOT NULL,
    channel TEXT NOT NULL,
    made_by TEXT NOT NULL,
    tenant TEXT NOT NULL,
    PRIMARY KEY (at, number, from_phone, to_phone, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    interaction TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    location TEXT,
    number INTEGER NOT NULL,
    from_phone TEXT NOT NULL,
    to_phone INTEGER,
    body BLOB,
    media INTEGER NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE message_deliveries (
    interaction TEXT NOT NULL,
    sid TEXT NOT NULL,
    status TEXT NOT NULL,
    progress INTEGER NOT NULL,
    error_code INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (interaction, sid)
) STRICT, WITHOUT ROWID;

CREATE TABLE voicemails (
    interaction TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    location TEXT,
    recording_sid TEXT,
    recording_url TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE transcriptions (
    interaction TEXT NOT NULL PRIMARY KEY,
    words BLOB NOT NULL
) STRICT;

CREATE TABLE todos (
    interaction TEXT NOT NULL,
    kind TEXT NOT NULL,
    tenant TEXT NOT NULL,
    location TEXT,
    channel TEXT NOT NULL,
    phone INTEGER,
    number INTEGER NOT NULL,
    customer TEXT,
    session TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (interaction, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE opt_outs (
    number INTEGER NOT NULL,
    phone INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    opted_out INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (number, phone)
) STRICT, WITHOUT ROWID;

CREATE TABLE choosings (
    number INTEGER NOT NULL,
    phone INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    offered TEXT NOT NULL,
    chosen TEXT,
    chosen_at INTEGER,
    held TEXT,
    PRIMARY KEY (number, phone)
) STRICT, WITHOUT ROWID;

CREATE TABLE automatics (
    number INTEGER NOT NULL,
    phone INTEGER NOT NULL,
    what TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (number, phone, what)
) STRICT, WITHOUT ROWID;

-- How far a job has come, by its name.
CREATE TABLE marks (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
