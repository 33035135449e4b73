"""Whom hands have taken off beside a console: kept off, while what is said of them stands.

A retraction by the console ends all that is said but that somebody is a victim. So where something
else stands beside a retraction, that was made by hand, and the console does not know of it.
"""

from typing import Final, NamedTuple

from indexer.list.file import ListFile
from indexer.list.reasons import BLOCK_PLACE, open_reason
from screening.vocabulary.selector import Canonical

_BY_HAND: Final = """
    SELECT tag, kind, sealed, at, count(*) OVER () FROM blocks AS b WHERE why = 'retracted'
      AND since <= :revision AND until > :revision AND EXISTS (
        SELECT 1 FROM entries AS e WHERE e.tag = b.tag AND e.role != 'victim'
          AND e.since <= :revision AND e.until > :revision)
    ORDER BY at DESC, tag LIMIT :most
"""


class RetractedByHand(NamedTuple):
    """The latest of them, with since when (Unix seconds) each is, and how many earlier ones are."""

    latest: list[tuple[Canonical, int]]
    left_out: int


def retracted_by_hand(list_file: ListFile, revision: int, *, most: int) -> RetractedByHand:
    """Return them as of a revision, `most` of them at the most."""
    named = {"revision": revision, "most": most}
    latest, many = list[tuple[Canonical, int]](), 0
    for tag, kind, sealed, at, many in list_file.connection.execute(_BY_HAND, named):  # noqa: B007 - the same in each row
        reason = open_reason(list_file.sealer, sealed, kind, BLOCK_PLACE + tag)
        latest.append((reason.canonical, at))
    return RetractedByHand(latest, many - len(latest))
