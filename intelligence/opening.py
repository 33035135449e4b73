"""The home, its database and its ledger, opened for one command or beside another."""

import fcntl
import io
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from sqlalchemy.exc import DBAPIError

from intelligence.journal import Journal
from intelligence.ledger_marks import LedgerMarks
from intelligence.settings import IntelligenceSettings
from intelligence.store.data_keys import open_vault
from intelligence.store.database import Database, telling_of_the_database
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import require_current_schema
from screening.file_lock import try_flock
from screening.ledger.ledger import Ledger
from screening.private_files import ensure_private_directory, open_regular, regular_descriptor
from screening.streams import tell
from screening.vocabulary.errors import OperatorError

_LOCK: Final = "lock"
"""A file of the home, whose lock its holder has."""


@contextmanager
def exclusively(settings: IntelligenceSettings) -> Iterator[None]:
    """Hold the home: its service counts tries, and keeps keys, in memory."""
    os.umask(0o077)  # for the files that SQLite makes
    home = ensure_private_directory(settings.home)
    with io.FileIO(home / _LOCK, "ab", opener=regular_descriptor) as lock:
        if not try_flock(lock):
            raise OperatorError(
                f"another intelligence command uses this home ({home}); stop it first"
            )
        yield


def is_held(settings: IntelligenceSettings) -> bool:
    """Tell whether the service or a command holds the home at this moment."""
    try:
        with open_regular(settings.home / _LOCK) as lock:
            return not try_flock(lock.fileno(), fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


@contextmanager
def alone(settings: IntelligenceSettings) -> Iterator[tuple[Database, Journal]]:
    """Hold home and database, which other hosts may reach as well; raises `OperatorError`.

    Says what of the ledger is missing, and marks at the end how far it goes.
    """
    with (
        exclusively(settings),
        open_database(settings) as database,
        database.held(),
        open_journal(settings) as journal,
    ):
        marks = _find_marks(settings, database, journal)
        for sentence in [] if marks is None else marks.check():
            tell(sentence)
        try:
            yield database, journal
        finally:
            with suppress(DBAPIError):  # then the mark before this one stands
                marks = _find_marks(settings, database, journal)  # its keys may be others by now
                if marks is not None:
                    marks.keep()


def _find_marks(
    settings: IntelligenceSettings, database: Database, journal: Journal
) -> LedgerMarks | None:
    """Return the marks of the ledger; None before `init`, and where keys or schema are others.

    What is wrong with those, the command says.
    """
    try:
        require_current_schema(database)
        vault = open_vault(database, KeyFile(settings.home).read())
    except OperatorError:
        return None
    return LedgerMarks(database, vault, settings.ledger, journal)


@contextmanager
def open_database(settings: IntelligenceSettings) -> Iterator[Database]:
    """Open the database; raises `OperatorError` where it cannot be used."""
    with telling_of_the_database():
        database = Database(settings.sqlalchemy_url())
        try:
            yield database
        finally:
            database.close()


@contextmanager
def open_journal(settings: IntelligenceSettings) -> Iterator[Journal]:
    """Open the ledger, which others may write to, too."""
    with Ledger(ensure_private_directory(settings.ledger), host=socket.gethostname()) as ledger:
        yield Journal(ledger, time.time)
