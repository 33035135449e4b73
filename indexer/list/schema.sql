-- The list file. Values that could identify anyone are sealed; tags are keyed and blind.

PRAGMA user_version = 14;  -- of this schema; `indexer/list/database.py` takes 8 to 13 over, and refuses any other

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES
    ('sequence', 0),  -- last sequence signed with; never goes back
    ('build', 0),     -- last generation built
    ('revision', 0),  -- last list revision numbered
    ('normaliser', 1),  -- version that the list is read in: what that takes for one has one tag
    ('former_normaliser', 0);  -- version of token keys that are still valid, 0 where there is none

-- One row for each curated statement about a selector, valid for revisions [since, until). A revision
-- is one change of the list, and there is one line of them: a rollback is a revision of its own.
-- Times are Unix seconds.
CREATE TABLE entries (
    id            BLOB NOT NULL,     -- blind tag of the whole statement
    said          BLOB NOT NULL,     -- the same but for last_seen, where the statement gives that
    subject       BLOB NOT NULL,     -- blind tag of who says it of what: selector as `tag`, list and source
    tag           BLOB NOT NULL,     -- blind tag of the selector
    kind          TEXT NOT NULL,
    role          TEXT NOT NULL,
    list          TEXT NOT NULL,
    confidence    INTEGER,           -- 0 to 100
    jurisdictions TEXT NOT NULL,     -- ' DE US ': where alone it may be used; '' is anywhere
    first_seen    INTEGER NOT NULL,
    last_seen     INTEGER NOT NULL,
    review_by     INTEGER,
    expires_at    INTEGER,           -- the last second in which it is in force
    sealed        BLOB NOT NULL,     -- canonical form in the first normaliser version, source, reason
    former        BLOB,              -- tag in the former normaliser version, where it is another one
    since         INTEGER NOT NULL,
    until         INTEGER NOT NULL DEFAULT 9223372036854775807,
    PRIMARY KEY (id, since)
) STRICT, WITHOUT ROWID;
-- Tells what a revision publishes by itself, without the sealed values that lie beside it.
CREATE INDEX entries_by_tag
    ON entries (tag, role, until, expires_at, kind, list, confidence, jurisdictions, former);
CREATE INDEX entries_by_former ON entries (former) WHERE former IS NOT NULL;
CREATE INDEX entries_by_subject ON entries (subject, until);
-- These two tell what has changed since a revision, at the cost of what has.
CREATE INDEX entries_by_since ON entries (since);
CREATE INDEX entries_by_until ON entries (until);
-- Names the lists that have an entry, at the cost of a step for each.
CREATE INDEX entries_by_list ON entries (list) WHERE until = 9223372036854775807;

