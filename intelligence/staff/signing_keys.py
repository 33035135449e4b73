"""The keys that people sign changes with: Ed25519, sealed under the holder's own password.

Nobody signs for another, whoever has the database and its keys: the password is not there. Nor is
another's public half shown as a holder's, unless by those keys: its row is bound.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from intelligence.errors import FormRefused
from intelligence.journal import CONSOLE, Journal
from intelligence.staff.accounts import acting
from intelligence.staff.own_password import OwnPassword
from intelligence.staff.passwords import Cost, Passwords
from intelligence.staff.privileges import Shown
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.store.base import Place, sealed_column
from intelligence.store.bound import Bound, alter, bind, holds, vault_of
from intelligence.store.database import Database
from intelligence.store.key_file import NONCE_BYTES
from intelligence.store.vault import Vault
from screening.spools.batch import ApproverKey

_SALT_BYTES: Final = 16
_LABEL: Final = b"intelligence/v1/signing-key\0"
_NONE: Final = "you have no key to sign with yet; make one on the page of your signing key"
_LOST: Final = "your key was sealed under a password that you have no more; make another key"
_CHANGED: Final = (
    "your key was changed outside of the console, and signs nothing; make another key, and have "
    "whoever runs the service find out who has changed the database"
)
_KEY = RecordType.SIGNING_KEY


class SigningKey(Bound):
    """Somebody's key: what all may know of it, and its private half twice sealed."""

    __tablename__ = "staff_signing_key"
    bound_since = "0025"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16), unique=True)
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    private: Mapped[bytes | None] = sealed_column()
    salt: Mapped[bytes] = mapped_column(LargeBinary(_SALT_BYTES))
    cost: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[int]


