-- Brings a list file of schema 10 to schema 11, from which `from_schema_11.sql` goes on.

CREATE TABLE notices (
    number     INTEGER PRIMARY KEY,  -- counted with the releases: a restore never goes back
    partner    TEXT NOT NULL,
    of_row     TEXT NOT NULL,        -- RECEIPT.row
    ordered_at INTEGER NOT NULL,     -- Unix seconds
    UNIQUE (partner, of_row)
) STRICT;

CREATE TABLE up_files (
    sequence INTEGER PRIMARY KEY,
    document BLOB NOT NULL,          -- the whole file; empty once it is written and not the last
    is_laid  INTEGER NOT NULL
) STRICT;
INSERT INTO up_files SELECT sequence, document, is_laid FROM acknowledgements;
ALTER TABLE acknowledgements RENAME TO acknowledgements_10;
CREATE TABLE acknowledgements (
    sequence INTEGER PRIMARY KEY,
    of       INTEGER NOT NULL,       -- sequence of the down file
    sha256   TEXT,                   -- of that, where it was there
    outcome  TEXT NOT NULL           -- applied, skipped, or the code of a refusal
) STRICT;
INSERT INTO acknowledgements SELECT sequence, of, sha256, outcome FROM acknowledgements_10;
DROP TABLE acknowledgements_10;

CREATE TABLE told_maps (
    key_id   TEXT PRIMARY KEY,
    made_as  TEXT NOT NULL,          -- names pepper and policy of the index that was told
    revision INTEGER NOT NULL,       -- through which all was told, 0 before
    going_to INTEGER NOT NULL,       -- the revision that is being told
    through  BLOB NOT NULL           -- the last form of it that was told
) STRICT;

CREATE TABLE told_segments (
    log     TEXT NOT NULL,           -- verifier key of the log that they are in
    segment TEXT NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (log, segment)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 11;
