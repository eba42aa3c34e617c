-- Recordings of calls and voicemails. `file` is an opaque name below media/; its content is sealed with a key of the
-- tenant. `state`: `waiting` at the provider, `stored`, `failed`, `purged`. `sha256` and `bytes` are those of the sound.
CREATE TABLE recordings (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    interaction TEXT NOT NULL,
    kind TEXT NOT NULL,
    location TEXT,
    session TEXT,
    account TEXT NOT NULL,
    sid TEXT,
    url TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    format TEXT,
    file TEXT,
    bytes INTEGER,
    sha256 TEXT,
    stored_at INTEGER
) STRICT;
CREATE INDEX recordings_of ON recordings (tenant, at);
CREATE INDEX recordings_by_interaction ON recordings (interaction);
CREATE INDEX recordings_kept ON recordings (file) WHERE file IS NOT NULL;
