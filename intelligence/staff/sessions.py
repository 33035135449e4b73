"""Server-side sessions: who holds which browser, how far they have signed in, and until when."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intelligence.days import is_past
from intelligence.errors import NotSignedIn
from intelligence.journal import CONSOLE, Journal
from intelligence.staff.privileges import Privileges
from intelligence.staff.tables import Account, SignIn, Stage
from intelligence.staff.tokens import new_token
from intelligence.store.base import Place
from intelligence.store.database import Database, changed
from intelligence.store.vault import Vault

_PLACE: Final = Place(SignIn.__tablename__, "id_hash", "")
_AT_ONCE: Final = 1_000
"""Sessions of one query."""
_TOUCH_S: Final = 30
"""When somebody was last seen is written down no more often than this."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who has signed in, at least with a password."""

    account_id: UUID
    name: str
    display_name: str
    stage: Stage
    privileges: Privileges
    session_hash: bytes

    @property
    def actor(self) -> str:
        """What the journal calls them."""
        return str(self.account_id)


class Sessions:
    """The sessions of one service; `clock` gives Unix seconds.

    A ticket names its account and stage, and its row is found by a term under a key that is not in
    the database: whoever writes there makes no session, and gives none to another account.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Callable[[], float],
        *,
        journal: Journal,
        idle_s: int,
        session_s: int,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._journal = journal
        self._idle_s = idle_s
        self._session_s = session_s

    def find(self, ticket: str) -> SignedIn | None:
        """Return whose session it is; None where it has ended, or its account may not be here."""
        now = int(self._clock())
        key = self.hash_of(ticket)
        with self._database.reading() as session:
            row = session.get(SignIn, key)
            account = session.get(Account, row.account_id) if row is not None else None
            if row is None or account is None or not ticket.endswith(_ending(account, row.stage)):
                return None
            signed_in = _signed_in(row, account)
            lasts = self._lasts(row, account, now)
            is_touched = not is_past(row.seen_at, now - _TOUCH_S)
            holds = account.holds
        if not holds:
            tell_changed(self._journal, account)
        if not lasts:
            self.end(key)
            return None
        if not is_touched:
            with self._database.writing() as session:
                touched = session.get(SignIn, key)
                if touched is not None:
                    touched.seen_at = now
        return signed_in

    def open(
        self, session: Session, account: Account, stage: Stage, *, is_proved: bool = False
    ) -> str:
        """Begin a session in a transaction of the caller's; return what the browser is to hold.

        It `is_proved` where its holder has just given password and second factor. Old ones of the
        same account that nobody has ended go with it.
        """
        now = int(self._clock())
        overdue = (SignIn.created_at <= now - self._session_s) | (
            SignIn.seen_at <= now - self._idle_s
        )
        session.execute(delete(SignIn).where(SignIn.account_id == account.id, overdue))
        ticket = new_token() + _ending(account, stage)
        session.add(
            SignIn(
                id_hash=self.hash_of(ticket),
                account_id=account.id,
                stage=stage,
                created_at=now,
                seen_at=now,
                proved_at=now if is_proved else None,
            )
        )
        return ticket

    def end(self, session_hash: bytes) -> None:
        """End one session."""
        with self._database.writing() as session:
            session.execute(delete(SignIn).where(SignIn.id_hash == session_hash))

    def find_live(self, hashes: Set[bytes]) -> set[bytes]:
        """Return those of these sessions that have not ended."""
        now, live, wanted = int(self._clock()), set[bytes](), iter(hashes)
        with self._database.reading() as session:
            while some := list(islice(wanted, _AT_ONCE)):
                chosen = select(SignIn, Account).join(Account, Account.id == SignIn.account_id)
                rows = session.execute(chosen.where(SignIn.id_hash.in_(some))).all()
                live |= {row.id_hash for row, of in rows if self._lasts(row, of, now)}
        return live

    def _lasts(self, row: SignIn, account: Account, now: int) -> bool:
        is_over = is_past(row.created_at, now - self._session_s)
        return not (is_over or is_past(row.seen_at, now - self._idle_s)) and account.is_usable(now)

    def hash_of(self, ticket: str) -> bytes:
        """Return what a session is known by, whose ticket this is."""
        return self._vault.term(ticket.encode(), _PLACE)


def _ending(account: Account, stage: str) -> str:
    return f".{account.id.hex}.{stage}"


def tell_changed(journal: Journal, account: Account) -> None:
    """Put on record that an account, met again with every press, is as no page has left it."""
    journal.record_once(CONSOLE, "account changed outside", account=str(account.id))


def end_sessions(session: Session, account_id: UUID) -> None:
    """End all sessions of an account: their holder has to sign in again."""
    session.execute(delete(SignIn).where(SignIn.account_id == account_id))


def use_up(session: Session, who: SignedIn) -> None:
    """End the session of one who goes a step further; raises `NotSignedIn` where it has ended."""
    if not changed(session.execute(delete(SignIn).where(SignIn.id_hash == who.session_hash))):
        raise NotSignedIn("/log-in")


def _signed_in(row: SignIn, account: Account) -> SignedIn:
    return SignedIn(
        account_id=account.id,
        name=account.name,
        display_name=account.display_name,
        stage=Stage(row.stage),
        privileges=Privileges(account.roles),
        session_hash=row.id_hash,
    )
