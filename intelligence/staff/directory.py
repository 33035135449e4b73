"""The staff as administrators keep it and others may see it; every change is on record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intelligence.errors import FormRefused, NotPermitted
from intelligence.journal import Journal
from intelligence.staff.accounts import (
    NewAccount,
    acting,
    add_account,
    lock_accounts,
    record_of,
    require_account,
    require_roles,
)
from intelligence.staff.enrolment import issue_invitation
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Role, Verb
from intelligence.staff.sessions import SignedIn, end_sessions
from intelligence.staff.tables import Account, Invitation, RecoveryCode, RoleOfAccount, State
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
            return [(row.id, privileges.shown(_STAFF, record_of(row))) for row in rows]

    def one(self, who: SignedIn, account_id: UUID) -> Shown:
        """Return one person; raises `NotThere`."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            account = require_account(session, account_id, lock=False)
            return privileges.shown(_STAFF, record_of(account))

    def add(self, who: SignedIn, new: NewAccount) -> tuple[UUID, str]:
        """Add somebody; return a token by which they choose a password."""
        given = {name for name in new.__slots__ if getattr(new, name) is not None}
        with self.database.writing() as session:
            acting(session, who, self.clock).require(Verb.ADD, _STAFF, given)
            account = new.row(State.INVITED, int(self.clock()))
            add_account(session, account)
            token = issue_invitation(session, account.id, self.clock())
            facts = {"account": str(account.id), "roles": sorted(new.roles)}
            self.journal.record(who.actor, "staff added", **facts)
            return account.id, token

    def change_roles(self, who: SignedIn, account_id: UUID, roles: frozenset[Role]) -> None:
        """Give somebody other roles, and end their sessions."""
        require_roles(roles)
        with self._changing(who, account_id, "roles") as (session, account):
            if (Role.AUTHORISED_USER in roles) != (Role.AUTHORISED_USER in account.roles):
                raise FormRefused("internal and external accounts are different ones; add another")
            account.role_rows = [
                *(row for row in account.role_rows if row.role in roles),
                *(RoleOfAccount(role=role) for role in sorted(roles - account.roles)),
            ]
            end_sessions(session, account.id)
            facts = {"account": str(account.id), "roles": sorted(roles)}
            self.journal.record(who.actor, "roles changed", **facts)

    def disable(self, who: SignedIn, account_id: UUID) -> None:
        """Keep somebody out, from now on."""
        with self._changing(who, account_id, "state") as (session, account):
            account.state = State.DISABLED
            _withdraw_invitations(session, account)
            end_sessions(session, account.id)
            self.journal.record(who.actor, "staff disabled", account=str(account.id))

    def enable(self, who: SignedIn, account_id: UUID) -> None:
        """Let somebody in again, with the password they had."""
        with self._changing(who, account_id, "state") as (_, account):
            account.state = State.INVITED if account.password_hash is None else State.ACTIVE
            self.journal.record(who.actor, "staff enabled", account=str(account.id))

    def reset_second_factor(self, who: SignedIn, account_id: UUID) -> None:
        """Forget somebody's app and codes; after their password they enrol another."""
        with self._changing(who, account_id, "second_factor") as (session, account):
            account.totp_secret, account.totp_step = None, 0
            session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
            end_sessions(session, account.id)
            self.journal.record(who.actor, "second factor reset", account=str(account.id))

    def invite(self, who: SignedIn, account_id: UUID) -> str:
        """Return a token by which somebody chooses a new password."""
        with self._changing(who, account_id, "invitation") as (session, account):
            if account.state == State.DISABLED:
                raise FormRefused("this account is disabled; enable it first")
            self.journal.record(who.actor, "staff invited", account=str(account.id))
            return issue_invitation(session, account.id, self.clock())

    @contextmanager
    def _changing(
        self, who: SignedIn, account_id: UUID, field: str
    ) -> Iterator[tuple[Session, Account]]:
        """Open a change of one field of another's account: nobody changes their own.

        So of administrators at least the one who acts is left.
        """
        with self.database.writing() as session:
            lock_accounts(session, {who.account_id, account_id})
            acting(session, who, self.clock).require(Verb.CHANGE, _STAFF, {field})
            if account_id == who.account_id:
                raise NotPermitted
            yield session, require_account(session, account_id)


def _withdraw_invitations(session: Session, account: Account) -> None:
    session.execute(delete(Invitation).where(Invitation.account_id == account.id))
