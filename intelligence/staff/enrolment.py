"""How somebody comes by an account that works: an invitation, a password, a second factor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from intelligence.errors import FormRefused, NotSignedIn, NotThere
from intelligence.journal import Journal
from intelligence.staff.accounts import NewAccount, add_account, require_account
from intelligence.staff.passwords import Passwords, require_password
from intelligence.staff.second_factor import (
    find_step,
    new_recovery_codes,
    new_secret,
    recovery_hash,
)
from intelligence.staff.sessions import Sessions, SignedIn, end_sessions, use_up
from intelligence.staff.signing_keys import lose_key
from intelligence.staff.tables import (
    Account,
    Invitation,
    RecoveryCode,
    SignIn,
    Stage,
    State,
    totp_place,
)
from intelligence.staff.throttle import LogInThrottles, network_of
from intelligence.staff.tokens import name_of_token, new_token, token_hash, whole_hash
from intelligence.store.base import Place
from intelligence.store.bound import alter, bind, holds, vault_of
from intelligence.store.database import Database
from intelligence.store.vault import Vault

INVITATION_S: Final = 72 * 3600
_NOT_VALID: Final = (
    "this token is not valid; where two people have each given you one, type both, one after "
    "the other, or ask an administrator for a new one"
)
_NO_FIRST_TOKEN: Final = "this token is not valid: take what intelligence init has printed last"  # noqa: S105 - text


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Takes tokens, gives accounts a password and a second factor."""

    database: Database
    vault: Vault
    sessions: Sessions
    passwords: Passwords
    throttles: LogInThrottles
    journal: Journal
    clock: Callable[[], float]

    def is_first_run(self) -> bool:
        """Tell whether there is no account yet."""
        with self.database.reading() as session:
            return not _count_accounts(session)

    def set_up(
        self, token: str, new: NewAccount, passwords: tuple[str, str], *, address: str
    ) -> str:
        """Make the first account; return its ticket, at the stage of enrolment.

        Raises `FormRefused`, `NotThere` where there is an account already.
        """
        hashed = self._hashed(passwords, new.name, address)
        with self.database.writing() as session:
            self._use(session, token, None)
            if _count_accounts(session):
                raise NotThere
            account = new.row(State.ACTIVE, int(self.clock()))
            account.password_hash = hashed  # bound with the rest, as it is added
            add_account(session, account)
            facts = {"token": name_of_token(token), "address": address}
            self.journal.record(str(account.id), "set up", **facts)
            return self.sessions.open(session, account, Stage.ENROLMENT)

    def accept(self, name: str, token: str, passwords: tuple[str, str], *, address: str) -> str:
        """Give an invited account its password; return its ticket, at the next stage."""
        name = name.strip().casefold()
        hashed = self._hashed(passwords, name, address)
        with self.database.writing() as session:
            # Locked first, as by whoever disables it: they would wait for each other otherwise.
            chosen = select(Account).where(Account.name == name).with_for_update()
            account = session.scalars(chosen).one_or_none()
            if account is None or account.state == State.DISABLED or not account.holds:
                raise FormRefused(_NOT_VALID, "token")
            self._use(session, token, account.id)
            alter(self.vault, account, password_hash=hashed, state=State.ACTIVE)
            lose_key(session, account.id)
            end_sessions(session, account.id)
            roles = sorted(account.roles)  # who comes counts as what they come as
            self.journal.record(
                str(account.id), "invitation accepted", roles=roles, address=address
            )
            stage = Stage.ENROLMENT if account.totp_secret is None else Stage.SECOND_FACTOR
            return self.sessions.open(session, account, stage)

    def pending_secret(self, who: SignedIn) -> bytes:
        """Return the secret that the page of enrolment shows, the same however often it is asked.

        It becomes the account's with the first right code.
        """
        place = Place(SignIn.__tablename__, "pending_secret", who.session_hash.hex())
        with self.database.writing() as session:
            row = session.get(SignIn, who.session_hash)
            if row is None or row.stage != Stage.ENROLMENT:
                raise NotSignedIn("/log-in")
            if row.pending_secret is None:
                row.pending_secret = self.vault.seal(new_secret(), place)
            return self.vault.open(row.pending_secret, place)

    def enrol(self, who: SignedIn, code: str, *, address: str) -> tuple[str, list[str]]:
        """Take the first code of somebody's app; return a ticket and codes to write down."""
        self.throttles.second_factors.take(who.actor)
        secret = self.pending_secret(who)
        now = self.clock()
        step = find_step(secret, "".join(code.split()), now, after=0)
        if step is None:
            self.journal.record(who.actor, "log-in failed", factor="enrolment", address=address)
            raise FormRefused(
                "this code is wrong; check the clock of your phone, and try the next", "code"
            )
        self.throttles.second_factors.give_back(who.actor)
        with self.database.writing() as session:
            account = require_account(session, who.account_id)
            use_up(session, who)  # enrolled from another browser in the meantime, it has ended
            if not account.is_usable(now):
                raise NotSignedIn("/log-in")
            sealed = self.vault.seal(secret, totp_place(account))
            alter(self.vault, account, totp_secret=sealed)
            account.totp_step, account.last_log_in_at = step, int(now)
            codes = replace_recovery_codes(session, account)
            end_sessions(session, account.id)
            self.journal.record(who.actor, "second factor enrolled", address=address)
            return self.sessions.open(session, account, Stage.FULL, is_proved=True), codes

    def _hashed(self, passwords: tuple[str, str], name: str, address: str) -> str:
        self.throttles.addresses.take(network_of(address))
        require_password(*passwords, name=name)
        return self.passwords.hash(passwords[0])

    def _use(self, session: Session, token: str, account_id: UUID | None) -> None:
        """Use a token up, of those who give it at once for one; raises `FormRefused`."""
        key = token_hash(token)
        used = session.get(Invitation, key, with_for_update=True, populate_existing=True)
        is_valid = used is not None and holds(self.vault, used) and used.account_id == account_id
        if used is None or not is_valid or used.expires_at <= self.clock():
            raise FormRefused(_NO_FIRST_TOKEN if account_id is None else _NOT_VALID, "token")
        session.delete(used)
        session.flush()


