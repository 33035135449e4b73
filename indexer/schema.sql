-- The list file. Values that could identify anyone are sealed; tags are keyed and blind.

PRAGMA user_version = 4;  -- of this schema; `indexer/list_database.py` refuses any other

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES
    ('sequence', 0),  -- last sequence signed with; never goes back
    ('build', 0),     -- last generation built
    ('revision', 0);  -- last list revision numbered

-- One row for each curated statement about a selector, valid for revisions [since, until). A revision
-- is one change of the list, and there is one line of them: a rollback is a revision of its own.
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
-- These two tell what has changed since a revision, at the cost of what has.
CREATE INDEX entries_by_since ON entries (since);
CREATE INDEX entries_by_until ON entries (until);

-- Selectors that are not listed, and not taken in again, whatever any entry says.
CREATE TABLE retractions (
    tag    BLOB NOT NULL,         -- blind tag of the selector
    kind   TEXT NOT NULL,
    sealed BLOB NOT NULL,         -- the reason
    since  INTEGER NOT NULL,
    until  INTEGER NOT NULL DEFAULT 9223372036854775807,  -- when it was lifted
    PRIMARY KEY (tag, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX retractions_by_since ON retractions (since);
CREATE INDEX retractions_by_until ON retractions (until);

CREATE TABLE revisions (
    revision     INTEGER PRIMARY KEY,
    as_of        INTEGER NOT NULL,  -- Unix seconds; expired by then is in none of its indexes
    published_at INTEGER NOT NULL,  -- when its list was first in force
    command      TEXT NOT NULL,
    content      INTEGER NOT NULL   -- the revision that added last: itself, or whose list was restored
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

-- The generations that are kept, and those that were begun and never in force.
CREATE TABLE generations (
    generation      TEXT PRIMARY KEY,
    key_id          TEXT NOT NULL,
    revision        INTEGER NOT NULL,  -- the last that it contains
    manifest_sha256 TEXT NOT NULL,
    count           INTEGER NOT NULL,
    built_at        INTEGER NOT NULL,
    last_release    INTEGER NOT NULL   -- the last that it was in force with, 0 before
) STRICT;

CREATE TABLE releases (
    release      INTEGER PRIMARY KEY,  -- the sequence it was signed with
    revision     INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    issued_at    INTEGER NOT NULL,
    command      TEXT NOT NULL,
    actor        TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('flipping', 'in_force', 'superseded'))
) STRICT;

-- What each release answers the checks of each token key from.
CREATE TABLE indexes (
    release        INTEGER NOT NULL REFERENCES releases ON DELETE CASCADE,
    key_id         TEXT NOT NULL,
    generation     TEXT NOT NULL,
    overlay_count  INTEGER NOT NULL,
    overlay_sha256 TEXT NOT NULL,
    PRIMARY KEY (release, key_id)
) STRICT, WITHOUT ROWID;
