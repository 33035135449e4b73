"""What everybody may see and change of themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from intelligence.journal import Journal
from intelligence.staff.accounts import acting, record_of, require_account
from intelligence.staff.enrolment import replace_recovery_codes
from intelligence.staff.log_in import recovery_codes_left
from intelligence.staff.own_password import OwnPassword
from intelligence.staff.passwords import Passwords, require_password
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import Sessions, SignedIn, end_sessions
from intelligence.staff.signing_keys import SigningKeys
from intelligence.staff.tables import Stage
from intelligence.store.bound import alter, vault_of
from intelligence.store.database import Database

_OWN = RecordType.OWN_ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """Shows and changes the account of the one who asks."""

    database: Database
    sessions: Sessions
    passwords: Passwords
    own_password: OwnPassword
    signing_keys: SigningKeys
    journal: Journal
    clock: Callable[[], float]

    def shown(self, who: SignedIn) -> Shown:
        """Return what is known of them."""
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            account = require_account(session, who.account_id, lock=False)
            left = recovery_codes_left(session, account)
            return privileges.shown(
                _OWN, {**record_of(account, self.clock()), "recovery_codes": left}
            )

    def change_password(self, who: SignedIn, old: str, new: tuple[str, str]) -> str:
        """Take another password; return a new ticket, for all sessions end with the old one."""
        self.own_password.verify(who, old, field="old")
        require_password(*new, name=who.name)
        hashed = self.passwords.hash(new[0])
        resealed = self.signing_keys.resealed(who.account_id, old, new[0])
        with self.database.writing() as session:
            acting(session, who, self.clock).require(Verb.CHANGE, _OWN, {"password"})
            account = require_account(session, who.account_id)
            alter(vault_of(session), account, password_hash=hashed)
            if resealed is not None:
                resealed.keep(session, account.id)
            end_sessions(session, account.id)
            self.journal.record(who.actor, "password changed")
            return self.sessions.open(session, account, Stage.FULL)

    def new_recovery_codes(self, who: SignedIn, password: str) -> list[str]:
        """Return new codes to write down, in place of those there are."""
        self.own_password.verify(who, password, field="old")
        with self.database.writing() as session:
            acting(session, who, self.clock).require(Verb.CHANGE, _OWN, {"recovery_codes"})
            account = require_account(session, who.account_id)
            self.journal.record(who.actor, "recovery codes replaced")
            return replace_recovery_codes(session, account)
