"""Whom hands have taken off beside a console: kept off, while what is said of them stands.

A retraction by the console ends all that is said but that somebody is a victim. So where something
else stands beside a retraction, that was made by hand, and the console does not know of it.
"""

from collections.abc import Iterator
from typing import Final

from indexer.list.file import ListFile
from indexer.list.reasons import BLOCK_PLACE, open_reason
from screening.vocabulary.selector import Canonical

_BY_HAND: Final = """
    SELECT tag, kind, sealed, at FROM blocks AS b WHERE why = 'retracted'
      AND since <= :revision AND until > :revision AND EXISTS (
        SELECT 1 FROM entries AS e WHERE e.tag = b.tag AND e.role != 'victim'
          AND e.since <= :revision AND e.until > :revision)
"""


def retracted_by_hand(list_file: ListFile, revision: int) -> Iterator[tuple[Canonical, int]]:
    """Yield each of them in a revision, and since when (Unix seconds)."""
    for tag, kind, sealed, at in list_file.connection.execute(_BY_HAND, {"revision": revision}):
        yield open_reason(list_file.sealer, sealed, kind, BLOCK_PLACE + tag).canonical, at
