"""How large the lists are, counted by the database: each may have a million entries."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from intelligence.curation.tables import UNDER_WAY, EntryRow, ExportRow


@dataclass(frozen=True, slots=True)
class ListSize:
    """How many entries of a kind a list has; the last file that changed them was written then.

    `coming` of them the file begins that the indexer has not applied yet.
    """

    name: str
    kind: str
    entries: int
    changed_at: int
    coming: int


def list_sizes(session: Session) -> list[ListSize]:
    """Return how many entries each list has of each kind."""
    under_way = select(ExportRow.sequence).where(ExportRow.state.in_(UNDER_WAY))
    is_coming = EntryRow.begun_by.in_(under_way)
    opened = (
        select(
            *(EntryRow.list, EntryRow.kind),
            *(func.count().label("entries"), func.max(EntryRow.begun_by).label("begun")),
            many_of(is_coming).label("coming"),
        )
        .where(EntryRow.ended_by.is_(None))
        .group_by(EntryRow.list, EntryRow.kind)
        .subquery()
    )
    # Of what has ended the last alone is looked up, in an index: a list may be years old.
    is_of_it = (EntryRow.list == opened.c.list) & (EntryRow.kind == opened.c.kind)
    last_end = select(func.max(EntryRow.ended_by)).where(is_of_it).scalar_subquery()
    sized = select(opened, func.coalesce(last_end, 0).label("ended")).subquery()
    last_file = case((sized.c.ended > sized.c.begun, sized.c.ended), else_=sized.c.begun)
    chosen = (
        select(
            *(sized.c.list, sized.c.kind, sized.c.entries),
            *(ExportRow.written_at, sized.c.coming),
        )
        .join(ExportRow, ExportRow.sequence == last_file)
        .order_by(sized.c.list, sized.c.kind)
    )
    return [ListSize(*row) for row in session.execute(chosen)]


def many_of(which: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many of what is counted are so; 0 where nothing is counted."""
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)
