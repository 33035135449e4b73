"""What lies behind the receipt of a match, shown to whoever says what for, once it is on record."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries
from intelligence.curation.recognising import recognise
from intelligence.curation.sealing import Seals
from intelligence.curation.standing import is_retracted
from intelligence.curation.tables import EntryRow
from intelligence.disclosure.deconfliction import others_work_on
from intelligence.disclosure.sightings import selector_of, sightings_of
from intelligence.disclosure.tables import (
    DisclosureRow,
    MapRow,
    MatchRow,
    MatchState,
    RecordRow,
)
from intelligence.errors import FormRefused
from intelligence.journal import Journal
from intelligence.staff.accounts import acting, require_account
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Account
from intelligence.store.database import Database
from screening.vocabulary.selector import Canonical

PURPOSES: Final[Mapping[str, str]] = {
    "investigation": "Investigation of a crime",
    "prosecution": "Prosecution",
    "protection": "Protection of somebody in danger",
    "court_order": "Order of a court",
    "review": "Review of an entry",
}
"""Of a fixed set: what a person types may be a selector, and all of this goes on record."""

MOST_MATCHES: Final = 16
"""As many as one check may have; of a file that was screened a row is named."""
MOST_SIGHTINGS: Final = 200
_RECEIPT: Final = re.compile(r"([a-z2-7]{26})(?:\.(0|[1-9][0-9]{0,4}))?")
_CASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{1,63}")
_UNKNOWN: Final = "no match of this receipt is known here: it is of none, or has not arrived yet"
_NOT_YET: Final = "the match has arrived, and what it is of has not; ask again tomorrow"
_NOT_OPENED: Final = "the match cannot be opened here; tell whoever runs the service"
_WITHHELD: Final = "what lies behind this receipt is not disclosed here; ask whoever keeps the list"
_WHY_NOT: Final = (
    (MatchState.WAITING, _NOT_YET),
    (MatchState.SEALED, _NOT_OPENED),
    (MatchState.DAMAGED, _NOT_OPENED),
)
_VICTIM: Final = "victim"
_EMPTY: Final[tuple[object, ...]] = (None, "", [])


@dataclass(frozen=True, slots=True)
class Asked:
    """A receipt, of one row where there is one, and what it is asked for."""

    receipt: str
    row: int | None
    purpose: str
    case_number: str

    def __post_init__(self) -> None:
        """Raise `FormRefused` for what says nothing that could be held against anybody."""
        if self.purpose not in PURPOSES:
            raise FormRefused("no purpose is chosen; choose what the disclosure is for")
        if not _CASE.fullmatch(self.case_number):
            raise FormRefused("the case number is missing, or holds other than letters and digits")
        if _is_selector(self.case_number):
            raise FormRefused("this case number reads as a phone, card or e-mail; add its year")

    @property
    def spelled(self) -> str:
        """The receipt as it was given."""
        return self.receipt if self.row is None else f"{self.receipt}.{self.row}"


def asked(receipt: str, purpose: str | None, case_number: str | None) -> Asked:
    """Return what somebody has typed; raises `FormRefused`."""
    found = _RECEIPT.fullmatch(receipt.strip().lower())
    if found is None:
        raise FormRefused("this is no receipt; it has 26 letters and digits, and perhaps .ROW")
    row = None if found[2] is None else int(found[2])
    return Asked(found[1], row, purpose or "", case_number or "")


@dataclass(frozen=True, slots=True)
class Found:
    """What lies behind one match: `is_shared` where another organisation works on it, too."""

    match: Shown
    entry_ids: Sequence[UUID]
    entries: Sequence[Shown]
    sightings: Sequence[Shown]
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Disclosing:
    """Resolves receipts."""

    database: Database
    seals: Seals
    journal: Journal
    clock: Callable[[], float]

    def disclose(self, who: SignedIn, wanted: Asked) -> list[Found]:
        """Return what lies behind a receipt, once it is on record who is shown which fields of it.

        Raises `FormRefused` where there is nothing to be shown, and `NotPermitted`.
        """
        with self.database.writing() as session:
            privileges = acting(session, who, self.clock)
            privileges.require(
                Verb.ADD, RecordType.DISCLOSURE, {"receipt", "purpose", "case_number"}
            )
            account = require_account(session, who.account_id, lock=False)
            looking = _Looking(session, self.seals, privileges, account.organisation, self.clock)
            matches = looking.matches(wanted)
            found = [looking.found(*one) for one in matches]
            for _, _, row in matches:
                self._keep(session, account, wanted, row)
            self._record(account, wanted, found)
        return [shown for _, shown in found]

    def _keep(self, session: Session, account: Account, wanted: Asked, row: MapRow) -> None:
        kept = DisclosureRow(
            id=uuid4(),
            account_id=account.id,
            organisation=account.organisation,
            map_id=row.id,
            receipt=wanted.spelled,
            purpose=wanted.purpose,
            at=int(self.clock()),
        )
        kept.case_number = self.seals.seal(kept, "case_number", wanted.case_number.encode())
        session.add(kept)

    def _record(
        self, account: Account, wanted: Asked, found: Sequence[tuple[Canonical, Found]]
    ) -> None:
        shown = [one for _, one in found]
        records = [record for one in shown for record in (one.match, *one.entries)]
        sightings = [record for one in shown for record in one.sightings]
        self.journal.record(
            str(account.id),
            "disclosed",
            receipt=wanted.spelled,
            purpose=wanted.purpose,
            case_number=wanted.case_number,
            organisation=account.organisation,
            selectors=[self.seals.blind_id(selector) for selector, _ in found],
            entries=[str(one) for found in shown for one in found.entry_ids],
            fields=_fields(records),
            sightings=len(sightings),
            sighting_fields=_fields(sightings),
            shared=any(one.is_shared for one in shown),
        )


@dataclass(frozen=True, slots=True)
class _Looking:
    """One look, in one transaction."""

    session: Session
    seals: Seals
    privileges: Privileges
    organisation: str | None
    clock: Callable[[], float]

    def matches(self, wanted: Asked) -> list[tuple[MatchRow, RecordRow, MapRow]]:
        """Return the matches of a receipt; raises `FormRefused` where none can be shown."""
        chosen = (
            select(MatchRow, RecordRow)
            .join(RecordRow, RecordRow.id == MatchRow.record_id)
            .where(RecordRow.receipt == wanted.receipt)
            .order_by(MatchRow.row)
            .limit(MOST_MATCHES + 1)
        )
        if wanted.row is not None:
            chosen = chosen.where(MatchRow.row == wanted.row)
        rows = self.session.execute(chosen).all()
        if len(rows) > MOST_MATCHES:
            raise FormRefused("this receipt is of a whole file; give it with .ROW behind it")
        states = {match.state for match, _ in rows}
        if MatchState.SIGHTING not in states:
            raise FormRefused(next((why for state, why in _WHY_NOT if state in states), _UNKNOWN))
        found = []
        for match, record in rows:
            row = self.session.get(MapRow, match.map_id) if match.map_id is not None else None
            if row is not None:
                found.append((match, record, row))
        return found

    def found(self, match: MatchRow, record: RecordRow, row: MapRow) -> tuple[Canonical, Found]:
        """Return what is shown of a match; raises `FormRefused` where nothing may be."""
        selector = selector_of(self.seals, row)
        entries = Entries(self.session, self.seals).open_of(selector)
        is_gone = not entries or is_retracted(self.session, self.seals, selector)
        if is_gone or any(one.role == _VICTIM for one in entries):
            raise FormRefused(_WITHHELD)
        shown = self.privileges.shown
        matched = {
            "receipt": f"{record.receipt}.{match.row}",
            "matched_at": record.at,
            "partner": record.partner,
        }
        return selector, Found(
            match=shown(RecordType.DISCLOSURE, matched),
            entry_ids=[one.id for one in entries],
            entries=[shown(RecordType.DISCLOSURE, self._entry(selector, one)) for one in entries],
            sightings=self._sightings(selector),
            is_shared=self._is_shared(selector),
        )

    def _sightings(self, selector: Canonical) -> list[Shown]:
        if not self.privileges.may(Verb.READ, RecordType.SIGHTING):
            return []
        rows = sightings_of(self.session, self.seals, selector, at_most=MOST_SIGHTINGS)
        return [
            self.privileges.shown(
                RecordType.SIGHTING,
                {
                    "at": record.at,
                    "partner": record.partner,
                    "kind": selector.kind.value,
                    "receipt": f"{record.receipt}.{match.row}",
                },
            )
            for match, record in rows
        ]

    def _is_shared(self, selector: Canonical) -> bool:
        return self.organisation is not None and others_work_on(
            self.session,
            self.seals,
            selector,
            organisation=self.organisation,
            now=self.clock(),
        )

    def _entry(self, selector: Canonical, row: EntryRow) -> dict[str, object]:
        return {
            "kind": row.kind,
            "canonical": selector.shown(),
            "list": row.list,
            "source": row.source,
            "role": row.role,
            "reason": self.seals.text(row, "reason"),
            "confidence": row.confidence,
            "jurisdictions": row.jurisdictions.split(),
            "first_seen": _day(row.first_seen),
            "last_seen": _day(row.last_seen),
            "review_by": _day(row.review_by),
            "expires_at": _moment(row.expires_at),
        }


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _day(at: int | None) -> date | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).date()


def _fields(records: Sequence[Shown]) -> list[str]:
    """Return the names of the fields of which something was shown."""
    return sorted({name for one in records for name, value in one.items() if value not in _EMPTY})


def _is_selector(text: str) -> bool:
    try:
        recognise(text)
    except FormRefused:
        return False
    return True
