"""The staff as administrators keep it and others may see it; every change is on record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from intelligence.errors import FormRefused, NotPermitted
from intelligence.journal import Journal
from intelligence.staff.accounts import (
    NewAccount,
    acting,
    add_account,
    is_taken,
    lock_accounts,
    record_of,
    refuse_former,
    require_account,
    require_legible,
    require_roles,
)
from intelligence.staff.privileges import Shown
from intelligence.staff.requests import (
    Requests,
    WishOutcome,
    require_unchanged,
    takes_two,
)
from intelligence.staff.roles import RecordType, Role, Verb
from intelligence.staff.sessions import SignedIn, end_sessions
from intelligence.staff.tables import Account, Invitation, State, Wish
from intelligence.staff.wishes import Wanted, give_roles, withdraw_requests
from intelligence.store.bound import alter, vault_of
from intelligence.store.database import Database

_STAFF = RecordType.STAFF


@dataclass(frozen=True, slots=True)
class Directory:
    """Shows and changes accounts, as far as the roles of `who` reach."""

    database: Database
    journal: Journal
    clock: Callable[[], float]

    def all(self, who: SignedIn) -> list[tuple[UUID, Shown]]:
        """Return everybody, by name."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            rows = session.scalars(select(Account).order_by(Account.display_name)).all()
            return [
                (row.id, privileges.shown(_STAFF, record_of(row, self.clock()))) for row in rows
            ]

    def count_changed(self, who: SignedIn) -> int:
        """Count the accounts that hands other than the console's have changed, and nobody disabled.

        0 for whoever may not see that of anybody.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            if not privileges.may(Verb.READ, _STAFF, "is_changed"):
                return 0
            chosen = select(Account).where(Account.state != State.DISABLED)
            with_roles = chosen.options(joinedload(Account.role_rows))
            return sum(not row.holds for row in session.scalars(with_roles).unique())

    def one(self, who: SignedIn, account_id: UUID) -> Shown:
        """Return one person; raises `NotThere`."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            account = require_account(session, account_id, lock=False)
            return privileges.shown(_STAFF, record_of(account, self.clock()))

    def add(self, who: SignedIn, new: NewAccount) -> tuple[UUID, WishOutcome]:
        """Add somebody, who chooses a password by a token once another person confirms it."""
        given = {name for name in new.__slots__ if getattr(new, name) is not None}
        self.journal.on_record.load()  # it says who has come, and is not looked through in between
        with self.database.writing() as session:
            self.database.take_turns(session)  # of two at once, each would find its name free
            acting(session, who, self.clock).require(Verb.ADD, _STAFF, given)
            if new.expires_at is not None and new.expires_at <= self.clock():
                raise FormRefused("the last day is over; choose a later one", "last_day")
            account = new.row(State.INVITED, int(self.clock()))
            refuse_former(self.journal.on_record.staff(), account.display_name, account.id)
            add_account(session, account)
            facts = {"account": str(account.id), "roles": sorted(new.roles)}
            self.journal.record(who.actor, "staff added", **facts)
            return account.id, self._requests.ask(session, who, account, Wanted(Wish.INVITATION))

    def change_roles(self, who: SignedIn, account_id: UUID, roles: frozenset[Role]) -> WishOutcome:
        """Give somebody other roles, and end their sessions; to take roles away needs one person.

        But not those of who may confirm: an administrator would otherwise get rid of them.
        """
        require_roles(roles)
        with self._changing(who, account_id, "roles") as (session, account):
            require_unchanged(account)
            if roles == account.roles:
                raise FormRefused("these are their roles; choose others", "roles")
            if (Role.AUTHORISED_USER in roles) != (Role.AUTHORISED_USER in account.roles):
                raise FormRefused("internal and external accounts are different ones; add another")
            if takes_two(account.roles, roles):
                return self._requests.ask(session, who, account, Wanted(Wish.ROLES, roles=roles))
            give_roles(session, account, roles)
            facts = {"account": str(account.id), "roles": sorted(roles)}
            self.journal.record(who.actor, "roles changed", **facts)
            return WishOutcome(None, waits=False)

    def rename(self, who: SignedIn, account_id: UUID, display_name: str) -> WishOutcome:
        """Have colleagues know somebody by another name; what they log in with stays."""
        require_legible(display_name)
        with self._changing(who, account_id, "display_name") as (session, account):
            require_unchanged(account)
            name = display_name.strip()
            if name == account.display_name:
                raise FormRefused("this is their name; type the new one", "display_name")
            if is_taken(session, name, account.id):
                raise FormRefused(
                    "somebody of this name is here; add what colleagues tell both apart by, such "
                    "as a team",
                    "display_name",
                )
            refuse_former(self.journal.on_record.staff(), name, account.id)
            wanted = Wanted(Wish.NAME, display_name=name)
            return self._requests.ask(session, who, account, wanted)

    def disable(self, who: SignedIn, account_id: UUID) -> None:
        """Keep somebody out, from now on."""
        with self._changing(who, account_id, "state", asks=False) as (session, account):
            alter(vault_of(session), account, state=State.DISABLED)
            session.execute(delete(Invitation).where(Invitation.account_id == account.id))
            withdraw_requests(session, account.id)
            end_sessions(session, account.id)
            self.journal.record(who.actor, "staff disabled", account=str(account.id))

    def enable(self, who: SignedIn, account_id: UUID) -> WishOutcome:
        """Let somebody in again, with the password they had."""
        with self._changing(who, account_id, "state") as (session, account):
            return self._requests.ask(session, who, account, Wanted(Wish.ENABLING))

    def reset_second_factor(self, who: SignedIn, account_id: UUID) -> WishOutcome:
        """Forget somebody's app and codes; after their password they enrol another."""
        with self._changing(who, account_id, "second_factor") as (session, account):
            return self._requests.ask(session, who, account, Wanted(Wish.SECOND_FACTOR))

    def invite(self, who: SignedIn, account_id: UUID) -> WishOutcome:
        """Have somebody choose a new password, by a token."""
        with self._changing(who, account_id, "invitation") as (session, account):
            require_unchanged(account)
            if account.state == State.DISABLED:
                raise FormRefused("this account is disabled; enable it first")
            return self._requests.ask(session, who, account, Wanted(Wish.INVITATION))

    @property
    def _requests(self) -> Requests:
        return Requests(self.database, self.journal, self.clock)

    @contextmanager
    def _changing(
        self, who: SignedIn, account_id: UUID, field: str, *, asks: bool = True
    ) -> Iterator[tuple[Session, Account]]:
        """Open a change of one field of another's account: nobody changes their own.

        So of administrators at least the one who acts is left. What never `asks` for a second
        person waits for no look at the record, which takes seconds after a start, and takes no
        turn: it gives nobody a name.
        """
        if asks:
            self.journal.on_record.load()
        with self.database.writing() as session:
            if asks:
                self.database.take_turns(session)
            lock_accounts(session, {who.account_id, account_id})
            acting(session, who, self.clock).require(Verb.CHANGE, _STAFF, {field})
            if account_id == who.account_id:
                raise NotPermitted
            yield session, require_account(session, account_id)
