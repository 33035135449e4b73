"""What hands have changed since an earlier revision is undone, but for what keeps somebody off.

The statements are again those of then, one by one: the console reckons from them. What was
retracted since stays so, whatever a statement says, and what was retracted then is so again.
"""

from collections.abc import Iterator
from typing import Final

from indexer.list.blocks import Block, begin_block
from indexer.list.draft_rows import open_sealed
from indexer.list.entries import ENTRY, restore_superseded
from indexer.list.file import ListFile
from indexer.list.reasons import BLOCK_PLACE, open_reason
from indexer.list.resolved import IS_PUBLISHED_ROLE, OPEN
from indexer.list.revisions import Revisions
from screening.vocabulary.selector import Canonical, SelectorKind

_WHY: Final = "said by hand, beside the console, to be none to be listed"
_OF_THEN: Final = "since <= :earlier AND until > :earlier"
# Victims, and whom nothing lists any more since their source has said that it does not know.
_KEPT_OFF: Final = f"""
    SELECT DISTINCT tag, kind, sealed FROM entries AS e WHERE until = :open AND since > :earlier
      AND id NOT IN (SELECT id FROM entries WHERE {_OF_THEN})
      AND (role = 'victim' OR NOT {IS_PUBLISHED_ROLE} AND NOT EXISTS (
        SELECT 1 FROM entries AS l WHERE l.tag = e.tag AND l.until = :open
          AND l.{IS_PUBLISHED_ROLE}))
"""  # noqa: S608 - of constants
# What hands had retracted before that, and have lifted since, is not the console's retraction: of
# that nothing is said any more but that somebody is a victim, and of theirs all stands.
_LIFTED: Final = f"""
    FROM blocks AS b WHERE why = 'retracted' AND {_OF_THEN} AND until < :open AND NOT EXISTS (
      SELECT 1 FROM blocks AS o WHERE o.tag = b.tag AND o.why = b.why AND o.until = :open)
    AND NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.tag = b.tag AND e.role != 'victim'
      AND e.since <= :earlier AND e.until > :earlier)
"""  # noqa: S608 - of constants
_RETRACTED_SINCE: Final = f"""
    SELECT tag, kind, sealed FROM blocks WHERE why = 'retracted' AND since > :earlier
      AND until = :open
      AND tag NOT IN (SELECT tag FROM blocks WHERE why = 'retracted' AND {_OF_THEN})
"""  # noqa: S608 - of constants


def undo(list_file: ListFile, earlier: int) -> int:
    """Make the statements of an `earlier` revision those of the list: a revision; return it.

    It is not in force yet.
    """
    revisions, sql = Revisions(list_file), list_file.connection
    places = {"earlier": earlier, "open": OPEN}
    kept_off = list(_kept_off(list_file, places))
    of, rules = revisions.of(earlier), revisions.rules_since(earlier)
    with revisions.beginning("undo", of, rules) as revision:
        places["revision"] = revision
        sql.execute(
            "UPDATE entries SET until = :revision WHERE until = :open AND since > :earlier",
            places,
        )
        sql.execute(
            f"INSERT INTO entries ({ENTRY}, since) SELECT {ENTRY}, :revision FROM entries "  # noqa: S608 - constants
            f"WHERE {_OF_THEN} AND until < :open",
            places,
        )
        sql.execute(
            "INSERT INTO blocks SELECT tag, why, kind, sealed, at, :revision, :open, decided_at "
            f"{_LIFTED}",
            places,
        )
        restore_superseded(list_file, places)
        for canonical in kept_off:
            begin_block(list_file, Block(canonical, "retracted", _WHY), revision)
    return revision


def is_lifted(list_file: ListFile, earlier: int) -> bool:
    """Tell whether something that was retracted in an `earlier` revision is so no more."""
    found = list_file.connection.execute(
        f"SELECT EXISTS (SELECT 1 {_LIFTED})",
        {"earlier": earlier, "open": OPEN},
    )
    return bool(found.fetchone()[0])


def retracted_since(list_file: ListFile, earlier: int) -> list[Canonical]:
    """Return what is retracted, and was not in an `earlier` revision."""
    sql = list_file.connection.execute(_RETRACTED_SINCE, {"earlier": earlier, "open": OPEN})
    return [
        open_reason(list_file.sealer, sealed, kind, BLOCK_PLACE + tag).canonical
        for tag, kind, sealed in sql
    ]


def _kept_off(list_file: ListFile, places: dict[str, int]) -> Iterator[Canonical]:
    for tag, kind, sealed in list_file.connection.execute(_KEPT_OFF, places):
        said = open_sealed(tag, sealed, list_file.sealer)
        yield Canonical(SelectorKind(kind), said.canonical)
