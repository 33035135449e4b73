"""Entries: how operations begin and end them, as the indexer does it, and how that is undone."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Final, NamedTuple, cast
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intelligence.curation.tables import UNDER_WAY, EntryRow, ExportRow
from intelligence.store.sealing import Row, Seals
from screening.spools.changes import Add, Change, ChangedRole, Kind, Lift, Retract
from screening.spools.statements import OpenStatement, StatementSet
from screening.vocabulary.selector import Canonical, SelectorKind

VICTIM: Final = "victim"
"""The role of whom nothing lists."""
_AT_ONCE: Final = 1_000
"""Terms of one query: databases take some tens of thousands."""
_Opened = tuple[EntryRow, Canonical | None]
"""A row with the selector that it is of, None where it was changed, or does not open."""


def canonical_of(change: Change) -> Canonical:
    """Return the selector of an operation, which was made from one."""
    return Canonical(SelectorKind(change.kind), change.canonical)


def blind_id(seals: Seals, selector: Canonical) -> str:
    """Return what the journal calls a selector: nobody without the key can tell which it is."""
    return f"{selector.kind.value}:{seals.term(EntryRow, selector).hex()}"


def by_term(
    seals: Seals, table: type[Row], selectors: Iterable[Canonical]
) -> Iterator[dict[tuple[str, bytes], Canonical]]:
    """Yield many selectors by kind and term in a table, as many at once as one query looks for."""
    named = ((one, term) for one in selectors for term in seals.terms(table, one))
    while some := {(one.kind.value, term): one for one, term in islice(named, _AT_ONCE)}:
        yield some


class Said(NamedTuple):
    """What is said of a selector, and was, the oldest first.

    `unread` are those that may be of it, and were changed, or do not open: of those nobody knows
    whether they protect it. Of another selector are `moved`, which say nothing of this one.
    """

    open: Sequence[EntryRow]
    ended: Sequence[EntryRow]
    unread: Sequence[EntryRow]
    moved: int

    @property
    def counted(self) -> list[EntryRow]:
        """What counts as said in the list of the indexer, too.

        A row that was changed counts as it stands: what differs by that is noticed there.
        """
        return [*self.open, *(row for row in self.unread if row.ended_by is None)]

    @property
    def facts(self) -> dict[str, object]:
        """What goes on record of rows that cannot be read, nothing where all can."""
        changed = len(self.unread) + self.moved
        return {"unread": changed} if changed else {}


class Entries:
    """The rows of one transaction."""

    def __init__(self, session: Session, seals: Seals) -> None:
        self._session = session
        self._seals = seals

    def said_of(self, selector: Canonical) -> Said:
        """Return what is said of a selector, as `said_of_each` does."""
        return self.said_of_each([selector])[selector]

    def said_of_each(self, selectors: Collection[Canonical]) -> dict[Canonical, Said]:
        """Return what is said of each of many selectors, each row held to what is sealed in it.

        Rows are found by their term alone: whatever else of one was written over, it is not missed.
        A query of each took minutes of many.
        """
        found: dict[Canonical, list[_Opened]] = {one: [] for one in selectors}
        for of in by_term(self._seals, EntryRow, selectors):
            by = {term: selector for (_, term), selector in of.items()}
            chosen = select(EntryRow).where(EntryRow.canonical_term.in_(by))
            for row in self._session.scalars(chosen.order_by(EntryRow.begun_by, EntryRow.id)):
                found[by[row.canonical_term]].append((row, self._seals.find_selector(row)))
        return {one: _said(one, rows) for one, rows in found.items()}

    def in_force_of(self, said: Said) -> Sequence[EntryRow]:
        """Return what was said of a selector before the file that is under way."""
        chosen = select(ExportRow.sequence).where(ExportRow.state.in_(UNDER_WAY))
        under_way = self._session.scalars(chosen).all()
        before = [row for row in (*said.open, *said.ended) if row.begun_by not in under_way]
        return [row for row in before if row.ended_by is None or row.ended_by in under_way]

    def take(
        self, changes: Sequence[Change], known: StatementSet, *, of: UUID, sequence: int
    ) -> StatementSet:
        """Begin and end what a change set says, as of an export; return the set of what is open."""
        begun, ended = list[bytes](), list[bytes]()
        said = self.said_of_each({canonical_of(one) for one in changes})
        counted = {selector: of.counted for selector, of in said.items()}
        for change in changes:
            selector = canonical_of(change)
            over, row = self.follow(counted[selector], change, of=of, sequence=sequence)
            for one in over:
                self._seals.alter(one, ended_by=sequence)
                ended.append(line_of(one, selector))
            if row is not None:
                self._session.add(row)
                begun.append(line_of(row, selector))
        self._session.flush()
        return known.changed(begun=begun, ended=ended)

    def follow(
        self, said: list[EntryRow], change: Change, *, of: UUID, sequence: int
    ) -> tuple[list[EntryRow], EntryRow | None]:
        """Have `said` be what is said of a selector after an operation, and no row be changed.

        Return what ends, and what begins, as of a change set and an export.
        """
        ended = [] if isinstance(change, Lift) else self.ended_of(said, change)
        for row in ended:
            said.remove(row)
        begun = None
        if isinstance(change, Add) and not any(self.says(row, change) for row in said):
            begun = self._begun(change, of, sequence)
            said.append(begun)
        return ended, begun

    def addition(self, row: EntryRow) -> Add:
        """Return the operation that says just what an entry says; raises `Undecipherable`."""
        days = {name: _date(getattr(row, name)) for name in ("first_seen", "last_seen")}
        is_forever = row.expires_at is None
        return Add(
            kind=cast("Kind", row.kind),
            canonical=self._seals.selector(row).text,
            list=row.list,
            source=row.source,
            role=cast("ChangedRole", row.role),
            reason=self._seals.text(row, "reason"),
            confidence=row.confidence,
            jurisdictions=row.jurisdictions.split(),
            review_by=None if row.review_by is None else _date(row.review_by),
            expires_at=None if is_forever else datetime.fromtimestamp(row.expires_at or 0, UTC),
            **days,
        )

    def undo(self, sequence: int) -> None:
        """Take back what an export has begun and ended: nothing of it will ever be in force."""
        self._session.execute(delete(EntryRow).where(EntryRow.begun_by == sequence))
        ended = select(EntryRow).where(EntryRow.ended_by == sequence)
        for row in self._session.scalars(ended).all():
            self._seals.alter(row, ended_by=None)
        self._session.flush()

    def ended_of(self, said: Iterable[EntryRow], change: Add | Retract) -> list[EntryRow]:
        """Return what an operation ends of what is said of its selector.

        Never that somebody is a victim.
        """
        rows = [row for row in said if row.role != VICTIM]
        if isinstance(change, Retract):
            return rows
        return [row for row in rows if _is_of_source(row, change) and not self.says(row, change)]

    def is_said(self, said: Said, change: Add) -> bool:
        """Tell whether an entry says just this, word for word: none that was changed does."""
        return any(self.says(row, change) for row in said.open)

    def says(self, row: EntryRow, change: Add) -> bool:
        """Tell whether an entry says just what an addition says, word for word."""
        said = _columns(change)
        is_same = all(getattr(row, name) == value for name, value in said.items())
        return is_same and self._seals.legible(row, "reason") == change.reason

    def _begun(self, change: Add, of: UUID, sequence: int) -> EntryRow:
        selector = canonical_of(change)
        row = EntryRow(
            id=uuid4(),
            canonical_term=self._seals.term(EntryRow, selector),
            change_set_id=of,
            begun_by=sequence,
            **_columns(change),
        )
        row.canonical = self._seals.seal(row, "canonical", change.canonical.encode())
        row.reason = self._seals.seal(row, "reason", change.reason.encode())
        self._seals.bind(row)
        return row


def line_of(row: EntryRow, selector: Canonical) -> bytes:
    """Return the bytes that stand for an entry in what names the list.

    Its selector is given: one row that does not open any more would keep all files back.
    """
    return OpenStatement(
        kind=row.kind,
        canonical=selector.text,
        list=row.list,
        source=row.source,
        role=row.role,
        confidence=row.confidence,
        jurisdictions=row.jurisdictions.split(),
        last_seen=row.last_seen,
        expires_at=row.expires_at,
    ).line()


def _said(selector: Canonical, found: Sequence[_Opened]) -> Said:
    """Return what is said of a selector by the rows of its term."""
    of_it = [row for row, of in found if of == selector]
    unread = [row for row, of in found if of is None]
    return Said(
        [row for row in of_it if row.ended_by is None],
        [row for row in of_it if row.ended_by is not None],
        unread,
        moved=len(found) - len(of_it) - len(unread),
    )


def _is_of_source(row: EntryRow, change: Add) -> bool:
    return (row.list, row.source) == (change.list, change.source)


def _columns(change: Add) -> dict[str, str | int | None]:
    """Return what is kept of an addition as it is, by the name of its column."""
    return {
        "kind": change.kind,
        "list": change.list,
        "source": change.source,
        "role": change.role,
        "confidence": change.confidence,
        "jurisdictions": " ".join(change.jurisdictions),
        "first_seen": _seconds(change.first_seen),
        "last_seen": _seconds(change.last_seen),
        "review_by": None if change.review_by is None else _seconds(change.review_by),
        "expires_at": None if change.expires_at is None else int(change.expires_at.timestamp()),
    }


def _date(at: int) -> date:
    """Return the day that begins at a time."""
    return datetime.fromtimestamp(at, UTC).date()


def _seconds(day: date) -> int:
    """Return when a day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
