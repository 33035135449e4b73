"""Two organisations at work on one selector: each is told that there is another, and no more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from intelligence.curation.sealing import Seals
from intelligence.disclosure.sightings import map_ids_of, selector_of
from intelligence.disclosure.tables import DisclosureRow, MapRow
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.database import Database
from screening.vocabulary.selector import Canonical

WORKS_ON_S: Final = 180 * 86_400
"""For so long an organisation that was shown an entry counts as working on it."""
_LOOKED_AT: Final = 100


def others_work_on(
    session: Session, seals: Seals, selector: Canonical, *, organisation: str, now: float
) -> bool:
    """Tell whether another organisation than this one was shown what is said of a selector."""
    shown = exists().where(
        DisclosureRow.map_id.in_(map_ids_of(seals, selector)),
        DisclosureRow.organisation != organisation,
        DisclosureRow.at > int(now) - WORKS_ON_S,
    )
    return bool(session.scalar(select(shown)))


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
        """Return which of one's own last disclosures are shared, the newest first."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.ADD, RecordType.DISCLOSURE):
                return []
            own = (
                select(DisclosureRow, MapRow)
                .join(MapRow, MapRow.id == DisclosureRow.map_id)
                .where(
                    DisclosureRow.account_id == who.account_id,
                    DisclosureRow.organisation.is_not(None),
                    DisclosureRow.at > int(self.clock()) - WORKS_ON_S,
                )
                .order_by(DisclosureRow.at.desc())
                .limit(_LOOKED_AT)
            )
            found: dict[tuple[str, str], SharedCase] = {}
            for row, of in session.execute(own).all():
                case_number = self.seals.text(row, "case_number")
                if (row.receipt, case_number) not in found and self._is_shared(session, row, of):
                    case = SharedCase(row.receipt, case_number, row.at)
                    found[row.receipt, case_number] = case
        return [*found.values()]

    def _is_shared(self, session: Session, row: DisclosureRow, of: MapRow) -> bool:
        return row.organisation is not None and others_work_on(
            session,
            self.seals,
            selector_of(self.seals, of),
            organisation=row.organisation,
            now=self.clock(),
        )
