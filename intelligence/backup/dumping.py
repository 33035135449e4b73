"""The database as a file, as of one moment, and out of it again."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import inspect

from intelligence.store.database import Database
from screening.private_files import open_private, sync_directory
from screening.vocabulary.errors import OperatorError

if TYPE_CHECKING:
    import psycopg

_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME")
"""Nothing that libpq reads: another database would be dumped."""
_DATABASE: Final = "PGDATABASE"


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
    arguments = ("--format=custom", "--no-owner", "--no-acl", f"--file={target}")
    _run("pg_dump", *arguments, address=_address(database))


def load_postgresql(database: Database, dump: Path) -> None:
    """Have `pg_restore` make a dump's tables, all of them or none."""
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-acl")
    address = _address(database)
    _run("pg_restore", *options, f"--dbname={address[_DATABASE]}", str(dump), address=address)


def require_readable(dump: Path) -> None:
    """Raise `OperatorError` where `pg_restore` does not read a dump to its end; none is filled."""
    _run("pg_restore", f"--file={os.devnull}", str(dump), address={})


def require_empty(database: Database) -> None:
    """Raise `OperatorError` where a database has tables: a restore overwrites nothing."""
    if inspect(database.engine).get_table_names():
        raise OperatorError(
            "the database is not empty, and a restore overwrites nothing; make a new one for "
            "INTELLIGENCE_DATABASE_URL"
        )


def _run(program: str, *arguments: str, address: Mapping[str, str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise OperatorError(f"{program} is not on the path; install PostgreSQL's client programs")
    done = subprocess.run(
        [found, *arguments],
        env={name: os.environ[name] for name in _KEPT if name in os.environ} | dict(address),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:  # what it says may repeat rows
        raise OperatorError(
            f"{program} has failed with code {done.returncode}, and nothing was kept; check that "
            "it is of the server's version or a newer one, that the database is the user's own, "
            "and that the backup is whole"
        )


def _address(database: Database) -> dict[str, str]:
    """Return where a connection of ours is to, as libpq's variables: arguments show a password.

    Of the connection, and not of the URL: what that leaves open libpq has taken from variables of
    this process, or from a service file, and the program has to take the same database.
    """
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        # Settings take addresses of one driver alone.
        found = cast("psycopg.Connection", driver).pgconn.info
    return {
        one.envvar.decode(): one.val.decode()
        for one in found
        if one.envvar is not None and one.val and one.keyword != b"service"
    }
