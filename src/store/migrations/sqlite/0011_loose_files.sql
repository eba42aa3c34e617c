-- Files below media/ that this database began or let go, and that no stored recording names. Only these are removed: what
-- else is there may be another database's. `at` is when, in microseconds.
CREATE TABLE loose_files (file TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
