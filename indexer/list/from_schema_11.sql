-- Brings a list file of schema 11, the one before `schema.sql`, to that.

CREATE TABLE told_partners (
    sha256 TEXT NOT NULL             -- of what was told last
) STRICT;

PRAGMA user_version = 12;
