-- Brings a list file of schema 11 to schema 12, from which `from_schema_12.sql` goes on.

CREATE TABLE told_partners (
    sha256 TEXT NOT NULL             -- of what was told last
) STRICT;

PRAGMA user_version = 12;
