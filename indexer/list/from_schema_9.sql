-- Brings a list file of schema 9, to schema 10.

CREATE TABLE approvers (
    id         TEXT PRIMARY KEY,     -- of the key: see `screening/spools/batch.py`
    name       TEXT NOT NULL,
    public     BLOB NOT NULL,
    added_at   INTEGER NOT NULL,     -- Unix seconds
    added_by   TEXT NOT NULL,
    removed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX approvers_by_name ON approvers (name) WHERE removed_at IS NULL;

CREATE TABLE exports (
    sequence INTEGER PRIMARY KEY,
    sha256   TEXT,                   -- of the whole file; NULL where one was skipped unseen
    revision INTEGER,                -- NULL: skipped
    told     INTEGER NOT NULL        -- whether the acknowledgement is written
) STRICT;
CREATE TABLE export_batches (
    batch    TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL REFERENCES exports ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE acknowledgements (
    sequence INTEGER PRIMARY KEY,
    of       INTEGER NOT NULL,       -- sequence of the down file
    sha256   TEXT,                   -- of that, where it was there
    outcome  TEXT NOT NULL,          -- applied, skipped, or the code of a refusal
    document BLOB NOT NULL,          -- the whole file
    is_laid  INTEGER NOT NULL
) STRICT;

CREATE TABLE results (
    revision   INTEGER PRIMARY KEY,
    statements INTEGER NOT NULL,
    product    BLOB NOT NULL
) STRICT;

PRAGMA user_version = 10;
