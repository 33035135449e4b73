"""What lets somebody in, do more, or be called otherwise takes two people; to keep them out, one.

An administrator asks, another administrator confirms; an approver does where there is none. Of a
token each of the two is shown one half, so neither can take the account up in another's place.
Until somebody else has come who may confirm, the first administrator does all alone, on record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from intelligence.errors import FormRefused, NotThere
from intelligence.journal import Journal
from intelligence.staff.accounts import acting, lock_accounts, require_account
from intelligence.staff.confirming import (
    CHANGED_OUTSIDE,
    CONFIRMING,
    OVER,
    able_to_confirm,
    why_nobody_confirms,
)
from intelligence.staff.enrolment import INVITATION_S
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.roles import RecordType, Role, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Account, Request, Wish
from intelligence.staff.tokens import new_token, token_hash
from intelligence.staff.wishes import EVENTS, Wanted, roles_of
from intelligence.store.bound import bind, holds, vault_of
from intelligence.store.database import Database

_REQUEST = RecordType.STAFF_REQUEST


class WishOutcome(NamedTuple):
    """What came of it: a token, or its half, to hand over; whether it waits for another person."""

    token: str | None
    waits: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request as somebody may see it, and what they may do with it.

    `asked_at` and `ends_at` are Unix seconds, None where the row was changed. `why_not` says why
    the one who looks does not confirm it, if they decide at all, and `why_nobody` why nobody ever
    does; `is_for_nobody` where somebody could, and nobody is here who may; `is_of_unread` where
    that may be so since some of the record cannot be read.
    """

    id: UUID
    record: Shown
    may_confirm: bool
    may_turn_down: bool
    asked_at: int | None
    ends_at: int | None
    why_not: str | None
    why_nobody: str | None
    is_for_nobody: bool
    is_of_unread: bool


def takes_two(old: frozenset[Role], new: frozenset[Role]) -> bool:
    """Tell whether a change of roles gives any, or takes away who could confirm another's."""
    return bool(new - old) or bool((old - new) & CONFIRMING)


