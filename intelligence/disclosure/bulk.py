"""Exports of many disclosures: one person asks, another approves, the first takes them once.

The file holds what the same person would be shown receipt by receipt, and each of its rows is on
record as a disclosure before it leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.disclosure.bulk_file import Row, spelled
from intelligence.disclosure.disclosing import Disclosing, WantedReceipt, asked, require_cause
from intelligence.disclosure.looking import Looking
from intelligence.disclosure.tables import BulkRow, BulkState, DisclosureRow
from intelligence.errors import FormRefused, NotThere, Undecipherable
from intelligence.journal import CONSOLE
from intelligence.staff.accounts import acting, require_account
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.sealing import ILLEGIBLE
from screening.vocabulary.unix_time import DAY_S

MOST_RECEIPTS: Final = 200
WAITS_S: Final = 3 * DAY_S
"""For a second person."""
READY_S: Final = DAY_S
"""Once it is approved."""
MOST_WAITING: Final = 10
"""Of one person at a time."""
_NOT_OPENED: Final = (
    "what lies behind this receipt does not open: it was changed, or its key is gone; tell whoever "
    "runs the service"
)
_GONE: Final = "this export does not open any more; ask for it anew, and tell who runs the service"
_TAKEN: Final = (
    "this export was taken already; if you have no file of it, resolve its receipts one by one, "
    "which takes no second person, or ask for it anew"
)
_BULK: Final = RecordType.BULK_EXPORT
_OPEN: Final = (BulkState.WAITING, BulkState.APPROVED)


@dataclass(frozen=True, slots=True)
class ShownBulk:
    """An export as somebody may see it, and what they may do with it."""

    id: UUID
    record: Shown
    may_decide: bool
    may_download: bool


@dataclass(frozen=True, slots=True)
class BulkExports:
    """Keeps what is asked for, until it is taken, turned down or over."""

    disclosing: Disclosing
    most_receipts: int = MOST_RECEIPTS
    most_waiting: int = MOST_WAITING

    def ask(self, who: SignedIn, receipts: Sequence[str], purpose: str, case_number: str) -> None:
        """Ask for what lies behind receipts; without any, for all that one was shown in this case.

        Raises `FormRefused`.
        """
        of = self.disclosing
        require_cause(purpose, case_number)
        typed = dict.fromkeys(asked(one, purpose, case_number).spelled for one in receipts)
        with of.database.writing() as session:
            privileges = acting(session, who, of.clock)
            privileges.require(Verb.ADD, _BULK, {"receipts", "purpose", "case_number"})
            account = require_account(session, who.account_id)
            of_case = [*typed] or self._of_case(session, who, case_number)
            self._require_few(session, who, of_case)
            row = BulkRow(
                id=uuid4(),
                account_id=account.id,
                organisation=account.organisation,
                asked=len(of_case),
                purpose=purpose,
                state=BulkState.WAITING,
                asked_at=int(of.clock()),
                expires_at=int(of.clock()) + WAITS_S,
            )
            row.receipts = of.seals.seal(row, "receipts", "\n".join(of_case).encode())
            row.case_number = of.seals.seal(row, "case_number", case_number.encode())
            of.seals.bind(row)
            session.add(row)
            facts = {"purpose": purpose, "case_number": case_number, "receipts": of_case}
            of.journal.record(who.actor, "export asked for", export=str(row.id), **facts)

    def all(self, who: SignedIn) -> list[ShownBulk]:
        """Return one's own that are open, and those that one may decide."""
        of = self.disclosing
        with of.database.reading() as session:
            privileges = acting(session, who, of.clock, lock=False)
            privileges.shown(_BULK, {})
            open_ones = select(BulkRow).where(
                BulkRow.state.in_(_OPEN), BulkRow.expires_at > int(of.clock())
            )
            rows = session.scalars(open_ones.order_by(BulkRow.asked_at, BulkRow.id)).all()
            decides = privileges.may(Verb.CHANGE, _BULK, "decision")
            return [
                self._shown(session, privileges, row, who)
                for row in rows
                if row.account_id == who.account_id or (decides and row.state == BulkState.WAITING)
            ]

    def count_to_decide(self, who: SignedIn) -> int:
        """Return how many of others one may decide, of those that hold; 0 for whoever may not."""
        of = self.disclosing
        with of.database.reading() as session:
            privileges = acting(session, who, of.clock, lock=False)
            if not privileges.may(Verb.CHANGE, _BULK, "decision"):
                return 0
            is_open = BulkRow.expires_at > int(of.clock())
            chosen = select(BulkRow).where(
                BulkRow.state == BulkState.WAITING, BulkRow.account_id != who.account_id, is_open
            )
            return sum(map(of.seals.holds, session.scalars(chosen)))

    def decide(self, who: SignedIn, export_id: UUID, *, approved: bool) -> None:
        """Approve what another has asked for, or turn it down; raises `FormRefused`, `NotThere`."""
        of, refused = self.disclosing, False
        with of.database.writing() as session:
            acting(session, who, of.clock).require(Verb.CHANGE, _BULK, {"decision"})
            row = self._require(session, export_id, BulkState.WAITING)
            refused = approved and row.account_id == who.account_id
            if refused:
                event = "own export not approved"
            else:
                of.seals.alter(
                    row,
                    state=BulkState.APPROVED if approved else BulkState.TURNED_DOWN,
                    decided_by=who.account_id,
                    expires_at=int(of.clock()) + READY_S,
                )
                event = "export approved" if approved else "export turned down"
            facts = {"export": str(row.id), "asked_by": str(row.account_id), "of": row.asked}
            of.journal.record(who.actor, event, **facts)
        if refused:
            raise FormRefused("another person approves this than who has asked for it")

    def download(self, who: SignedIn, export_id: UUID, *, as_json: bool) -> str:
        """Return the file, this once, with all of its rows on record as disclosures.

        What does not open is a row that says so, and is on record as that. Raises `FormRefused`,
        `NotThere`.
        """
        of = self.disclosing
        with of.database.writing() as session:
            privileges = acting(session, who, of.clock)
            privileges.require(Verb.REVEAL, _BULK, {"file"})
            self._require_not_taken(session, export_id, who)
            row = self._require(session, export_id, BulkState.APPROVED)
            if row.account_id != who.account_id:
                raise NotThere
            self._require_approver(session, row)
            of.seals.alter(row, state=BulkState.DOWNLOADED)
            wanted = self._wanted(row)
            rows = self._rows(session, privileges, row, wanted)
            content = spelled(rows, privileges, as_json=as_json)
            facts = {"export": str(row.id), "receipts": len(wanted), "rows": len(rows)}
            of.journal.record(who.actor, "export downloaded", **facts)
        return content

    def _wanted(self, row: BulkRow) -> list[WantedReceipt]:
        text = self.disclosing.seals.text
        try:
            case_number, receipts = text(row, "case_number"), text(row, "receipts").split()
        except Undecipherable:
            raise FormRefused(_GONE) from None
        return [asked(one, row.purpose, case_number) for one in receipts]

    def _rows(
        self,
        session: Session,
        privileges: Privileges,
        row: BulkRow,
        wanted: Sequence[WantedReceipt],
    ) -> list[Row]:
        of, rows, export = self.disclosing, list[Row](), str(row.id)
        account = require_account(session, row.account_id, lock=False)
        parts = (of.seals, privileges, account.organisation, of.clock, of.journal)
        looking = Looking(session, *parts, with_sightings=False)
        for one in wanted:
            try:
                with session.begin_nested():  # nothing of it counts as shown where a part is not
                    found = of.disclosed(looking, account, one, export=export)
            except (FormRefused, Undecipherable) as error:
                is_unreadable = isinstance(error, Undecipherable)
                facts = {**one.facts(), "export": export, "unreadable": is_unreadable}
                of.journal.record(str(account.id), "receipt not resolved", **facts)
                problem = _NOT_OPENED if is_unreadable else str(error)
                rows.append(Row(one.spelled, Shown(), problem))
                continue
            rows += [
                Row(
                    one.spelled,
                    Shown({**shown.match, **entry}),
                    None,
                    shared=shown.is_shared,
                    told_twice=shown.is_told_twice,
                )
                for shown in found
                for entry in shown.entries
            ]
        return rows

    def _of_case(self, session: Session, who: SignedIn, case_number: str) -> list[str]:
        """Return the receipts of which one was shown something in a case, each once."""
        own = select(DisclosureRow).where(DisclosureRow.account_id == who.account_id)
        rows = session.scalars(own.order_by(DisclosureRow.at)).all()
        seals = self.disclosing.seals
        of_case = [
            one.receipt
            for one in rows
            if seals.legible(one, "case_number") == case_number and seals.holds(one)
        ]
        return list(dict.fromkeys(of_case))

    def _require_few(self, session: Session, who: SignedIn, receipts: Sequence[str]) -> None:
        if not receipts:
            raise FormRefused("you were shown nothing in this case yet; list the receipts")
        if len(receipts) > self.most_receipts:
            raise FormRefused(f"these are more than {self.most_receipts} receipts; ask for fewer")
        own = (BulkRow.account_id == who.account_id) & (BulkRow.state == BulkState.WAITING)
        is_open = BulkRow.expires_at > int(self.disclosing.clock())
        waiting = select(BulkRow.id).where(own, is_open)
        if len(session.scalars(waiting).all()) >= self.most_waiting:
            raise FormRefused("too much of yours waits for a second person; have it decided first")

    def _require(self, session: Session, export_id: UUID, state: BulkState) -> BulkRow:
        row = session.get(BulkRow, export_id, with_for_update=True, populate_existing=True)
        is_open = row is not None and row.state == state
        if row is None or not is_open or row.expires_at <= int(self.disclosing.clock()):
            raise NotThere
        if not self.disclosing.seals.holds(row):
            self.disclosing.journal.record(CONSOLE, "export not read", export=str(row.id))
            raise FormRefused(_GONE)
        return row

    def _require_not_taken(self, session: Session, export_id: UUID, who: SignedIn) -> None:
        """Raise `FormRefused` for one's own that was taken: a large file is kept for no press."""
        row = session.get(BulkRow, export_id)
        if row is None or row.account_id != who.account_id or not self.disclosing.seals.holds(row):
            return
        if row.state == BulkState.DOWNLOADED and row.expires_at > int(self.disclosing.clock()):
            raise FormRefused(_TAKEN)

    def _require_approver(self, session: Session, row: BulkRow) -> None:
        """Raise `FormRefused` where whoever has approved this might no more."""
        if row.decided_by is None:
            raise NotThere
        approver = require_account(session, row.decided_by, lock=False)
        decides = Privileges(approver.roles).may(Verb.CHANGE, _BULK, "decision")
        if not (decides and approver.is_usable(self.disclosing.clock())):
            raise FormRefused("who has approved this may do so no more; ask for it anew")

    def _shown(
        self, session: Session, privileges: Privileges, row: BulkRow, who: SignedIn
    ) -> ShownBulk:
        if not self.disclosing.seals.holds(row):  # it may be another's, or approved by nobody
            unread = privileges.shown(_BULK, {"case_number": ILLEGIBLE})
            return ShownBulk(row.id, unread, may_decide=False, may_download=False)
        asker = require_account(session, row.account_id, lock=False)
        is_own = row.account_id == who.account_id
        record = {
            "asked_by": f"{asker.display_name} ({asker.name}){asker.remark}",
            "organisation": row.organisation,
            "asked": row.asked,
            "purpose": row.purpose,
            "case_number": self.disclosing.seals.legible(row, "case_number"),
            "state": row.state,
            "expires_at": row.expires_at,
        }
        decides = privileges.may(Verb.CHANGE, _BULK, "decision")
        return ShownBulk(
            row.id,
            privileges.shown(_BULK, record),
            may_decide=decides and not is_own and row.state == BulkState.WAITING,
            may_download=is_own and row.state == BulkState.APPROVED,
        )
