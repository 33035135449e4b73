-- Brings a list file of schema 8 to schema 9, from which `from_schema_9.sql` goes on.

CREATE TABLE canaries (
    tag     BLOB PRIMARY KEY,
    kind    TEXT NOT NULL,
    sealed  BLOB NOT NULL,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    partner TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX canaries_by_partner ON canaries (partner, kind);

ALTER TABLE generations ADD COLUMN canaries BLOB NOT NULL DEFAULT x'';  -- they were built with none

ALTER TABLE rotations ADD COLUMN old_api_key TEXT;
UPDATE rotations SET old_api_key = (  -- a partner had two API keys in a rotation alone
    SELECT json_extract(key.value, '$.id')
    FROM partners, json_each(CAST(record AS TEXT), '$.api_keys') AS key
    WHERE name = rotations.partner AND json_extract(key.value, '$.id') != rotations.api_key
);

CREATE TABLE begun_keys (
    partner TEXT PRIMARY KEY,
    api_key TEXT NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 9;
