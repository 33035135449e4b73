"""The list file: one SQLite database with sealed values, and what all that use it need of it.

What the list says is kept in revisions (`revisions.py`); which selectors one of them publishes for
a partner is resolved from it (`resolved.py`); what was paid to derive lies beside it
(`slow_hashes.py`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from indexer.list.database import open_database
from indexer.list.selector_tags import SelectorTags
from indexer.sealing import Sealer
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normaliser_versions import is_known_version

Number = Literal[
    "sequence",
    "build",
    "revision",
    "normaliser",
    "former_normaliser",
    "restored",
    "pepper_retire_at",
    "failures",
    "canaries_each",
    "up_restored",
]
"""A row of the table `meta`. The last five are there once they are set: the sequence as a restore
has set it, so that a later release is of what was done since; when the pepper before this one may
go, in Unix seconds; how many commands were refused or could not be done; how many canaries each
partner is given; and 1 from a restore to the first up file after it, which goes on from what lies
there."""


class ListFile:
    """The list of one deployment; one process changes it at a time (`indexer/deployment.py`)."""

    def __init__(
        self, path: Path, sealer: Sealer, clock: Callable[[], float], *, read_only: bool = False
    ) -> None:
        """Open the file, made with mode 0600 where it is absent; `read_only` opens what is there.

        Raises `OperatorError` where another version of the indexer has made it.
        """
        self.sealer = sealer
        self.connection = open_database(path, read_only=read_only)
        self._clock = clock
        if not is_known_version(self.number("normaliser")):
            self.connection.close()
            raise OperatorError(
                f"{path} is read in a normaliser version that this indexer does not know; install "
                "the version of the indexer that last changed it, or a later one"
            )

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def now(self) -> int:
        """Return Unix seconds."""
        return int(self._clock())

    def number(self, name: Number) -> int:
        """Return one that is there; raises `LookupError` where it was never set."""
        value = self.find_number(name)
        if value is None:
            raise LookupError(f"the list file has no {name}")
        return value

    def find_number(self, name: Number) -> int | None:
        """Return a number, None where it was never set."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else int(row[0])

    def keep_number(self, name: Number, value: int) -> None:
        """Set a number, whether it is there or not."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def next_number(self, name: Number) -> int:
        """Count up, from 0 on, durably before it returns: no number is ever used twice."""
        row = self.connection.execute(
            "INSERT INTO meta VALUES (?, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name,),
        ).fetchone()
        return int(row[0])

    @property
    def tags(self) -> SelectorTags:
        """What finds selectors in the normaliser version that the list is read in."""
        former = self.number("former_normaliser") or None
        return SelectorTags(self.sealer, self.number("normaliser"), former)

    def landed_revision(self) -> int:
        """Return the last revision that was in force, 0 before the first."""
        row = self.connection.execute(
            "SELECT coalesce(max(revision), 0) FROM releases WHERE state != 'flipping'"
        ).fetchone()
        return int(row[0])

    def partner_state(self, name: str) -> str | None:
        """Return `adding`, `active` or `removed`, None where there is none."""
        row = self.connection.execute(
            "SELECT state FROM partners WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else str(row[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make several statements one change."""
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read the file as it is now, whatever another process commits meanwhile."""
        with self._transaction("BEGIN DEFERRED"):
            self.number("revision")  # a deferred transaction begins with the first look
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self.connection.execute(begin)
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
