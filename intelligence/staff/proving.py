"""Proving anew who one is, before what nobody does by a found desk or a taken cookie.

What that is, is data: `grants.PROVED_ANEW`; it is held against `accounts.PROOF_S` where privileges
are (`accounts.acting`). The password and the code are verified and counted as at the log-in.
"""

from dataclasses import dataclass

from intelligence.staff.log_in import LogIn
from intelligence.staff.own_password import OwnPassword
from intelligence.staff.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Proving:
    """Takes both factors of one who is signed in."""

    own_password: OwnPassword
    log_in: LogIn

    def prove(self, who: SignedIn, password: str, code: str, *, address: str) -> None:
        """Note on their session that they are who they say.

        Raises `FormRefused`, `TooManyTries`, `Busy`.
        """
        self.own_password.verify(who, password)
        self.log_in.prove(who, code, address=address)
