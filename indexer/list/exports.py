"""Which exports are done with, and what is told of them: rows that go with their revisions."""

from collections.abc import Iterable
from typing import NamedTuple

from indexer.list.file import ListFile
from screening.spools.export import FIRST_PREVIOUS


class Done(NamedTuple):
    """An export that is done with; it was skipped where it has no revision."""

    sequence: int
    sha256: str | None
    revision: int | None


class Told(NamedTuple):
    """An acknowledgement; `outcome` is `applied`, `skipped` or the code of a refusal."""

    sequence: int
    of: int
    sha256: str | None
    outcome: str


class Exports:
    """The line of exports that a list file has taken."""

    def __init__(self, list_file: ListFile) -> None:
        self._file = list_file
        self._sql = list_file.connection

    def last(self) -> Done | None:
        """Return the last that is done with, None before the first."""
        row = self._sql.execute(
            "SELECT sequence, sha256, revision FROM exports ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        return None if row is None else Done(*row)

    def next_sequence(self) -> int:
        """Return the number of the file that is to be applied next."""
        last = self.last()
        return 1 if last is None else last.sequence + 1

    def previous(self) -> str | None:
        """Return the hash that the next file has to name; None where the last was skipped."""
        last = self.last()
        if last is None:
            return FIRST_PREVIOUS
        return None if last.revision is None else last.sha256

    def has_seen(self, batch: str) -> bool:
        """Tell whether a batch was applied or skipped before."""
        found = self._sql.execute("SELECT 1 FROM export_batches WHERE batch = ?", (batch,))
        return found.fetchone() is not None

    def note_done(self, done: Done, batches: Iterable[str]) -> None:
        """Note what counts once the revision of `done` is in force, and at once where it is none.

        None of the batches is taken after that. Within a transaction.
        """
        self._sql.execute("INSERT INTO exports VALUES (?, ?, ?, 0)", done)
        self._sql.executemany(
            "INSERT OR IGNORE INTO export_batches VALUES (?, ?)",
            [(batch, done.sequence) for batch in batches],
        )

    def untold(self) -> list[Done]:
        """Return what is done with and not acknowledged: what was applied just now, as a rule."""
        rows = self._sql.execute(
            "SELECT sequence, sha256, revision FROM exports WHERE NOT told ORDER BY sequence"
        )
        return [Done(*row) for row in rows]

    def release_of(self, revision: int) -> int:
        """Return the release that has put a revision in force, 0 where it is not remembered."""
        row = self._sql.execute(
            "SELECT coalesce(min(release), 0) FROM releases "
            "WHERE revision >= ? AND state != 'flipping'",
            (revision,),
        ).fetchone()
        return int(row[0])

    def last_told(self) -> Told | None:
        """Return the last acknowledgement, None before the first."""
        row = self._sql.execute(
            "SELECT sequence, of, sha256, outcome FROM acknowledgements "
            "ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        return None if row is None else Told(*row)

    def keep_told(self, told: Told) -> None:
        """Note what the acknowledgement in an up file tells; within its transaction."""
        self._sql.execute("INSERT INTO acknowledgements VALUES (?, ?, ?, ?)", told)
        self._sql.execute("UPDATE exports SET told = 1 WHERE sequence = ?", (told.of,))


def discard_unlanded_exports(list_file: ListFile, landed: int) -> None:
    """Forget what belongs to revisions after `landed`."""
    for table in ("exports", "results"):
        list_file.connection.execute(f"DELETE FROM {table} WHERE revision > ?", (landed,))  # noqa: S608 - of two constants


def last_exported(list_file: ListFile) -> int | None:
    """Return the revision that the console's last file has made, None where none is in force."""
    (revision,) = list_file.connection.execute(
        "SELECT max(revision) FROM exports WHERE revision <= ?", (list_file.landed_revision(),)
    ).fetchone()
    return None if revision is None else int(revision)
