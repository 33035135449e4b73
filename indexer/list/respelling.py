"""The list is read in a later normaliser version: what that takes for one selector, gets one tag.

Every entry and block is opened, and changed only where its selector has another form now. Those
of all revisions are changed in one step, as if the list had been read so all along; indexes that
were built before are not gone on with (`indexer/index/indexes.py`).

What one source says of two spellings is one statement then. Both stand, as two rows of one file do:
kits of the version before are answered by either. But what it published of one spelling, ends where
it has said otherwise of another since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from indexer.list.draft_rows import ENTRY_PLACE, open_sealed, subject_of
from indexer.list.file import ListFile
from indexer.list.reasons import BLOCK_PLACE, OVERRIDE_PLACE, open_reason
from indexer.list.resolved import IS_PUBLISHED_ROLE, OPEN
from indexer.list.selector_tags import SelectorTags
from indexer.list.slow_hashes import forget_unlisted, note_forgotten
from indexer.progress import Progress
from indexer.sealing import Sealer
from indexer.workers import Workers, batches
from screening.vocabulary.selector import Canonical, SelectorKind

_LOOKED_AT_TOGETHER: Final = 2_000
_WORTH_SHARING: Final = 50_000

_Row = tuple[bytes, int, bytes, str, str, bytes]
"""Id, since, blind tag, kind, list and sealed statement of an entry."""

# What its source has said otherwise of another spelling, when it had last seen that later: it is as
# if that had replaced it. Where it lists either spelling as of a later day yet, it stands.
_CORRECTED: Final = f"""
    INSERT INTO corrected
    SELECT e.id, e.since, e.said, e.last_seen, max(e.since, min(l.since))
    FROM entries AS e JOIN entries AS l ON l.subject = e.subject AND l.until = :open
    WHERE e.until = :open AND e.{IS_PUBLISHED_ROLE}
      AND e.subject IN (SELECT subject FROM respelled)
      AND l.role != 'victim' AND NOT l.{IS_PUBLISHED_ROLE} AND l.last_seen > e.last_seen
      AND coalesce(l.former, l.tag) != coalesce(e.former, e.tag)
      AND NOT EXISTS (
        SELECT 1 FROM entries AS p WHERE p.subject = e.subject AND p.until = :open
          AND p.{IS_PUBLISHED_ROLE} AND p.last_seen >= l.last_seen)
    GROUP BY e.id, e.since
