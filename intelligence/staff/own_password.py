"""Somebody who is signed in proves anew that it is they: a desk may be left, a cookie taken."""

from dataclasses import dataclass

from intelligence.errors import FormRefused
from intelligence.journal import Journal
from intelligence.staff.accounts import require_account
from intelligence.staff.passwords import Passwords
from intelligence.staff.sessions import SignedIn
from intelligence.staff.throttle import LogInThrottles
from intelligence.store.database import Database


@dataclass(frozen=True, slots=True)
class OwnPassword:
    """Verifies the password that somebody logs in with."""

    database: Database
    passwords: Passwords
    throttles: LogInThrottles
    journal: Journal

    def verify(self, who: SignedIn, password: str, *, field: str = "password") -> None:
        """Raise `FormRefused` unless it is theirs, `TooManyTries` after too many that were not.

        `field` is the name of the form's field that it was typed in.
        """
        self.throttles.own_passwords.take(who.actor)
        with self.database.reading() as session:
            account = require_account(session, who.account_id, lock=False)
            stored = account.password_hash if account.holds else None
        if not self.passwords.matches(stored, password):
            self.journal.record(who.actor, "own password wrong")
            raise FormRefused("the password is wrong; type the one that you log in with", field)
        self.throttles.own_passwords.give_back(who.actor)
