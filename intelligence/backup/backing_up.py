"""One folder with all of the console but its keys, made while it serves.

The reasons are in `docs/decisions/0041-backup-of-the-console.md`.
"""

import os
import shutil
import socket
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from intelligence.backup.description import (
    LEDGER,
    POSTGRESQL_DUMP,
    SQLITE_FILE,
    Description,
    hash_of,
    write_description,
)
from intelligence.backup.dumping import copy_sqlite, dump_postgresql
from intelligence.backup.ledger_copy import copy_ledger
from intelligence.opening import open_database, open_journal
from intelligence.settings import IntelligenceSettings
from intelligence.store.database import Database
from intelligence.store.schema import require_current_schema
from screening import __version__
from screening.account import actor
from screening.private_files import open_private, sync_directory
from screening.vocabulary.errors import OperatorError


def back_up(settings: IntelligenceSettings, folder: Path) -> Description:
    """Make the backup `folder`, private and durable, whole or not at all.

    Raises `OperatorError` where the database is damaged: then older backups are the better.
    """
    os.umask(0o077)  # for the files that SQLite makes
    _refuse(settings, folder)
    with open_database(settings) as database:
        require_current_schema(database)
        with open_journal(settings) as journal:
            journal.record(actor(), "backup begun")
        with ExitStack() as undo:
            folder.parent.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
            undo.callback(shutil.rmtree, made)
            description = _written(settings, database, made)
            _put(made, folder)
            undo.pop_all()
        with open_journal(settings) as journal:
            journal.record(actor(), "backed up", files=len(description.files))
    return description


def _refuse(settings: IntelligenceSettings, folder: Path) -> None:
    home = settings.home.resolve()
    if not home.is_dir():
        raise OperatorError(f"{settings.home} is not there; set INTELLIGENCE_HOME to the home")
    if folder.resolve().is_relative_to(home):
        raise OperatorError(f"{folder} is in the home, and would be lost with it; name another")
    if os.path.lexists(folder):
        raise OperatorError(f"{folder} is there already; name another")


def _written(settings: IntelligenceSettings, database: Database, made: Path) -> Description:
    """Write the database, then the ledger: what has changed was on record before."""
    made_at = int(time.time())
    if database.is_sqlite:
        name = SQLITE_FILE
        copy_sqlite(settings.home / SQLITE_FILE, made / name)
    else:
        name = POSTGRESQL_DUMP
        dump_postgresql(database, made / name)
    files = {name: _hash_of(made / name)}
    ledger = copy_ledger(settings.ledger, made / LEDGER)
    files |= {f"{LEDGER}/{one}": sha256 for one, sha256 in ledger.items()}
    description = Description(
        format="console-backup/1",
        made_at=made_at,
        host=socket.gethostname(),
        actor=actor(),
        program=__version__,
        database="sqlite" if database.is_sqlite else "postgresql",
        files=files,
    )
    write_description(made, description)
    return description


def _hash_of(path: Path) -> str:
    with open_private(path) as file:
        os.fsync(file.fileno())
        return hash_of(file)


def _put(made: Path, folder: Path) -> None:
    """Give the folder its name, which nobody has taken meanwhile but for an empty one."""
    sync_directory(made)
    try:
        made.rename(folder)
    except OSError:
        raise OperatorError(f"{folder} is there already; name another") from None
    sync_directory(folder.parent)