def issue_invitation(
    session: Session, account_id: UUID | None, now: float, *, other_half: bytes | None = None
) -> str:
    """Return a token for an account, or for the first one; those given out before end.

    Where somebody else holds the half that has this hash, it is the other half alone.
    """
    session.execute(delete(Invitation).where(_is_of(account_id)))
    token = new_token()
    hashed = token_hash(token)
    if other_half is not None:
        hashed = whole_hash((hashed, other_half))
    expires_at = int(now) + INVITATION_S
    row = Invitation(token_hash=hashed, account_id=account_id, expires_at=expires_at)
    bind(vault_of(session), row)
    session.add(row)
    return token


def forget_second_factor(session: Session, account: Account) -> None:
    """Forget an account's app and codes, and end its sessions."""
    alter(vault_of(session), account, totp_secret=None, totp_step=0)
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    end_sessions(session, account.id)


def issue_first_invitation(database: Database, now: float) -> str | None:
    """Return a token for the first administrator, None where there is an account."""
    with database.writing() as session:
        return None if _count_accounts(session) else issue_invitation(session, None, now)


def replace_recovery_codes(session: Session, account: Account) -> list[str]:
    """Return new codes for an account, in place of those it has."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = new_recovery_codes()
    rows = [RecoveryCode(code_hash=recovery_hash(one), account_id=account.id) for one in codes]
    for row in rows:
        bind(vault_of(session), row)
    session.add_all(rows)
    return codes


def _is_of(account_id: UUID | None) -> ColumnElement[bool]:
    """Return what is true of an account's tokens, or of those for the first one."""
    column = Invitation.account_id
    return column.is_(None) if account_id is None else column == account_id


def _count_accounts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Account)) or 0
