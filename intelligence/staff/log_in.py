"""Signing in: a password, then the second factor. Tries are counted before anything is hashed."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intelligence.errors import FormRefused, NotSignedIn
from intelligence.journal import UNKNOWN, Journal
from intelligence.staff.accounts import acting, find_account, find_as_of_now, require_account
from intelligence.staff.passwords import Passwords
from intelligence.staff.second_factor import find_step, recovery_hash
from intelligence.staff.sessions import Sessions, SignedIn, tell_changed, use_up
from intelligence.staff.tables import Account, RecoveryCode, SignIn, Stage, totp_place
from intelligence.staff.throttle import LogInThrottles, network_of
from intelligence.store.bound import holds
from intelligence.store.database import Database
from intelligence.store.vault import Vault

_WRONG = "name or password is wrong, or the account is not in use; try again, or ask for help"
_WRONG_CODE = "this code is wrong or was used before; wait for the next one in your app"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """Lets people in who prove who they are."""

    database: Database
    vault: Vault
    sessions: Sessions
    passwords: Passwords
    throttles: LogInThrottles
    journal: Journal
    clock: Callable[[], float]

    def with_password(self, name: str, password: str, *, address: str) -> str:
        """Return a session's ticket, at the stage of the second factor.

        Raises `FormRefused`, `TooManyTries`, `Busy`.
        """
        name = name.strip().casefold()
        network = network_of(address)
        self.throttles.addresses.take(network)
        self.throttles.names.take(name)
        with self.database.reading() as session:
            account = find_account(session, name)
            is_usable = account is not None and account.is_usable(self.clock())
            is_changed = account is not None and not account.holds
        stored = account.password_hash if account is not None else None
        is_right = self.passwords.matches(stored, password)
        if account is not None and is_changed:
            tell_changed(self.journal, account)
        if account is None or not is_right or not is_usable:
            who = str(account.id) if account is not None else UNKNOWN
            self.journal.record(who, "log-in failed", factor="password", address=address)
            raise FormRefused(_WRONG)
        with self.database.writing() as session:
            fresh = find_as_of_now(session, account.id)
            # Changed while it was verified: the new one has to be given.
            is_same = fresh is not None and fresh.password_hash == stored
            if fresh is None or not is_same or not fresh.is_usable(self.clock()):
                raise FormRefused(_WRONG)
            stage = Stage.ENROLMENT if fresh.totp_secret is None else Stage.SECOND_FACTOR
            ticket = self.sessions.open(session, fresh, stage)
            self.journal.record(str(fresh.id), "password accepted", address=address)
        self.throttles.names.give_back(name)
        return ticket

    def with_code(self, who: SignedIn, code: str, *, address: str) -> str:
        """Return the ticket of a whole session for a code of the app, or one from paper.

        Raises `FormRefused`, `TooManyTries`.
        """
        self.throttles.second_factors.take(who.actor)
        accepted: str | None = None
        with self.database.writing() as session:
            account = require_account(session, who.account_id)
            if not account.is_usable(self.clock()):
                raise NotSignedIn("/log-in")
            factor = self._accepted_factor(session, account, code)
            if factor is not None:
                accepted = self._let_in(session, who, account, factor=factor, address=address)
        if accepted is None:
            self.journal.record(who.actor, "log-in failed", factor="code", address=address)
            raise FormRefused(_WRONG_CODE, "code")
        self.throttles.second_factors.give_back(who.actor)
        return accepted

    def prove(self, who: SignedIn, code: str, *, address: str) -> None:
        """Take a code of one whose session is whole, and who has given their password just now.

        Raises `FormRefused`, `TooManyTries`.
        """
        self.throttles.second_factors.take(who.actor)
        factor = None
        with self.database.writing() as session:
            acting(session, who, self.clock)
            account = require_account(session, who.account_id)
            factor = self._accepted_factor(session, account, code)
            if factor is not None:
                session.execute(
                    update(SignIn)
                    .where(SignIn.id_hash == who.session_hash)
                    .values(proved_at=int(self.clock()))
                )
                self.journal.record(who.actor, "proved anew", factor=factor, address=address)
        if factor is None:
            self.journal.record(who.actor, "proof failed", factor="code", address=address)
            raise FormRefused(_WRONG_CODE, "code")
        self.throttles.second_factors.give_back(who.actor)

    def log_out(self, who: SignedIn) -> None:
        """End a session, then put it on record: where that fails, it has ended all the same."""
        self.sessions.end(who.session_hash)
        self.journal.record(who.actor, "logged out")

    def _let_in(
        self, session: Session, who: SignedIn, account: Account, *, factor: str, address: str
    ) -> str:
        """Put a whole session in place of the one that has only a password."""
        use_up(session, who)
        account.last_log_in_at = int(self.clock())
        ticket = self.sessions.open(session, account, Stage.FULL, is_proved=True)
        self.journal.record(who.actor, "logged in", factor=factor, address=address)
        return ticket

    def _accepted_factor(self, session: Session, account: Account, code: str) -> str | None:
        """Return what the code is, and use it up: of two who give it at once, one is heard."""
        key = recovery_hash(code)
        used = session.get(RecoveryCode, key, with_for_update=True, populate_existing=True)
        if used is not None and holds(self.vault, used) and used.account_id == account.id:
            session.delete(used)
            return "recovery code"
        if account.totp_secret is None:
            return None
        secret = self.vault.open(account.totp_secret, totp_place(account))
        given = "".join(code.split())
        step = find_step(secret, given, self.clock(), after=account.totp_step)
        if step is None:
            return None
        account.totp_step = step  # the account is locked: of two who give a code, one is heard
        return "code"


def recovery_codes_left(session: Session, account: Account) -> int:
    """Return how many codes on paper an account has left."""
    codes = select(RecoveryCode.code_hash).where(RecoveryCode.account_id == account.id)
    return len(session.scalars(codes).all())
