"""The list: one SQLite file with sealed values, revision by revision.

An entry is valid for a range of revisions, so that a revision costs what changed, and the previous
ones can be indexed again after a rollback. A revision counts only once its release is in force:
`discard_drafts` forgets what a publisher that died left behind.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.draft_rows import DraftRow, open_statement
from indexer.index_share import SealedShare
from indexer.list_database import open_database
from indexer.sealing import Sealer
from indexer.stretching import Stretching
from indexer.workers import batches
from screening.vocabulary.selector import Canonical, Stretched

REVISIONS_KEPT: Final = 3
_OPEN: Final = 9_223_372_036_854_775_807  # `until` of an entry that no revision has ended
STRETCHED_PLACE: Final = b"stretched\0"
_INSERTED_TOGETHER: Final = 1_000

# One row for each selector that a revision publishes: it has a live entry, and none of role victim,
# expired or not, neither in this revision nor in a later one: rolling back does not take back that
# somebody is a victim. `id` and `since` are those of any of its entries, which agree on the
# selector.
_RESOLVE: Final = """
    INSERT INTO published SELECT tag, kind, id, since FROM entries AS e
    WHERE since <= :revision AND until > :revision
      AND role != 'victim' AND (expires_at IS NULL OR expires_at >= :as_of)
      AND NOT EXISTS (
        SELECT 1 FROM entries AS v
        WHERE v.tag = e.tag AND v.role = 'victim' AND v.until > :revision)
    GROUP BY tag
