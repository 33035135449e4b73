"""The SQLite database of the list file: made, or opened when it has the right schema."""

import sqlite3
from importlib import resources
from pathlib import Path
from typing import Final

from screening.vocabulary.errors import OperatorError

_SCHEMA_VERSION: Final = 14
_SCHEMAS_BEFORE: Final = (8, 9, 10, 11, 12, 13)
"""Each has a script that brings a file to the next."""
_CACHE_KIB: Final = 64 * 1024
"""For the list and for temporary tables, each: what is sorted by random tags is read and written
all over its file. SQLite's own 2 MiB cost three times the time for a million entries (measured)."""


def open_database(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the file, made with mode 0600 where it is absent and not only to be read.

    A file of a schema before is brought to this one, unless it is only to be read. Raises
    `OperatorError` then, and where another version of the indexer has made it.
    """
    connection = _open_as_it_is(path) if read_only else _open_or_make(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version in _SCHEMAS_BEFORE and not read_only:
        for before in range(version, _SCHEMA_VERSION):
            _run_script(connection, f"from_schema_{before}.sql")
    elif version in _SCHEMAS_BEFORE:
        connection.close()
        raise OperatorError(
            f"{path} was made by an earlier version of the indexer; run indexer compact, "
            "which takes it over, first"
        )
    elif version != _SCHEMA_VERSION:
        connection.close()
        raise OperatorError(
            f"{path} was not made by this version of the indexer; use the one that made it, or "
            "another INDEXER_HOME"
        )
    return connection


def is_sound(path: Path) -> bool:
    """Tell whether a database file that nobody has open is whole, by SQLite's own check."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True)
    try:
        return connection.execute("PRAGMA integrity_check(1)").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:  # where so much is wrong that it cannot be checked
        return False
    finally:
        connection.close()


def _open_as_it_is(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, isolation_level=None)


def _open_or_make(path: Path) -> sqlite3.Connection:
    fresh = not path.exists()
    if fresh:
        path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute(f"PRAGMA temp.cache_size = -{_CACHE_KIB}")
    if fresh or not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        _run_script(connection, "schema.sql")
    return connection


def _run_script(connection: sqlite3.Connection, name: str) -> None:
    """Run one of the scripts beside this file, all of it or nothing."""
    script = resources.files("indexer.list").joinpath(name).read_text()
    connection.executescript(f"BEGIN;{script};COMMIT;")


def list_file_sentence(error: sqlite3.Error) -> str:
    """Say that the list file cannot be used, and why, as SQLite has it: it repeats no value."""
    return f"the list file cannot be used: {error}; check the disk"
