"""Two organisations at work on one selector: each is told that there is another, and no more."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from intelligence.disclosure.sightings import map_ids_of
from intelligence.disclosure.tables import DisclosureRow, MapRow
from intelligence.disclosure.withholding import entries_to_disclose
from intelligence.staff.accounts import acting, plain
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.vocabulary.unix_time import DAY_S

WORKS_ON_S: Final = 180 * DAY_S
"""For so long an organisation that was shown an entry counts as working on it."""
_MOST_CASES: Final = 100


def others_work_on(session: Session, of: Select[UUID], *, organisation: str, now: float) -> bool:
    """Tell whether another organisation than this one was shown a selector; `of` are its map's."""
    shown = select(DisclosureRow.organisation).where(
        DisclosureRow.map_id.in_(of),
        DisclosureRow.organisation != organisation,
        DisclosureRow.at > int(now) - WORKS_ON_S,
    )
    others = session.scalars(shown.distinct()).all()
    return any(one is not None and plain(one) != plain(organisation) for one in others)


@dataclass(frozen=True, slots=True)
class SharedCase:
    """A disclosure of one's own; another organisation works on the same selector."""

    receipt: str
    case_number: str
    at: int


@dataclass(frozen=True, slots=True)
class Deconfliction:
    """Tells those who belong to an organisation; colleagues of the list's keeper are none."""

    database: Database
    seals: Seals
    clock: Callable[[], float]

    def shared_cases(self, who: SignedIn) -> Sequence[SharedCase]:
        """Return which of one's own last disclosures are shared, the newest first.

        None of what would not be disclosed any more.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.ADD, RecordType.DISCLOSURE):
                return []
            cases: list[SharedCase] = []
            for kind, term in session.execute(self._selectors(who)).all():
                if len(cases) >= _MOST_CASES:
                    break
                is_of = (MapRow.kind == kind) & (MapRow.canonical_term == term)
                cases += self._cases(session, self._own(who).where(is_of))
        return sorted(cases, key=lambda one: -one.at)[:_MOST_CASES]

    def _own(self, who: SignedIn) -> Select[DisclosureRow, MapRow]:
        """Return what chooses one's own disclosures that count, the newest first."""
        return (
            select(DisclosureRow, MapRow)
            .join(MapRow, MapRow.id == DisclosureRow.map_id)
            .where(
                DisclosureRow.account_id == who.account_id,
                DisclosureRow.organisation.is_not(None),
                DisclosureRow.at > int(self.clock()) - WORKS_ON_S,
            )
            .order_by(DisclosureRow.at.desc())
        )

    def _selectors(self, who: SignedIn) -> Select[str, bytes]:
        """Return what chooses the selectors of these that were disclosed to others, too.

        Each once, however often one looked at it: what is looked at often hides nothing else.
        """
        other, of_other = aliased(DisclosureRow), aliased(MapRow)
        by_other = exists().where(
            other.map_id == of_other.id,
            of_other.kind == MapRow.kind,
            of_other.canonical_term == MapRow.canonical_term,
            other.organisation != DisclosureRow.organisation,
            other.at > int(self.clock()) - WORKS_ON_S,
        )
        return (
            self._own(who)
            .where(by_other)
            .with_only_columns(MapRow.kind, MapRow.canonical_term)
            .group_by(MapRow.kind, MapRow.canonical_term)
            .order_by(None)
            .order_by(func.max(DisclosureRow.at).desc())
        )

    def _cases(self, session: Session, own: Select[DisclosureRow, MapRow]) -> Iterable[SharedCase]:
        """Return one's cases of one selector, none where no other organisation works on it."""
        found_rows = session.execute(own.limit(_MOST_CASES)).all()
        # What was changed in the database may be a case of somebody else.
        rows = [(row, of) for row, of in found_rows if self.seals.holds(row)]
        if not rows or not self._is_shared(session, *rows[0]):
            return []
        found: dict[tuple[str, str], SharedCase] = {}
        for row, _ in rows:
            case_number = self.seals.legible(row, "case_number")
            found.setdefault(
                (row.receipt, case_number), SharedCase(row.receipt, case_number, row.at)
            )
        return found.values()

    def _is_shared(self, session: Session, row: DisclosureRow, of: MapRow) -> bool:
        if row.organisation is None:
            return False
        selector = self.seals.find_selector(of)
        if selector is None:  # what does not open is still found by what finds it
            is_same = (MapRow.kind == of.kind) & (MapRow.canonical_term == of.canonical_term)
            ids = select(MapRow.id).where(is_same)
        elif entries_to_disclose(session, self.seals, selector):
            ids = map_ids_of(self.seals, selector)
        else:
            return False
        return others_work_on(session, ids, organisation=row.organisation, now=self.clock())
