-- Brings a list file of schema 12 to schema 13, from which `from_schema_13.sql` goes on.

CREATE TABLE told_states (
    what   TEXT PRIMARY KEY,         -- partners, usage, exclusions
    sha256 TEXT NOT NULL             -- of what was told last
) STRICT;
INSERT INTO told_states SELECT 'partners', sha256 FROM told_partners;
DROP TABLE told_partners;

PRAGMA user_version = 13;
