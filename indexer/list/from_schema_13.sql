-- Brings a list file of schema 13, the one before `schema.sql`, to that.

ALTER TABLE blocks ADD COLUMN decided_at INTEGER;
ALTER TABLE exclusion_rules ADD COLUMN decided_at INTEGER;

CREATE TABLE suspensions (
    partner    TEXT PRIMARY KEY,
    decided_at INTEGER NOT NULL    -- Unix seconds, the latest
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 14;