@dataclass(frozen=True, slots=True)
class Resealed:
    """A key under another password; of the key that has this id and no other."""

    key_id: str
    private: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    cost: str

    def keep(self, session: Session, account_id: UUID) -> None:
        """Put it in the place of what was sealed under the password before."""
        row = session.get(SigningKey, account_id, with_for_update=True)
        if row is not None and row.key_id == self.key_id:
            values = {"private": self.private, "salt": self.salt, "cost": self.cost}
            alter(vault_of(session), row, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """Makes keys, and opens them for the one who gives the password."""

    database: Database
    vault: Vault
    passwords: Passwords
    own_password: OwnPassword
    journal: Journal
    clock: Callable[[], float]

    def shown(self, who: SignedIn) -> Shown | None:
        """Return what the holder tells the indexer's administrator, None while there is no key.

        One that `is_lost` opens no more (`lose_key`); of one that `is_changed` nothing is shown:
        what its row says may be another's, which the indexer would then know as the holder's.
        """
        with self.database.reading() as session:
            privileges = acting(session, who, self.clock, lock=False)
            row = session.get(SigningKey, who.account_id)
            is_changed = row is not None and not holds(self.vault, row)
            record: dict[str, object] = {}
            if row is not None and not is_changed:
                record = {"id": ApproverKey(row.public).fingerprint, "public": row.public}
            shown = privileges.shown(_KEY, record)
        if row is None:
            return None
        if is_changed:
            self._tell_changed(who)
        is_lost = row.private is None
        return Shown({**shown, "is_lost": is_lost, "is_changed": is_changed})

    def why_none(self, who: SignedIn) -> str | None:
        """Return why somebody signs nothing as it stands, None where they have a key that does."""
        with self.database.reading() as session:
            return self._why_none(who, session.get(SigningKey, who.account_id))

    def make(self, who: SignedIn, password: str) -> str:
        """Make a key, in place of the one there is, which signs no more; return its id."""
        with self.database.reading() as session:
            acting(session, who, self.clock, lock=False).require(Verb.CHANGE, _KEY, {"private"})
        self.own_password.verify(who, password)
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        salt, cost = secrets.token_bytes(_SALT_BYTES), self.passwords.cost
        box = _wrap(private, self.passwords.derive(password, salt, cost), who.account_id)
        with self.database.writing() as session:
            acting(session, who, self.clock).require(Verb.CHANGE, _KEY, {"private"})
            row = session.get(SigningKey, who.account_id)
            if row is None:
                row = SigningKey(account_id=who.account_id)
                session.add(row)
            row.key_id, row.public = ApproverKey(public).id, public
            row.private = self.vault.seal(box, _place(who.account_id))
            row.salt, row.cost = salt, _spelled(cost)
            row.created_at = int(self.clock())
            bind(self.vault, row)
            self.journal.record(who.actor, "signing key made", key=row.key_id)
            return row.key_id

    def unlocked(self, who: SignedIn, password: str) -> Ed25519PrivateKey:
        """Return the holder's key; raises `FormRefused` where there is none, or they are not it.

        Of the half that is shown and no other: an upgrade binds what stood in the row before it.
        """
        self.own_password.verify(who, password)
        with self.database.reading() as session:
            row = session.get(SigningKey, who.account_id)
        why_none = self._why_none(who, row)
        if row is None or row.private is None or why_none is not None:
            raise FormRefused(why_none or _LOST)
        derived = self.passwords.derive(password, row.salt, _parsed(row.cost))
        box = self.vault.open(row.private, _place(who.account_id))
        private = _unwrap(box, derived, who.account_id)
        if private is None:  # of a password before, by a version that kept it then
            raise FormRefused(_LOST)
        if private.public_key().public_bytes_raw() != row.public:
            raise self._changed(who)
        return private

    def resealed(self, account_id: UUID, old: str, new: str) -> "Resealed | None":
        """Return somebody's key sealed under another password, None where there is none to open.

        To be kept by the transaction that takes the password: to derive keys takes too long there.
        """
        with self.database.reading() as session:
            row = session.get(SigningKey, account_id)
        if row is None or row.private is None or not holds(self.vault, row):
            return None
        derived = self.passwords.derive(old, row.salt, _parsed(row.cost))
        private = _unwrap(self.vault.open(row.private, _place(account_id)), derived, account_id)
        if private is None:  # of an earlier password already
            return None
        salt, cost = secrets.token_bytes(_SALT_BYTES), self.passwords.cost
        box = _wrap(private, self.passwords.derive(new, salt, cost), account_id)
        sealed = self.vault.seal(box, _place(account_id))
        return Resealed(row.key_id, sealed, salt, _spelled(cost))

    def _why_none(self, who: SignedIn, row: SigningKey | None) -> str | None:
        """Return why nothing is signed with this row; that it was changed is on record then."""
        if row is None:
            return _NONE
        if not holds(self.vault, row):
            self._tell_changed(who)
            return _CHANGED
        return _LOST if row.private is None else None

    def _changed(self, who: SignedIn) -> FormRefused:
        """Return what the holder is told, once it is on record."""
        self._tell_changed(who)
        return FormRefused(_CHANGED)

    def _tell_changed(self, who: SignedIn) -> None:
        self.journal.record_once(CONSOLE, "signing key changed outside", account=who.actor)


def lose_key(session: Session, account_id: UUID) -> None:
    """Forget the private half of a key whose holder has a new password by a token.

    Nobody can open it any more; its holder is told before they sign.
    """
    row = session.get(SigningKey, account_id, with_for_update=True)
    if row is not None:
        alter(vault_of(session), row, private=None)


def _place(account_id: UUID) -> Place:
    return Place(SigningKey.__tablename__, "private", str(account_id))


def _bound(account_id: UUID) -> bytes:
    return _LABEL + str(account_id).encode()


def _wrap(private: Ed25519PrivateKey, under: bytes, account_id: UUID) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(under).encrypt(nonce, private.private_bytes_raw(), _bound(account_id))


def _unwrap(box: bytes, under: bytes, account_id: UUID) -> Ed25519PrivateKey | None:
    nonce, sealed = box[:NONCE_BYTES], box[NONCE_BYTES:]
    try:
        secret = AESGCM(under).decrypt(nonce, sealed, _bound(account_id))
    except InvalidTag:
        return None
    return Ed25519PrivateKey.from_private_bytes(secret)


def _spelled(cost: Cost) -> str:
    return ",".join(map(str, cost))


def _parsed(text: str) -> Cost:
    return Cost(*map(int, text.split(",")))
