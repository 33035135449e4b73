"""The table of data keys, each wrapped under a key-encryption key."""

import secrets
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from intelligence.errors import Undecipherable
from intelligence.store.base import Base
from intelligence.store.database import Database
from intelligence.store.key_file import KEY_BYTES, KeyEncryptionKey
from intelligence.store.vault import ID_BYTES, DataKey, Vault

_LABEL: Final = b"intelligence/v1/data-key\0"


class WrappedKey(Base):
    """A data key as the database holds it; the one without `retired_at` seals."""

    __tablename__ = "data_key"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_by: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[int]
    retired_at: Mapped[int | None]


def create_first_key(
    database: Database, under: KeyEncryptionKey, clock: Callable[[], float]
) -> None:
    """Make a first data key, unless there is one."""
    with database.writing() as session:
        if not current_keys(session):
            session.add(new_key(under, int(clock())))


def open_vault(database: Database, keys: Sequence[KeyEncryptionKey]) -> Vault:
    """Return what seals and opens, and have the database bind its rows with it from now on.

    Raises `Undecipherable` where no key unwraps a data key.
    """
    with database.reading() as session:
        rows = session.scalars(select(WrappedKey).order_by(WrappedKey.created_at)).all()
    if not rows:
        raise Undecipherable("the database holds no data key; run: intelligence init")
    in_order = sorted(rows, key=lambda row: row.retired_at is not None)
    database.vault = Vault([unwrapped(row, keys) for row in in_order])
    return database.vault


def current_keys(session: Session) -> Sequence[WrappedKey]:
    """Return the key that seals, or none."""
    return session.scalars(select(WrappedKey).where(WrappedKey.retired_at.is_(None))).all()


def new_key(under: KeyEncryptionKey, now: int) -> WrappedKey:
    """Return a new data key, wrapped."""
    key_id = secrets.token_hex(ID_BYTES)
    secret = secrets.token_bytes(2 * KEY_BYTES)
    return WrappedKey(
        id=key_id,
        wrapped=under.wrap(secret, bound_to=_LABEL + key_id.encode()),
        wrapped_by=under.id,
        created_at=now,
    )


def wrap_anew(row: WrappedKey, keys: Sequence[KeyEncryptionKey]) -> None:
    """Wrap a data key under the first of `keys`."""
    bound_to = _LABEL + row.id.encode()
    secret = _wrapper(row, keys).unwrap(row.wrapped, bound_to=bound_to)
    row.wrapped, row.wrapped_by = keys[0].wrap(secret, bound_to=bound_to), keys[0].id


def unwrapped(row: WrappedKey, keys: Sequence[KeyEncryptionKey]) -> DataKey:
    """Return a data key; raises `Undecipherable`."""
    secret = _wrapper(row, keys).unwrap(row.wrapped, bound_to=_LABEL + row.id.encode())
    return DataKey(row.id, secret[:KEY_BYTES], secret[KEY_BYTES:])


def _wrapper(row: WrappedKey, keys: Sequence[KeyEncryptionKey]) -> KeyEncryptionKey:
    for key in keys:
        if key.id == row.wrapped_by:
            return key
    raise Undecipherable(
        f"the database was sealed under the key {row.wrapped_by}, which key-encryption.keys does "
        "not hold; restore that file"
    )