@dataclass(frozen=True, slots=True)
class Requests:
    """Keeps what is asked for until another person confirms it, or turns it down."""

    database: Database
    journal: Journal
    clock: Callable[[], float]

    def ask(
        self,
        session: Session,
        who: SignedIn,
        account: Account,
        wanted: Wanted,
    ) -> WishOutcome:
        """Keep a wish in place of the same one for this account; alone, carry it out at once.

        Raises `FormRefused` where the account is over.
        """
        require_unchanged(account)
        if account.is_over(self.clock()):
            raise FormRefused(OVER)
        wish, facts = wanted.wish, wanted.facts(account)
        if self._is_alone(session, who):
            self.journal.record(who.actor, EVENTS[wish], **facts, alone=True)
            return WishOutcome(wanted.carry_out(session, account, self.clock()), waits=False)
        now, share = int(self.clock()), new_token() if wish is Wish.INVITATION else None
        is_replaced = (Request.account_id == account.id) & (Request.wish == wish)
        session.execute(delete(Request).where(or_(is_replaced, Request.expires_at <= now)))
        row = Request(
            id=uuid4(),
            account_id=account.id,
            wish=wish,
            roles=wanted.stored,
            share_hash=None if share is None else token_hash(share),
            requested_by=who.account_id,
            expires_at=now + INVITATION_S,
        )
        bind(vault_of(session), row)
        session.add(row)
        self.journal.record(who.actor, "asked for a second person", wish=wish, **facts)
        return WishOutcome(share, waits=True)

    def acts_alone(self, who: SignedIn) -> bool:
        """Tell whether nobody is there who could confirm whom one lets in."""
        self.journal.on_record.load()  # it is not looked through in between
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, RecordType.STAFF, {"roles"})
            return self._is_alone(session, who)

    def waiting(self, who: SignedIn) -> list[Waiting]:
        """Return what waits for a second person."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            privileges.require(Verb.READ, _REQUEST, {"wish"})
            people = select(Account.id)
            in_time = select(Request).where(
                Request.expires_at > self.clock(),
                Request.account_id.in_(people),
                Request.requested_by.in_(people),
            )
            rows = session.scalars(in_time.order_by(Request.expires_at, Request.id)).all()
            return [self._shown(session, privileges, row, who) for row in rows]

    def confirm(self, who: SignedIn, request_id: UUID) -> str | None:
        """Carry out what another has asked for; return the other half of a token, if it is one."""
        with self.database.writing() as session:
            self.database.take_turns(session)  # of two at once, each would find its name free
            row, account = self._require(session, who, request_id)
            why_not = self._why_not(session, row, who)
            if why_not is not None:
                self.journal.record(who.actor, "confirmation refused", account=str(account.id))
                refused = FormRefused(why_not)
            else:
                wanted = Wanted.of(row)
                facts = {**wanted.facts(account), "asked_by": str(row.requested_by)}
                self.journal.record(who.actor, EVENTS[wanted.wish], **facts)
                session.delete(row)
                return wanted.carry_out(session, account, self.clock(), share_hash=row.share_hash)
        raise refused

    def turn_down(self, who: SignedIn, request_id: UUID) -> None:
        """Forget what was asked for, by another or by oneself."""
        with self.database.writing() as session:
            row, account = self._require(session, who, request_id)
            facts: dict[str, object] = {"account": str(account.id)}
            if holds(vault_of(session), row):
                facts = Wanted.of(row).facts(account)
            self.journal.record(who.actor, "request turned down", wish=row.wish, **facts)
            session.delete(row)

    def _is_alone(self, session: Session, who: SignedIn) -> bool:
        """Tell whether nobody else who may confirm has ever come, by rows and by what is on record.

        Whoever is disabled counts: an administrator would otherwise make themselves alone again. So
        does an account that does not hold, whatever it says; and one whose row is gone, or was put
        back as it was before its holder came, is on record: where that cannot be read, whoever.
        """
        on_record = self.journal.on_record
        others = session.scalars(select(Account).where(Account.id != who.account_id)).all()
        if not on_record.is_all() or any(
            not one.holds or (one.password_hash is not None and one.roles & CONFIRMING)
            for one in others
        ):
            return False
        return not any(
            one.has_come and one.roles & CONFIRMING
            for account_id, one in on_record.staff().items()
            if account_id != who.account_id
        )

    def _require(
        self, session: Session, who: SignedIn, request_id: UUID
    ) -> tuple[Request, Account]:
        found = session.get(Request, request_id)
        of = () if found is None else (found.account_id, found.requested_by)
        lock_accounts(session, {who.account_id, *of})
        privileges = acting(session, who, self.clock)
        privileges.require(Verb.CHANGE, _REQUEST, {"decision"})
        row = session.get(Request, request_id, with_for_update=True, populate_existing=True)
        # One that was changed is turned down, whatever its time says.
        if row is None or (holds(vault_of(session), row) and row.expires_at <= self.clock()):
            raise NotThere
        return row, require_account(session, row.account_id)

    def _why_not(self, session: Session, row: Request, who: SignedIn) -> str | None:
        """Return why somebody does not confirm this, None where they may."""
        why_nobody = why_nobody_confirms(session, row, self.clock())
        if why_nobody is not None:
            return why_nobody
        if who.account_id in (row.requested_by, row.account_id):
            return "another person confirms this than who asked for it, or whom it is about"
        able = able_to_confirm(session, row, frozenset((Role.ADMINISTRATOR,)), self.clock())
        if able and who.account_id not in able:
            return "there is another administrator, who confirms this; ask them"
        return None

    def _shown(
        self, session: Session, privileges: Privileges, row: Request, who: SignedIn
    ) -> Waiting:
        account = require_account(session, row.account_id, lock=False)
        asker = require_account(session, row.requested_by, lock=False)
        record = {
            "wish": row.wish,
            "name": account.name,
            "display_name": account.display_name,
            "new_name": str(row.roles) if row.wish == Wish.NAME else None,
            "roles": sorted(roles_of(row) or account.roles),
            "organisation": account.organisation,
            "legal_basis": account.legal_basis,
            "expires_at": account.expires_at,
            "requested_by": f"{asker.display_name} ({asker.name}){asker.remark}",
        }
        decides = privileges.may(Verb.CHANGE, _REQUEST, "decision")
        why_not = self._why_not(session, row, who)
        ends_at = row.expires_at if holds(vault_of(session), row) else None
        shown = privileges.shown(_REQUEST, record)
        why_nobody = why_nobody_confirms(session, row, self.clock())
        is_here = able_to_confirm(session, row, CONFIRMING, self.clock())
        is_for_nobody = why_nobody is None and not is_here
        return Waiting(
            row.id,
            shown,
            decides and why_not is None,
            decides,
            asked_at=None if ends_at is None else ends_at - INVITATION_S,
            ends_at=ends_at,
            why_not=why_not if decides else None,
            why_nobody=why_nobody,
            is_for_nobody=is_for_nobody,
            is_of_unread=is_for_nobody and not self.journal.on_record.is_all(),
        )


def require_unchanged(account: Account) -> None:
    """Raise `FormRefused` for an account that somebody has changed in the database.

    Whatever two people confirmed of it could be of what only one of them was shown.
    """
    if not account.holds:
        raise FormRefused(CHANGED_OUTSIDE)