-- What a list, an addition or a retraction has ended: an older file that says it again, as of no later
-- day, is no news where its source says something else by now. Valid for revisions, as entries are; of
-- what was said as of many days, as by daily exports, only the last one stays.
CREATE TABLE superseded (
    said      BLOB NOT NULL,
    last_seen INTEGER NOT NULL,
    since     INTEGER NOT NULL,
    until     INTEGER NOT NULL DEFAULT 9223372036854775807,
    PRIMARY KEY (said, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX superseded_by_until ON superseded (until);

-- Selectors that are not listed, whatever any entry says: `retracted` by a person, until it is lifted,
-- or `excluded` by a rule of a safety list.
CREATE TABLE blocks (
    tag    BLOB NOT NULL,         -- blind tag of the selector
    why    TEXT NOT NULL CHECK (why IN ('retracted', 'excluded')),
    kind   TEXT NOT NULL,
    sealed BLOB NOT NULL,         -- canonical form in the first normaliser version, reason
    at     INTEGER NOT NULL,      -- Unix seconds
    since  INTEGER NOT NULL,
    until  INTEGER NOT NULL DEFAULT 9223372036854775807,
    decided_at INTEGER,           -- as `at`, but of what the console has signed: when that was written
    PRIMARY KEY (tag, why, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_by_since ON blocks (since);
CREATE INDEX blocks_by_until ON blocks (until);

-- Selectors that no rule of a safety list blocks any more: somebody gave a reason.
CREATE TABLE overrides (
    tag    BLOB PRIMARY KEY,
    kind   TEXT NOT NULL,
    sealed BLOB NOT NULL,         -- canonical form in the first normaliser version, reason
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The rules of this deployment's own safety list, beside those that come with the indexer.
CREATE TABLE exclusion_rules (
    id     BLOB PRIMARY KEY,      -- blind tag of the rule
    sealed BLOB NOT NULL,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    decided_at INTEGER            -- as of blocks
) STRICT, WITHOUT ROWID;

-- Selectors that the operator controls, each in the indexes of one partner alone: see `canaries.py`.
CREATE TABLE canaries (
    tag     BLOB PRIMARY KEY,     -- blind tag of its first normaliser version's form
    kind    TEXT NOT NULL,
    sealed  BLOB NOT NULL,        -- that form, note; empty once it is removed
    at      INTEGER NOT NULL,     -- Unix seconds
    actor   TEXT NOT NULL,
    partner TEXT                  -- who alone is told of it, for good; NULL: nobody yet
) STRICT, WITHOUT ROWID;
CREATE INDEX canaries_by_partner ON canaries (partner, kind);

CREATE TABLE revisions (
    revision     INTEGER PRIMARY KEY,
    as_of        INTEGER NOT NULL,  -- Unix seconds; expired by then is in none of its indexes
    published_at INTEGER NOT NULL,  -- when its list was first in force
    command      TEXT NOT NULL,
    content      INTEGER NOT NULL,  -- the revision that added last: itself, or whose list was restored
    rules        BLOB NOT NULL      -- names the exclusion rules that its entries were held against
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
    state   TEXT NOT NULL CHECK (state IN ('adding', 'active', 'removed')),
    record  BLOB NOT NULL         -- partner record, JSON; signed anew with every release
) STRICT;

-- Token keys that are live no more: a key_id is never used twice, and their secrets are removed.
CREATE TABLE retired_keys (
    key_id  TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    at      INTEGER NOT NULL       -- Unix seconds
) STRICT, WITHOUT ROWID;

-- Partners who are given new keys: both are live until the old ones are retired.
CREATE TABLE rotations (
    partner   TEXT PRIMARY KEY,
    key_id    TEXT NOT NULL,       -- the new token key
    api_key   TEXT NOT NULL,       -- id of the new API key
    retire_at INTEGER NOT NULL,    -- Unix seconds, the earliest at which the old ones go
    is_given  INTEGER NOT NULL,    -- whether the new kit was written
    old_api_key TEXT               -- id of the API key that goes with the old ones, if there is one
) STRICT, WITHOUT ROWID;

-- API keys that a `partner key add` has noted, of each partner the last, until it has ended.
CREATE TABLE begun_keys (
    partner TEXT PRIMARY KEY,
    api_key TEXT NOT NULL          -- its id
) STRICT, WITHOUT ROWID;

-- When partners were suspended: of what the console has signed, when that was written.
CREATE TABLE suspensions (
    partner    TEXT PRIMARY KEY,
    decided_at INTEGER NOT NULL    -- Unix seconds, the latest
) STRICT, WITHOUT ROWID;

-- What of the list the index of each token key holds.
CREATE TABLE policies (
    key_id TEXT PRIMARY KEY,
    policy TEXT NOT NULL          -- JSON, spelled one way: see `indexer/list/policy.py`
) STRICT, WITHOUT ROWID;

-- The generations that are kept, and those that were begun and never in force.
CREATE TABLE generations (
    generation      TEXT PRIMARY KEY,
    key_id          TEXT NOT NULL,
    revision        INTEGER NOT NULL,  -- the last that it contains
    policy          TEXT NOT NULL,     -- that it was built under
    normaliser      INTEGER NOT NULL,  -- version that the list was read in
    pepper_id       TEXT NOT NULL,     -- of the pepper that it was built with
    canaries        BLOB NOT NULL,     -- names the canaries that it was built with
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

-- People whose signatures put an export in force. One who is removed is never registered again.
CREATE TABLE approvers (
    id         TEXT PRIMARY KEY,     -- of the key: see `screening/spools/batch.py`
    name       TEXT NOT NULL,
    public     BLOB NOT NULL,
    added_at   INTEGER NOT NULL,     -- Unix seconds
    added_by   TEXT NOT NULL,
    removed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX approvers_by_name ON approvers (name) WHERE removed_at IS NULL;

-- The down files that are done with, in order and without a gap. What was applied is of a revision,
-- and is forgotten with that where it was never in force.
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

-- The up files in order. One is stored before it is written, so that each is written once.
CREATE TABLE up_files (
    sequence INTEGER PRIMARY KEY,
    document BLOB NOT NULL,          -- the whole file; empty once a later one is written
    is_laid  INTEGER NOT NULL
) STRICT;

-- What acknowledgements have told, by the up files that they are.
CREATE TABLE acknowledgements (
    sequence INTEGER PRIMARY KEY,
    of       INTEGER NOT NULL,       -- sequence of the down file
    sha256   TEXT,                   -- of that, where it was there
    outcome  TEXT NOT NULL           -- applied, skipped, or the code of a refusal
) STRICT;

-- How far the console was told what the digests of a token key stand for: see `told_maps.py`.
CREATE TABLE told_maps (
    key_id   TEXT PRIMARY KEY,
    made_as  TEXT NOT NULL,          -- names pepper and policy of the index that was told
    revision INTEGER NOT NULL,       -- through which all was told, 0 before
    going_to INTEGER NOT NULL,       -- the revision that is being told
    through  BLOB NOT NULL           -- the last form of it that was told
) STRICT;

-- What the console was told last of how something stands: see `told_states.py`.
CREATE TABLE told_states (
    what   TEXT PRIMARY KEY,         -- partners, usage, exclusions
    sha256 TEXT NOT NULL             -- of what was told last
) STRICT;

-- How many records of a segment of an API host's journal were looked through for matches to tell.
CREATE TABLE told_segments (
    log     TEXT NOT NULL,           -- verifier key of the log that they are in
    segment TEXT NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (log, segment)
) STRICT, WITHOUT ROWID;

-- What names the open statements of a revision (`screening/spools/statements.py`).
CREATE TABLE results (
    revision   INTEGER PRIMARY KEY,
    statements INTEGER NOT NULL,
    product    BLOB NOT NULL
) STRICT;

-- What partners are to hear of matches that they were told (`screening/registry/notices.py`).
CREATE TABLE notices (
    number     INTEGER PRIMARY KEY,  -- counted with the releases: a restore never goes back
    partner    TEXT NOT NULL,
    of_row     TEXT NOT NULL,        -- RECEIPT.row
    ordered_at INTEGER NOT NULL,     -- Unix seconds
    UNIQUE (partner, of_row)
) STRICT;
