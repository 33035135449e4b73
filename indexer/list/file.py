"""The list file: one SQLite database with sealed values, and what all that use it need of it.

What the list says is kept in revisions (`revisions.py`); which selectors one of them publishes for
a partner is resolved from it (`resolved.py`); what was paid to derive lies beside it
(`slow_hashes.py`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from indexer.list.database import open_database
from indexer.list.selector_tags import SelectorTags
from indexer.sealing import Sealer
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normaliser_versions import is_known_version

RESTORED: Final = "restored"
"""The counter of releases, as a restore has set it: a later release is of what was done since."""


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

    def number(self, name: str) -> int:
        """Return a counter of the `meta` table."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def next_number(self, name: str) -> int:
        """Count up, durably before it returns: no number is ever used twice."""
        row = self.connection.execute(
            "UPDATE meta SET value = value + 1 WHERE name = ? RETURNING value", (name,)
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
