"""Entries begin and end with revisions: what `revisions.py` does to the rows of the list file.

What a change ends is noted as superseded: a file that is older than the change must not bring it
back. What was noted is not forgotten: nobody knows how old a file may be.
"""

from collections.abc import Mapping
from typing import Final

from indexer.list.drafts import Draft
from indexer.list.file import ListFile
from indexer.list.resolved import OPEN
from indexer.list.slow_hashes import note_forgotten

ENTRY: Final = (
    "id, said, subject, tag, kind, role, list, confidence, jurisdictions, first_seen, last_seen, "
    "review_by, expires_at, sealed, former"
)
_UNSTAGED: Final = "id NOT IN (SELECT id FROM draft)"
_REPLACED: Final = (
    "role != 'victim' AND subject IN (SELECT subject FROM draft) "
    "AND id NOT IN (SELECT id FROM draft)"
)
# By their ids, which the index by tag has: else SQLite looks for them in all that is open.
_OF_SELECTOR: Final = (
    "role != 'victim' AND id IN (SELECT of.id FROM entries AS of WHERE of.tag = :tag)"
)
_STAGED_ALONE: Final = (
    "NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.tag = b.tag AND e.until = :open "
    "AND e.role != 'victim' AND e.id NOT IN (SELECT id FROM draft))"
)
_STAGED_BLOCKS: Final = (
    "b.why = 'excluded' AND b.until = :open "
    "AND b.tag IN (SELECT tag FROM draft WHERE role != 'victim')"
)
_RETRACTED_SINCE: Final = (
    "SELECT tag FROM blocks WHERE why = 'retracted' AND (until = :open OR since > :earlier)"
)
_UNDONE: Final = f"said NOT IN (SELECT said FROM entries WHERE tag IN ({_RETRACTED_SINCE}))"  # noqa: S608 - a constant
_DISCARD: Final = tuple(
    statement.format(table=table)
    for table in ("entries", "blocks", "superseded")
    for statement in (
        "DELETE FROM {table} WHERE since > :landed",
        "UPDATE {table} SET until = :open WHERE until > :landed AND until < :open",
    )
)


def end_unstaged(list_file: ListFile, revision: int) -> None:
    """End all that a draft does not hold."""
    _end(list_file, _UNSTAGED, revision)


def end_replaced(list_file: ListFile, revision: int) -> None:
    """End what the sources of a draft say otherwise in it, but never that somebody is a victim."""
    _end(list_file, _REPLACED, revision)


def end_selector(list_file: ListFile, tag: bytes, revision: int) -> None:
    """End all that is said of a selector, but that it is a victim's."""
    _end(list_file, _OF_SELECTOR, revision, tag=tag)


def begin_staged(draft: Draft, revision: int) -> None:
    """Begin the entries of a draft that are not there yet."""
    sql, places = draft.list_file.connection, {"revision": revision, "open": OPEN}
    sql.execute(
        f"INSERT INTO entries ({ENTRY}, since) SELECT id, said, subject, tag, kind, role, list, "  # noqa: S608 - a constant
        "confidence, jurisdictions, min(coalesce(first_seen, (SELECT min(e.first_seen) "
        "FROM entries AS e WHERE e.subject = draft.subject), :now), last_seen), "
        "last_seen, review_by, expires_at, sealed, former, :revision FROM draft "
        "WHERE NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.id = draft.id AND e.until = :open)",
        {"now": draft.staged_at, **places},
    )
    # What was read for a list was held against the safety lists as they are now; what stands
    # beside it was not, and may be another spelling of the selector, which a rule covers.
    sql.execute(
        f"UPDATE blocks AS b SET until = :revision WHERE {_STAGED_BLOCKS} AND {_STAGED_ALONE}",  # noqa: S608 - of constants
        places,
    )


def is_beside_blocked(draft: Draft) -> bool:
    """Tell whether a begun draft names a selector that another entry, not of it, may block.

    It may be another spelling, which a rule covers; or what was corrected by the draft, and then
    nothing blocks the selector any more. That is known once the entries are opened.
    """
    found = draft.list_file.connection.execute(
        f"SELECT 1 FROM blocks AS b WHERE {_STAGED_BLOCKS}",  # noqa: S608 - a constant
        {"open": OPEN},
    )
    return found.fetchone() is not None


