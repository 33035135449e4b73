-- Brings a list file of schema 10, the one before `schema.sql`, to that.

CREATE TABLE notices (
    number     INTEGER PRIMARY KEY,  -- counted with the releases: a restore never goes back
    partner    TEXT NOT NULL,
    of_row     TEXT NOT NULL,        -- RECEIPT.row
    ordered_at INTEGER NOT NULL,     -- Unix seconds
    UNIQUE (partner, of_row)
) STRICT;

PRAGMA user_version = 11;
