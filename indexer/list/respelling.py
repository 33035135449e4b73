"""The list is read in a later normaliser version: what that takes for one selector, gets one tag.

Every entry is opened, and changed only where its selector has another form now. Entries and blocks
of all revisions are changed in one step, as if the list had been read so all along; indexes that
were built before are not gone on with (`indexer/index/indexes.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from indexer.list.draft_rows import ENTRY_PLACE, open_statement
from indexer.list.file import ListFile
from indexer.list.revisions import BLOCK_PLACE
from indexer.list.selector_tags import SelectorTags
from indexer.list.slow_hashes import forget_unlisted
from indexer.progress import Progress
from indexer.sealing import Sealer
from indexer.workers import Workers, batches

_LOOKED_AT_TOGETHER: Final = 2_000
_WORTH_SHARING: Final = 50_000

_Row = tuple[bytes, int, bytes, str, bytes]
"""Id, since, blind tag, kind and sealed statement of an entry."""


@dataclass(frozen=True, slots=True)
class Respelling:
    """What reading the list in another version has come to, in selectors.

    `respelled` have another form than before; `merged` are one with another now; of `lapsed` an
    override no longer holds, because it was given for one of the forms.
    """

    respelled: int
    merged: int
    lapsed: int


class _Respelled(NamedTuple):
    """An entry with another tag than before."""

    id: bytes
    since: int
    former: bytes
    tag: bytes
    sealed: bytes


def respell(list_file: ListFile, normaliser: int, progress: Progress) -> Respelling:
    """Read the list in version `normaliser`, a later one than that it is read in.

    The version before becomes the former, in which the indexes of older token keys are still built.
    """
    sql, before = list_file.connection, list_file.tags
    after = SelectorTags(list_file.sealer, normaliser, before.normaliser)
    sql.execute("DROP TABLE IF EXISTS temp.respelled")
    sql.execute(
        "CREATE TEMP TABLE respelled (id BLOB, since INTEGER, former BLOB, tag BLOB, sealed BLOB, "
        "PRIMARY KEY (id, since)) STRICT, WITHOUT ROWID"
    )
    for found in _respelled(list_file, after, progress):
        sql.executemany("INSERT INTO respelled VALUES (?, ?, ?, ?, ?)", found)
    with list_file.transaction():
        selectors = _count_selectors(list_file)
        sql.execute("UPDATE entries SET former = NULL WHERE former IS NOT NULL")
        sql.execute(
            "UPDATE entries SET former = r.former, tag = r.tag, sealed = r.sealed "
            "FROM respelled AS r WHERE entries.id = r.id AND entries.since = r.since"
        )
        lapsed = sql.execute(
            # One that was given for what another form is now was not given for that form.
            "DELETE FROM overrides WHERE tag IN "
            "(SELECT former FROM respelled UNION SELECT tag FROM respelled)"
        ).rowcount
        _respell_blocks(list_file)
        _keep(list_file, normaliser=normaliser, former=before.normaliser)
        (count,) = sql.execute("SELECT count(DISTINCT former) FROM respelled").fetchone()
        return Respelling(int(count), selectors - _count_selectors(list_file), lapsed)


def forget_former(list_file: ListFile) -> None:
    """Forget the former version: no token key of it is valid any more."""
    sql = list_file.connection
    with list_file.transaction():
        sql.execute("DROP TABLE IF EXISTS temp.forgotten")
        sql.execute("CREATE TEMP TABLE forgotten (tag BLOB PRIMARY KEY) STRICT, WITHOUT ROWID")
        sql.execute(
            "INSERT OR IGNORE INTO forgotten SELECT former FROM entries WHERE former IS NOT NULL"
        )
        sql.execute("UPDATE entries SET former = NULL WHERE former IS NOT NULL")
        _keep(list_file, normaliser=list_file.tags.normaliser, former=0)
        forget_unlisted(list_file)


def _respelled(
    list_file: ListFile, after: SelectorTags, progress: Progress
) -> Iterator[list[_Respelled]]:
    sql = list_file.connection
    (count,) = sql.execute("SELECT count(*) FROM entries").fetchone()
    rows = sql.execute("SELECT id, since, tag, kind, sealed FROM entries")
    with (
        progress.stage("reading the list anew", count) as advance,
        Workers(worth_it=count >= _WORTH_SHARING) as workers,
    ):
        calls = ((batch, after) for batch in batches(rows, _LOOKED_AT_TOGETHER))
        for looked_at, found in workers.starmap(find_respelled, calls):
            advance(looked_at)
            yield found


def find_respelled(rows: list[_Row], after: SelectorTags) -> tuple[int, list[_Respelled]]:
    """Return how many entries were looked at, and those with another tag `after`."""
    found = []
    for id_, since, tag, kind, sealed in rows:
        changed = after.of(open_statement(tag, kind, sealed, after.sealer))
        if changed != tag:
            resealed = _reseal(after.sealer, sealed, ENTRY_PLACE + tag, ENTRY_PLACE + changed)
            found.append(_Respelled(id_, since, tag, changed, resealed))
    return len(rows), found


def _respell_blocks(list_file: ListFile) -> None:
    """Let what blocks one form of a selector block all; a block without entries stays as it is.

    Of that no form is known: an import is held against all tags that its selector ever had.
    """
    sql = list_file.connection
    blocks = sql.execute(
        "SELECT DISTINCT b.tag, r.tag, b.why, b.kind, b.sealed, b.at, b.since, b.until "
        "FROM blocks AS b JOIN respelled AS r ON r.former = b.tag"
    ).fetchall()
    sql.execute("DELETE FROM blocks WHERE tag IN (SELECT former FROM respelled)")
    for former, tag, why, kind, sealed, at, since, until in blocks:
        resealed = _reseal(list_file.sealer, sealed, BLOCK_PLACE + former, BLOCK_PLACE + tag)
        sql.execute(
            "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (tag, why, since) DO UPDATE SET until = max(until, excluded.until)",
            (tag, why, kind, resealed, at, since, until),
        )


def _keep(list_file: ListFile, *, normaliser: int, former: int) -> None:
    list_file.connection.executemany(
        "UPDATE meta SET value = ? WHERE name = ?",
        [(normaliser, "normaliser"), (former, "former_normaliser")],
    )


def _count_selectors(list_file: ListFile) -> int:
    row = list_file.connection.execute("SELECT count(DISTINCT tag) FROM entries").fetchone()
    return int(row[0])


def _reseal(sealer: Sealer, sealed: bytes, before: bytes, after: bytes) -> bytes:
    return sealer.seal(sealer.open(sealed, before), after)