def restore_entries(list_file: ListFile, earlier: int, revision: int) -> None:
    """Begin what an `earlier` revision said, and end what was added since; victims stay.

    What was retracted meanwhile, lifted or not, is not restored. What is ended here is not noted:
    it was a mistake, and the same file, corrected or not, may be added again. Nor does what the
    undone changes have noted stay: what they corrected, may be said again, too.
    """
    sql, places = (
        list_file.connection,
        {"earlier": earlier, "revision": revision, "open": OPEN},
    )
    sql.execute(
        f"INSERT INTO entries ({ENTRY}, since) SELECT {ENTRY}, :revision FROM entries "  # noqa: S608 - a constant
        "WHERE since <= :earlier AND until > :earlier AND until < :open "
        "AND id NOT IN (SELECT id FROM entries WHERE until = :open) "
        f"AND (role = 'victim' OR tag NOT IN ({_RETRACTED_SINCE}))",
        places,
    )
    sql.execute(
        "UPDATE entries SET until = :revision WHERE until = :open "
        "AND since > :earlier AND since < :revision AND role != 'victim' "
        "AND id NOT IN (SELECT id FROM entries WHERE since <= :earlier AND until > :earlier)",
        places,
    )
    restore_superseded(list_file, places)


def lists_with_entries(list_file: ListFile) -> list[str]:
    """Return the names of the lists that have an entry, sorted; it costs a step for each list."""
    # Named, since SQLite would rather search all open entries than step through this one.
    open_ones = f"entries INDEXED BY entries_by_list WHERE until = {OPEN}"
    rows = list_file.connection.execute(
        f"WITH RECURSIVE names (name) AS (SELECT min(list) FROM {open_ones} UNION ALL "  # noqa: S608 - constants
        f"SELECT (SELECT min(list) FROM {open_ones} AND list > name) FROM names "
        "WHERE name IS NOT NULL) SELECT name FROM names WHERE name IS NOT NULL"
    )
    return [row[0] for row in rows]


def discard_unlanded(list_file: ListFile, landed: int) -> None:
    """Undo what revisions after `landed` have begun and ended."""
    _forget(list_file, "since > ?", landed)
    for statement in _DISCARD:
        list_file.connection.execute(statement, {"open": OPEN, "landed": landed})


def forget_ended(list_file: ListFile, oldest: int) -> None:
    """Remove what no revision from `oldest` on holds."""
    _forget(list_file, "until <= ?", oldest)
    for table in ("blocks", "superseded"):
        list_file.connection.execute(f"DELETE FROM {table} WHERE until <= ?", (oldest,))  # noqa: S608 - of two constants


def _end(list_file: ListFile, which: str, revision: int, **values: bytes) -> None:
    places: dict[str, int | bytes] = {"revision": revision, "open": OPEN, **values}
    _supersede(list_file, which, places)
    list_file.connection.execute(
        f"UPDATE entries SET until = :revision WHERE until = :open AND {which}",  # noqa: S608 - of constants
        places,
    )


def _supersede(list_file: ListFile, which: str, places: Mapping[str, int | bytes]) -> None:
    """Note what ends, in place of what was noted of it as of an earlier day: that follows from it.

    So what is noted grows with what was said otherwise, and not with every day on which a source
    says again what it has seen again.
    """
    ending = (
        "(SELECT said, max(last_seen) AS last_seen FROM entries "  # noqa: S608 - of constants
        f"WHERE until = :open AND role != 'victim' AND {which} GROUP BY said) AS e"
    )
    list_file.connection.execute(
        f"UPDATE superseded AS s SET until = :revision FROM {ending} WHERE s.said = e.said "  # noqa: S608 - of constants
        "AND s.until = :open AND s.last_seen < e.last_seen",
        places,
    )
    list_file.connection.execute(
        f"INSERT INTO superseded SELECT said, last_seen, :revision, :open FROM {ending} "  # noqa: S608 - of constants
        "WHERE NOT EXISTS "
        "(SELECT 1 FROM superseded AS s WHERE s.said = e.said AND s.until = :open)",
        places,
    )


def restore_superseded(list_file: ListFile, places: Mapping[str, int | bytes]) -> None:
    """Note of what a rollback restores what was noted of it then, and nothing else.

    Of what was retracted since, all stays noted: a rollback does not undo that.
    """
    sql = list_file.connection
    sql.execute(
        "UPDATE superseded SET until = :revision "  # noqa: S608 - of constants
        f"WHERE until = :open AND since > :earlier AND {_UNDONE}",
        places,
    )
    sql.execute(
        "INSERT INTO superseded SELECT said, last_seen, :revision, :open FROM superseded "  # noqa: S608 - of constants
        f"WHERE since <= :earlier AND until > :earlier AND until < :revision AND {_UNDONE}",
        places,
    )


def _forget(list_file: ListFile, which: str, revision: int) -> None:
    """Remove entries, and note whose they were."""
    note_forgotten(
        list_file,
        f"SELECT tag FROM entries WHERE {which} "  # noqa: S608 - of two constants
        f"UNION ALL SELECT former FROM entries WHERE {which} AND former IS NOT NULL",
        (revision, revision),
    )
    list_file.connection.execute(f"DELETE FROM entries WHERE {which}", (revision,))  # noqa: S608 - the same
