"""The slow hash of each selector, paid once for each stretching, and kept sealed."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from indexer.list.draft_rows import open_statement
from indexer.list.file import ListFile
from indexer.list.resolved import NOT_LISTED, Resolved
from indexer.list.sealed_share import SealedShare
from indexer.stretching import Stretching
from indexer.workers import batches
from screening.vocabulary.selector import Canonical, Stretched

STRETCHED_PLACE: Final = b"stretched\0"


class Unhashed(NamedTuple):
    """A listed selector without a slow hash: `form` is the tag of the form that needs one."""

    form: bytes
    kind: str
    tag: bytes
    sealed: bytes


class Hashed(NamedTuple):
    """A listed selector with its slow hash, and the tag of the form that was hashed."""

    form: bytes
    canonical: Canonical
    stretched: Stretched


class SlowHashes:
    """The slow hashes of one stretching in a list file."""

    def __init__(self, list_file: ListFile, stretching: Stretching) -> None:
        self._file = list_file
        self._name = _tag(list_file, stretching)
        self._place = STRETCHED_PLACE + self._name

    def missing(self, resolved: Resolved) -> list[Unhashed]:
        """Return the listed selectors that lack theirs."""
        rows = resolved.connection.execute(
            "SELECT p.form, p.kind, e.tag, e.sealed FROM resolved AS p "
            "JOIN entries AS e ON e.id = p.id AND e.since = p.since "
            "WHERE p.expires_at IS NOT ? "
            "AND p.form NOT IN (SELECT tag FROM stretched WHERE stretching = ?)",
            (NOT_LISTED, self._name),
        )
        return [Unhashed(*row) for row in rows]

    def keep(self, values: Sequence[tuple[bytes, Stretched]]) -> None:
        """Store values by the tag of their form, durably.

        An interrupted publish does not pay them again.
        """
        seal = self._file.sealer.seal
        with self._file.transaction():
            self._file.connection.executemany(
                "INSERT OR REPLACE INTO stretched VALUES (?, ?, ?)",
                [(self._name, tag, seal(value, self._place + tag)) for tag, value in values],
            )

    def known(self, resolved: Resolved, *, after: bytes, at_most: int) -> list[Hashed]:
        """Return listed selectors that have theirs, in the order of their forms `after` one."""
        rows = resolved.connection.execute(
            "SELECT p.form, p.kind, e.tag, e.sealed, s.sealed FROM resolved AS p "
            "JOIN entries AS e ON e.id = p.id AND e.since = p.since "
            "JOIN stretched AS s ON s.stretching = ? AND s.tag = p.form "
            "WHERE p.expires_at IS NOT ? AND p.form > ? ORDER BY p.form LIMIT ?",
            (self._name, NOT_LISTED, after, at_most),
        )
        sealer = self._file.sealer
        return [
            Hashed(
                form,
                open_statement(tag, kind, sealed, sealer),
                Stretched(sealer.open(stretched, self._place + form)),
            )
            for form, kind, tag, sealed, stretched in rows
        ]

    def shares(self, resolved: Resolved, *, size: int) -> Iterator[SealedShare]:
        """Yield those of all resolved selectors, in shares of so many."""
        rows = resolved.connection.execute(
            "SELECT p.form, s.sealed, p.expires_at FROM resolved AS p "
            "JOIN stretched AS s ON s.stretching = ? AND s.tag = p.form",
            (self._name,),
        )
        for batch in batches(rows, size):
            yield SealedShare(self._file.sealer, self._place, batch)


def note_forgotten(list_file: ListFile, tags: str, places: Sequence[int] = ()) -> None:
    """Note, in place of what was noted before, which selectors `forget_unlisted` is to look at.

    `tags` is a query for tags of forms that entries hold now, and `places` are the values in it.
    """
    sql = list_file.connection
    sql.execute("DROP TABLE IF EXISTS temp.forgotten")
    sql.execute("CREATE TEMP TABLE forgotten (tag BLOB PRIMARY KEY) STRICT, WITHOUT ROWID")
    sql.execute(f"INSERT OR IGNORE INTO forgotten {tags}", places)


def forget_unlisted(list_file: ListFile) -> None:
    """Remove the slow hashes of those selectors noted that no entry holds any more.

    It costs what was forgotten, however long the list is.
    """
    for name in _stretchings(list_file):
        list_file.connection.execute(
            "DELETE FROM stretched WHERE stretching = ? AND tag IN "
            "(SELECT tag FROM forgotten WHERE tag NOT IN (SELECT tag FROM entries) "
            "AND tag NOT IN (SELECT former FROM entries WHERE former IS NOT NULL))",
            (name,),
        )


def forget_stretchings(list_file: ListFile, *, but: Iterable[Stretching]) -> None:
    """Remove the slow hashes of all stretchings but those."""
    kept = {_tag(list_file, one) for one in but}
    for name in _stretchings(list_file):
        if name not in kept:
            list_file.connection.execute("DELETE FROM stretched WHERE stretching = ?", (name,))


def _stretchings(list_file: ListFile) -> list[bytes]:
    """Return the names of all stretchings, each found by one step in the index."""
    rows = list_file.connection.execute(
        "WITH RECURSIVE names (name) AS (SELECT min(stretching) FROM stretched UNION ALL SELECT "
        "(SELECT min(stretching) FROM stretched WHERE stretching > name) FROM names "
        "WHERE name IS NOT NULL) SELECT name FROM names WHERE name IS NOT NULL"
    )
    return [row[0] for row in rows]


def _tag(list_file: ListFile, stretching: Stretching) -> bytes:
    return list_file.sealer.tag(b"stretching\0" + stretching.described())
