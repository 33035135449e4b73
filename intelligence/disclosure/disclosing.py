"""What lies behind the receipt of a match, shown to whoever says what for, once it is on record."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from intelligence.curation.entries import blind_id
from intelligence.curation.purposes import refuse_contact
from intelligence.disclosure.following import note_seen
from intelligence.disclosure.looking import Found, Looking
from intelligence.disclosure.tables import DisclosureRow, MapRow
from intelligence.errors import FormRefused, Undecipherable
from intelligence.journal import Journal
from intelligence.staff.accounts import acting, require_account
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Account
from intelligence.store.database import Database
from intelligence.store.sealing import Seals
from screening.vocabulary.proof import spelled_receipt
from screening.vocabulary.selector import Canonical

PURPOSES: Final[Mapping[str, str]] = {
    "investigation": "Investigation of a crime",
    "prosecution": "Prosecution",
    "protection": "Protection of somebody in danger",
    "court_order": "Order of a court",
    "review": "Review of an entry",
}
"""Of a fixed set: what a person types may be a selector, and all of this goes on record."""

_RECEIPT: Final = re.compile(r"([a-z2-7]{26})(?:\.(0|[1-9][0-9]{0,4}))?")
_CASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{1,63}")
_EMPTY: Final[tuple[object, ...]] = (None, "", [])


@dataclass(frozen=True, slots=True)
class WantedReceipt:
    """A receipt, of one row where there is one, and what it is asked for."""

    receipt: str
    row: int | None
    purpose: str
    case_number: str

    def __post_init__(self) -> None:
        """Raise `FormRefused` as `require_cause` does."""
        require_cause(self.purpose, self.case_number)

    @property
    def spelled(self) -> str:
        """The receipt as it was given."""
        return self.receipt if self.row is None else f"{self.receipt}.{self.row}"

    def facts(self) -> dict[str, object]:
        """Return what goes on record of it."""
        return {
            "receipt": self.spelled,
            "purpose": self.purpose,
            "case_number": self.case_number,
        }


def asked(receipt: str, purpose: str | None, case_number: str | None) -> WantedReceipt:
    """Return what somebody has typed; raises `FormRefused`."""
    return WantedReceipt(*read_receipt(receipt), purpose or "", case_number or "")


def require_cause(purpose: str, case_number: str) -> None:
    """Raise `FormRefused` for what says nothing that could be held against anybody."""
    if purpose not in PURPOSES:
        raise FormRefused("no purpose is chosen; choose what the disclosure is for", "purpose")
    if not _CASE.fullmatch(case_number):
        raise FormRefused(
            "the case number is missing, or holds other than letters and digits", "case_number"
        )
    refuse_contact("case number", case_number)


def read_receipt(typed: str) -> tuple[str, int | None]:
    """Return a receipt and its row, None of none; raises `FormRefused`."""
    found = _RECEIPT.fullmatch(spelled_receipt(typed))
    if found is None:
        raise FormRefused(
            "this is no receipt; it has 26 letters and digits, and perhaps .ROW", "receipt"
        )
    return found[1], None if found[2] is None else int(found[2])


def receipts_of(text: str) -> list[str]:
    """Return the receipts that were typed, one on each line; raises `FormRefused`, with the line.

    Several on one line are told apart by white space.
    """
    found = []
    for at, line in enumerate(text.splitlines(), 1):
        for typed in line.split():
            try:
                read_receipt(typed)
            except FormRefused as error:
                raise FormRefused(f"line {at}: {error}", "receipts") from None
            found.append(typed)
    return found


@dataclass(frozen=True, slots=True)
class Disclosing:
    """Resolves receipts."""

    database: Database
    seals: Seals
    journal: Journal
    clock: Callable[[], float]

    def disclose(self, who: SignedIn, wanted: WantedReceipt) -> list[Found]:
        """Return what lies behind a receipt, once it is on record who is shown which fields of it.

        Raises `FormRefused` where there is nothing to be shown, or `Undecipherable`, which is on
        record, too, and `NotPermitted`.
        """
        try:
            return self._disclose(who, wanted)
        except (FormRefused, Undecipherable):
            self.journal.record(who.actor, "receipt not resolved", **wanted.facts())
            raise

    def _disclose(self, who: SignedIn, wanted: WantedReceipt) -> list[Found]:
        with self.database.writing() as session:
            privileges = acting(session, who, self.clock)
            privileges.require(
                Verb.ADD, RecordType.DISCLOSURE, {"receipt", "purpose", "case_number"}
            )
            account = require_account(session, who.account_id, lock=False)
            parts = (self.seals, privileges, account.organisation, self.clock, self.journal)
            looking = Looking(session, *parts)
            return self.disclosed(looking, account, wanted)

    def disclosed(
        self, looking: Looking, account: Account, wanted: WantedReceipt, **more: object
    ) -> list[Found]:
        """Return what one look shows behind a receipt, once that is on record, with `more` facts.

        Raises `FormRefused`.
        """
        found = []
        for matched in looking.matches(wanted.receipt, wanted.row):
            kept = self._keep(looking.session, account, wanted, matched.row)
            if looking.shows_sightings:
                note_seen(looking.session, self.seals, matched.selector, by=account.id)
            found.append((matched.selector, looking.found(matched, kept)))
        self._record(account, wanted, found, more)
        return [shown for _, shown in found]

    def _keep(self, session: Session, account: Account, wanted: WantedReceipt, row: MapRow) -> UUID:
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
        self.seals.bind(kept)
        session.add(kept)
        return kept.id

    def _record(
        self,
        account: Account,
        wanted: WantedReceipt,
        found: Sequence[tuple[Canonical, Found]],
        more: Mapping[str, object],
    ) -> None:
        shown = [one for _, one in found]
        records = [record for one in shown for record in (one.match, *one.entries)]
        sightings = [record for one in shown for record in one.sightings]
        self.journal.record(
            str(account.id),
            "disclosed",
            **wanted.facts(),
            organisation=account.organisation,
            selectors=[blind_id(self.seals, selector) for selector, _ in found],
            entries=[str(one) for found in shown for one in found.entry_ids],
            fields=_fields(records),
            sightings=len(sightings),
            sighting_fields=_fields(sightings),
            shared=any(one.is_shared for one in shown),
            told_twice=any(one.is_told_twice for one in shown),
            **more,
        )


def _fields(records: Sequence[Shown]) -> list[str]:
    """Return the names of the fields of which something was shown."""
    return sorted({name for one in records for name, value in one.items() if value not in _EMPTY})
