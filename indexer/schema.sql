-- The list file. Values that could identify anyone are sealed; tags are keyed and blind.

PRAGMA user_version = 3;  -- of this schema; `indexer/list_database.py` refuses any other

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES
    ('sequence', 0),  -- last sequence signed with; never goes back
    ('build', 0),     -- last generation built
    ('revision', 0);  -- last list revision numbered

-- One row for each curated statement about a selector, valid for revisions [since, until).
CREATE TABLE entries (
    id         BLOB NOT NULL,     -- blind tag of the whole statement
    tag        BLOB NOT NULL,     -- blind tag of the selector
    kind       TEXT NOT NULL,
    role       TEXT NOT NULL,
    list       TEXT NOT NULL,
    expires_at INTEGER,           -- Unix seconds, the last in which it is in force
    sealed     BLOB NOT NULL,     -- canonical form, source, reason, confidence
    since      INTEGER NOT NULL,
    until      INTEGER NOT NULL DEFAULT 9223372036854775807,
    PRIMARY KEY (id, since)
) STRICT, WITHOUT ROWID;
-- Tells what a revision publishes by itself, without the sealed values that lie beside it.
CREATE INDEX entries_by_tag ON entries (tag, role, until, expires_at, kind);
CREATE INDEX entries_by_until ON entries (until);

-- When each revision's list was taken: what had expired by then is in none of its indexes, however
-- late they are built.
CREATE TABLE revisions (
    revision INTEGER PRIMARY KEY,
    as_of    INTEGER NOT NULL     -- Unix seconds
) STRICT;

-- The slow hash of each selector, paid once for each stretching.
CREATE TABLE stretched (
    stretching BLOB NOT NULL,     -- blind tag of all that the value rests on besides its selector
    tag        BLOB NOT NULL,
    sealed     BLOB NOT NULL,
    PRIMARY KEY (stretching, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE partners (
    name    TEXT PRIMARY KEY,
    state   TEXT NOT NULL CHECK (state IN ('adding', 'active')),
    record  BLOB NOT NULL         -- partner record, JSON; signed anew with every release
) STRICT;

-- Every generation that was ever put in force and is still kept.
CREATE TABLE generations (
    key_id          TEXT NOT NULL,
    revision        INTEGER NOT NULL,
    generation      TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    count           INTEGER NOT NULL,
    PRIMARY KEY (key_id, revision)
) STRICT;

CREATE TABLE releases (
    release      INTEGER PRIMARY KEY,  -- the sequence it was signed with
    revision     INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    issued_at    INTEGER NOT NULL,
    command      TEXT NOT NULL,
    actor        TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('flipping', 'in_force', 'superseded')),
    plan         TEXT NOT NULL         -- key_id -> generation, JSON
) STRICT;
