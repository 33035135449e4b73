"""Up files that were passed over: what they may have told of, and by what that is told anew."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.left_files import has_own_list
from intelligence.curation.tables import PassedOverRow

_LIST: Final = "list"


class ToldAnew(NamedTuple):
    """What is told anew as a whole, in words, and by which command of the indexer's.

    `command` is None where this version does not know it.
    """

    what: str
    command: str | None

    @property
    def advice(self) -> str:
        """What to do, in words."""
        if self.command is None:
            return "bring this console to the indexer's version, which says how it is told anew"
        return f"on the indexer's host run: {self.command}"


_TOLD_ANEW: Final[Mapping[str, ToldAnew]] = {
    "partners": ToldAnew("partners", "indexer spool partners --again"),
    "usage": ToldAnew("how much partners ask", "indexer spool partners --again"),
    "exclusions": ToldAnew(
        "the safety lists, and whom hands take off", "indexer spool exclusions --again"
    ),
    _LIST: ToldAnew("a list from before this console", "indexer spool list"),
}
"""By kind. The indexer does it by itself only where there is news, or in another format."""

_OF_ANOTHER_VERSION: Final = ToldAnew("something that this version does not know", None)
"""A kind that nobody tells here: a later version has written it, or somebody else."""


def told_anew(kind: str) -> ToldAnew:
    """Return how what is told of a kind is told anew, whatever kind that is."""
    return _TOLD_ANEW.get(kind, _OF_ANOTHER_VERSION)


def passed_over(session: Session) -> list[PassedOverRow]:
    """Return the files that were passed over and that no later one has replaced yet.

    None of a list from before this console, once that goes on from its own: nobody tells it then,
    or takes it over.
    """
    in_order = (PassedOverRow.sequence, PassedOverRow.kind)
    rows = session.scalars(select(PassedOverRow).order_by(*in_order)).all()
    is_moot = bool(rows) and has_own_list(session)
    return [row for row in rows if not (is_moot and row.kind == _LIST)]