"""  # noqa: S608 - of constants


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
    subject: bytes
    sealed: bytes


def respell(list_file: ListFile, normaliser: int, progress: Progress) -> Respelling:
    """Read the list in version `normaliser`, a later one than that it is read in.

    The version before becomes the former, in which the indexes of older token keys are still built.
    """
    sql, before = list_file.connection, list_file.tags
    after = SelectorTags(list_file.sealer, normaliser, before.normaliser)
    sql.execute("DROP TABLE IF EXISTS temp.respelled")
    sql.execute(
        "CREATE TEMP TABLE respelled (id BLOB, since INTEGER, former BLOB, tag BLOB, subject BLOB, "
        "sealed BLOB, PRIMARY KEY (id, since)) STRICT, WITHOUT ROWID"
    )
    for found in _respelled(list_file, after, progress):
        sql.executemany("INSERT INTO respelled VALUES (?, ?, ?, ?, ?, ?)", found)
    with list_file.transaction():
        selectors = _count_selectors(list_file)
        sql.execute("UPDATE entries SET former = NULL WHERE former IS NOT NULL")
        sql.execute(
            "UPDATE entries SET former = r.former, tag = r.tag, subject = r.subject, "
            "sealed = r.sealed "
            "FROM respelled AS r WHERE entries.id = r.id AND entries.since = r.since"
        )
        _end_corrected(list_file)
        lapsed = _lapse_overrides(list_file, after)
        _respell_blocks(list_file, after)
        list_file.keep_number("normaliser", normaliser)
        list_file.keep_number("former_normaliser", before.normaliser)
        (count,) = sql.execute("SELECT count(DISTINCT former) FROM respelled").fetchone()
        return Respelling(int(count), selectors - _count_selectors(list_file), lapsed)


def forget_former(list_file: ListFile) -> None:
    """Forget the former version: no token key of it is valid any more."""
    sql = list_file.connection
    with list_file.transaction():
        note_forgotten(list_file, "SELECT former FROM entries WHERE former IS NOT NULL")
        sql.execute("UPDATE entries SET former = NULL WHERE former IS NOT NULL")
        list_file.keep_number("former_normaliser", 0)
        forget_unlisted(list_file)


def _respelled(
    list_file: ListFile, after: SelectorTags, progress: Progress
) -> Iterator[list[_Respelled]]:
    sql = list_file.connection
    (count,) = sql.execute("SELECT count(*) FROM entries").fetchone()
    rows = sql.execute("SELECT id, since, tag, kind, list, sealed FROM entries")
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
    for id_, since, tag, kind, list_, sealed in rows:
        statement = open_sealed(tag, sealed, after.sealer)
        canonical = Canonical(SelectorKind(kind), statement.canonical)
        changed = after.of(canonical)
        if changed != tag:
            subject = subject_of(canonical, list_, statement.source, after)
            resealed = _reseal(after.sealer, sealed, ENTRY_PLACE + tag, ENTRY_PLACE + changed)
            found.append(_Respelled(id_, since, tag, changed, subject, resealed))
    return len(rows), found


def _end_corrected(list_file: ListFile) -> None:
    """End what a source has said otherwise of another spelling, and note that as superseded."""
    sql = list_file.connection
    sql.execute("DROP TABLE IF EXISTS temp.corrected")
    sql.execute(
        "CREATE TEMP TABLE corrected (id BLOB, since INTEGER, said BLOB, last_seen INTEGER, "
        "until INTEGER, PRIMARY KEY (id, since)) STRICT, WITHOUT ROWID"
    )
    sql.execute(_CORRECTED, {"open": OPEN})
    sql.execute(
        "UPDATE entries SET until = c.until FROM corrected AS c "
        "WHERE entries.id = c.id AND entries.since = c.since"
    )
    sql.execute(
        "INSERT INTO superseded SELECT said, max(last_seen), max(until), :open FROM corrected "
        "GROUP BY said ON CONFLICT (said, since) DO UPDATE SET until = :open, "
        "last_seen = max(last_seen, excluded.last_seen)",
        {"open": OPEN},
    )


def _lapse_overrides(list_file: ListFile, after: SelectorTags) -> int:
    """Forget the overrides of what has another form now, or is what another form has become.

    They were given for one form, and by a person; return how many there were.
    """
    sql = list_file.connection
    merged = sql.execute("DELETE FROM overrides WHERE tag IN (SELECT tag FROM respelled)").rowcount
    kept = sql.execute("SELECT tag, kind, sealed FROM overrides").fetchall()
    changed = [
        (tag,)
        for tag, kind, sealed in kept
        if after.of(_form(list_file, sealed, kind, OVERRIDE_PLACE + tag)) != tag
    ]
    sql.executemany("DELETE FROM overrides WHERE tag = ?", changed)
    return merged + len(changed)


def _respell_blocks(list_file: ListFile, after: SelectorTags) -> None:
    """Let what blocks one form of a selector block all, whether entries name it or not."""
    sql, ended, begun = list_file.connection, [], []
    rows = sql.execute("SELECT tag, why, kind, sealed, at, since, until, decided_at FROM blocks")
    for tag, why, kind, sealed, at, since, until, decided_at in rows:
        changed = after.of(_form(list_file, sealed, kind, BLOCK_PLACE + tag))
        if changed != tag:
            resealed = _reseal(after.sealer, sealed, BLOCK_PLACE + tag, BLOCK_PLACE + changed)
            ended.append((tag, why, since))
            begun.append((changed, why, kind, resealed, at, since, until, decided_at))
    sql.executemany("DELETE FROM blocks WHERE tag = ? AND why = ? AND since = ?", ended)
    sql.executemany(
        "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (tag, why, since) DO UPDATE SET until = max(until, excluded.until), "
        "decided_at = max(coalesce(decided_at, at), coalesce(excluded.decided_at, excluded.at))",
        begun,
    )


def _form(list_file: ListFile, sealed: bytes, kind: str, place: bytes) -> Canonical:
    return open_reason(list_file.sealer, sealed, kind, place).canonical


def _count_selectors(list_file: ListFile) -> int:
    row = list_file.connection.execute("SELECT count(DISTINCT tag) FROM entries").fetchone()
    return int(row[0])


def _reseal(sealer: Sealer, sealed: bytes, before: bytes, after: bytes) -> bytes:
    return sealer.seal(sealer.open(sealed, before), after)
