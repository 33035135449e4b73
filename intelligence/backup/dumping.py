"""The database as a file, as of one moment, and out of it again."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from psycopg.pq import Conninfo
from sqlalchemy import inspect

from intelligence.store.database import Database
from screening.private_files import open_private, sync_directory
from screening.vocabulary.errors import OperatorError

_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that others write to by SQLite's online backup, in one step.

    In steps it would begin anew with each change that somebody makes meanwhile; as the log is
    written ahead, one step keeps nobody waiting.
    """
    target.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as live,
            closing(sqlite3.connect(target, isolation_level=None)) as copy,
        ):
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file holds all of it
    except sqlite3.Error as error:
        raise OperatorError(
            f"the database could not be copied ({error.sqlite_errorname}): make space beside "
            f"{target.parent}, or see whether the database is whole"
        ) from None
    require_sound(target, "the database is damaged and no backup of it was made; keep older ones")
    with open_private(target) as file:
        os.fsync(file.fileno())
    sync_directory(target.parent)


def require_sound(path: Path, otherwise: str) -> None:
    """Raise `OperatorError` where SQLite finds anything wrong with a file."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as file:
            found = file.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.DatabaseError:
        found = []
    if found != [("ok",)]:
        raise OperatorError(otherwise)


def dump_postgresql(database: Database, target: Path) -> None:
    """Have `pg_dump` write all of a database as of one moment, while others go on."""
    target.touch(mode=0o600)
    _run(database, "pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={target}")


def load_postgresql(database: Database, dump: Path) -> None:
    """Have `pg_restore` make a dump's tables, all of them or none."""
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-acl")
    name = database.engine.url.database or ""
    _run(database, "pg_restore", *options, f"--dbname={name}", str(dump))


def require_empty(database: Database) -> None:
    """Raise `OperatorError` where a database has tables: a restore overwrites nothing."""
    if inspect(database.engine).get_table_names():
        raise OperatorError(
            "the database is not empty, and a restore overwrites nothing; make a new one for "
            "INTELLIGENCE_DATABASE_URL"
        )


def _run(database: Database, program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise OperatorError(f"{program} is not on the path; install PostgreSQL's client programs")
    done = subprocess.run(
        [found, *arguments],
        env=_environment(database),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:  # what it says may repeat rows
        raise OperatorError(
            f"{program} has failed with code {done.returncode}, and nothing was kept; check that "
            "it is of the server's version or a newer one, and that the database is the user's own"
        )


def _environment(database: Database) -> dict[str, str]:
    """Return the address of a database as libpq's variables: arguments would show a password."""
    _, given = database.engine.dialect.create_connect_args(database.engine.url)
    names = {
        one.keyword.decode(): one.envvar.decode()
        for one in Conninfo.get_defaults()
        if one.envvar is not None
    }
    said = {names[name]: str(value) for name, value in given.items() if name in names}
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | said