"""


@dataclass(frozen=True, slots=True)
class DraftCounts:
    """What taking in a draft has found."""

    taken: int = 0
    duplicates: int = 0
    withheld_victim: int = 0
    withheld_expired: int = 0


class ListFile:
    """The list of one deployment; one process changes it at a time (`indexer/deployment.py`)."""

    def __init__(
        self, path: Path, sealer: Sealer, clock: Callable[[], float], *, read_only: bool = False
    ) -> None:
        """Open the file, made with mode 0600 where it is absent; `read_only` opens what is there.

        Raises `OperatorError` where another version of the indexer has made it.
        """
        self.sealer = sealer
        self._clock = clock
        self._staged_at = 0
        self.connection = open_database(path, read_only=read_only)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

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

    def has_drafts(self) -> bool:
        """Tell whether a revision is left behind that was never in force."""
        found = self.connection.execute(
            "SELECT 1 FROM revisions WHERE revision > ?", (self._landed_revision(),)
        )
        return found.fetchone() is not None

    def discard_drafts(self) -> None:
        """Forget revisions that were never in force."""
        with self.transaction():
            landed = self._landed_revision()
            self.connection.execute("DELETE FROM revisions WHERE revision > ?", (landed,))
            self.connection.execute("DELETE FROM entries WHERE since > ?", (landed,))
            self.connection.execute(
                "UPDATE entries SET until = :open WHERE until > :landed AND until != :open",
                {"open": _OPEN, "landed": landed},
            )

    def stage(self, rows: Iterable[DraftRow]) -> DraftCounts:
        """Collect the entries of a new list, without changing anything yet; then `take_draft`."""
        self.connection.execute("DROP TABLE IF EXISTS temp.draft")
        self.connection.execute(
            "CREATE TEMP TABLE draft (id BLOB PRIMARY KEY, tag BLOB, kind TEXT, role TEXT, "
            "list TEXT, expires_at INTEGER, sealed BLOB) STRICT, WITHOUT ROWID"
        )
        now = self._staged_at = int(self._clock())
        taken = duplicates = victims = expired = 0
        with self.transaction():
            for batch in batches(rows, _INSERTED_TOGETHER):
                added = self.connection.executemany(
                    "INSERT OR IGNORE INTO draft VALUES (?, ?, ?, ?, ?, ?, ?)", batch
                ).rowcount
                taken += added
                duplicates += len(batch) - added
                for _, _, _, role, _, expires_at, _ in batch:
                    victims += role == "victim"
                    expired += expires_at is not None and expires_at < now
        return DraftCounts(taken, duplicates, victims, expired)

    def take_draft(self) -> int:
        """Make the staged entries a revision, not in force yet; return its number."""
        revision = self.next_number("revision")
        # Compared with what is open, not with what is in force: after a rollback these differ, and
        # the revision that was rolled back keeps its entries.
        with self.transaction():
            self.connection.execute(
                "INSERT INTO revisions VALUES (?, ?)", (revision, self._staged_at)
            )
            self.connection.execute(
                "UPDATE entries SET until = ? WHERE until = ? AND id NOT IN (SELECT id FROM draft)",
                (revision, _OPEN),
            )
            self.connection.execute(
                "INSERT INTO entries (id, tag, kind, role, list, expires_at, sealed, since) "
                "SELECT id, tag, kind, role, list, expires_at, sealed, ? FROM draft "
                "WHERE id NOT IN (SELECT id FROM entries WHERE until = ?)",
                (revision, _OPEN),
            )
        return revision

    def resolve(self, revision: int, *, as_of: int | None = None) -> int:
        """Settle which selectors `revision` publishes, for the methods below; count them.

        What has expired is judged as of the moment when the list was taken, so that every partner
        is answered from the same one, unless another moment is given (Unix seconds).
        """
        self.connection.execute("DROP TABLE IF EXISTS temp.published")
        self.connection.execute(
            "CREATE TEMP TABLE published (tag BLOB PRIMARY KEY, kind TEXT, id BLOB, since INTEGER) "
            "STRICT, WITHOUT ROWID"
        )
        moment = self._taken_at(revision) if as_of is None else as_of
        return self.connection.execute(_RESOLVE, {"revision": revision, "as_of": moment}).rowcount

    def count_victims_since(self, revision: int) -> int:
        """Count the selectors of `revision` that later revisions name as victims'."""
        row = self.connection.execute(
            "SELECT count(DISTINCT tag) FROM entries AS e WHERE since <= :revision "
            "AND until > :revision AND role != 'victim' AND EXISTS (SELECT 1 FROM entries AS v "
            "WHERE v.tag = e.tag AND v.role = 'victim' AND v.since > :revision)",
            {"revision": revision},
        ).fetchone()
        return int(row[0])

    def count_expired_since(self, revision: int) -> int:
        """Count the entries that were in force when `revision` was taken, and have expired."""
        row = self.connection.execute(
            "SELECT count(*) FROM entries WHERE since <= :revision AND until > :revision "
            "AND role != 'victim' AND expires_at >= :as_of AND expires_at < :now",
            {
                "revision": revision,
                "as_of": self._taken_at(revision),
                "now": int(self._clock()),
            },
        ).fetchone()
        return int(row[0])

    def draft_count(self) -> int:
        """Count the selectors that the staged entries would publish."""
        row = self.connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM draft WHERE role != 'victim' "
            "AND (expires_at IS NULL OR expires_at >= ?) "
            "AND tag NOT IN (SELECT tag FROM draft WHERE role = 'victim') GROUP BY tag)",
            (self._staged_at,),
        ).fetchone()
        return int(row[0])

    def kinds(self) -> dict[str, int]:
        """Count the resolved selectors by kind."""
        rows = self.connection.execute(
            "SELECT kind, count(*) FROM published GROUP BY kind ORDER BY kind"
        )
        return {str(kind): int(count) for kind, count in rows}

    def unstretched(self, stretching: Stretching) -> list[tuple[bytes, str, bytes]]:
        """Return (tag, kind, sealed statement) of resolved selectors that lack the slow hash."""
        return self.connection.execute(
            "SELECT p.tag, p.kind, e.sealed FROM published AS p "
            "JOIN entries AS e ON e.id = p.id AND e.since = p.since "
            "WHERE p.tag NOT IN (SELECT tag FROM stretched WHERE stretching = ?)",
            (self._stretching_tag(stretching),),
        ).fetchall()

    def open_statement(self, tag: bytes, kind: str, sealed: bytes) -> Canonical:
        """Return the selector that a sealed statement is about."""
        return open_statement(tag, kind, sealed, self.sealer)

    def keep_stretched(
        self, stretching: Stretching, values: Sequence[tuple[bytes, Stretched]]
    ) -> None:
        """Store slow hashes, sealed, durably: an interrupted publish does not pay them again."""
        name = self._stretching_tag(stretching)
        place = STRETCHED_PLACE + name
        with self.transaction():
            self.connection.executemany(
                "INSERT OR REPLACE INTO stretched VALUES (?, ?, ?)",
                [(name, tag, self.sealer.seal(value, place + tag)) for tag, value in values],
            )

    def stretched(self, stretching: Stretching, *, share: int) -> Iterator[SealedShare]:
        """Yield the slow hash of every resolved selector, in shares of so many."""
        name = self._stretching_tag(stretching)
        place = STRETCHED_PLACE + name
        rows = self.connection.execute(
            "SELECT p.tag, s.sealed FROM published AS p "
            "JOIN stretched AS s ON s.stretching = ? AND s.tag = p.tag",
            (name,),
        )
        for batch in batches(rows, share):
            yield SealedShare(self.sealer, place, batch)

    def partner_state(self, name: str) -> str | None:
        """Return `adding` or `active`, None where there is no such partner."""
        row = self.connection.execute(
            "SELECT state FROM partners WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else str(row[0])

    def forget_before(self, oldest_kept: int, *, used: Collection[Stretching]) -> None:
        """Remove entries that no kept revision holds, and the slow hashes of what is gone.

        `used` are the stretchings of live token keys; slow hashes of all others go too.
        """
        with self.transaction():
            self.connection.execute("DELETE FROM revisions WHERE revision < ?", (oldest_kept,))
            self.connection.execute("DELETE FROM entries WHERE until <= ?", (oldest_kept,))
            self.connection.execute(
                "DELETE FROM stretched WHERE tag NOT IN (SELECT tag FROM entries)"
            )
            kept = {self._stretching_tag(one) for one in used}
            found = self.connection.execute("SELECT DISTINCT stretching FROM stretched").fetchall()
            for (tag,) in found:
                if tag not in kept:
                    self.connection.execute("DELETE FROM stretched WHERE stretching = ?", (tag,))

    def _landed_revision(self) -> int:
        row = self.connection.execute(
            "SELECT coalesce(max(revision), 0) FROM releases WHERE state != 'flipping'"
        ).fetchone()
        return int(row[0])

    def _taken_at(self, revision: int) -> int:
        row = self.connection.execute(
            "SELECT as_of FROM revisions WHERE revision = ?", (revision,)
        ).fetchone()
        return int(row[0])

    def _stretching_tag(self, stretching: Stretching) -> bytes:
        return self.sealer.tag(b"stretching\0" + stretching.described())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make several statements one change."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
