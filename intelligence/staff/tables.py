"""The tables of people and of what lets them in. Times are Unix seconds."""

import hashlib
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from intelligence.days import is_past
from intelligence.staff.roles import ROLE_NAMES, Role
from intelligence.store.base import Base, Place, sealed_column
from intelligence.store.bound import FREE, Bound, BoundRow, holds, vault_of
from intelligence.store.vault import Vault

MAX_NAME: Final = 254
MAX_TEXT: Final = 200
_BOUND_SINCE: Final = "0022"


class State(StrEnum):
    """Whether an account can be used."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Stage(StrEnum):
    """How far somebody has come in signing in."""

    SECOND_FACTOR = "second_factor"
    ENROLMENT = "enrolment"
    FULL = "full"


class Account(BoundRow):
    """A person; `name` is what they log in with, in lower case.

    What lets them in, as whom, and until when is bound, with their roles: other hands than the
    console's open nobody a door (docs/decisions/0064).
    """

    __tablename__ = "staff_account"
    bound_since = _BOUND_SINCE
    more_since = "0024"

    name: Mapped[str] = mapped_column(String(MAX_NAME), unique=True)
    display_name: Mapped[str] = mapped_column(String(MAX_TEXT))
    state: Mapped[str] = mapped_column(String(16))
    organisation: Mapped[str | None] = mapped_column(String(MAX_TEXT))
    legal_basis: Mapped[str | None] = mapped_column(String(MAX_TEXT))
    expires_at: Mapped[int | None]
    password_hash: Mapped[str | None] = mapped_column(String(256))
    totp_secret: Mapped[bytes | None] = sealed_column()
    totp_step: Mapped[int] = mapped_column(default=0, info=FREE)
    """Put back, a code that was heard is heard once more while it is new."""
    created_at: Mapped[int]
    last_log_in_at: Mapped[int | None] = mapped_column(info=FREE)
    """The page of the staff shows it as it stands here; the ledger has each log-in."""
    role_rows: Mapped[list["RoleOfAccount"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def roles(self) -> frozenset[Role]:
        """Return the roles that the account holds."""
        return frozenset(Role(row.role) for row in self.role_rows if row.role in ROLE_NAMES)

    @property
    def has_unread_role(self) -> bool:
        """Tell whether it has one that there is not, which gives nothing."""
        return any(row.role not in ROLE_NAMES for row in self.role_rows)

    def beside(self, vault: Vault) -> dict[str, object]:
        """Return its roles as they stand in their rows, and what is known of its second factor.

        So that of before, which opens in its row as well, is none. A secret of 160 random bits is
        learned from no digest, and is the same under every key that it is sealed with.
        """
        if self.totp_secret is None:
            return self.beside_before()
        secret = vault.open(self.totp_secret, totp_place(self))
        return self.beside_before() | {"second_factor": hashlib.sha256(secret).hexdigest()}

    def beside_before(self) -> dict[str, object]:
        """Return its roles alone."""
        return {"roles": sorted(str(row.role) for row in self.role_rows)}

    @property
    def holds(self) -> bool:
        """Tell, in the transaction that it was read in, whether the console alone has changed it.

        Of one of no transaction nobody knows.
        """
        session = object_session(self)
        return session is not None and holds(vault_of(session), self)

    @property
    def remark(self) -> str:
        """Return what is said behind a name that other hands than the console's may have written.

        Nothing of an account that holds, as `holds` says.
        """
        return "" if self.holds else ", whose account was changed outside of the console"

    def is_usable(self, now: float) -> bool:
        """Tell whether its holder may be here, in the transaction that it was read in."""
        return self.holds and self.state == State.ACTIVE and not self.is_over(now)

    def is_over(self, now: float) -> bool:
        """Tell whether its last day has passed."""
        return self.expires_at is not None and is_past(self.expires_at, now)


def totp_place(account: Account) -> Place:
    """Return where the secret of an account's second factor lies."""
    return Place(Account.__tablename__, "totp_secret", str(account.id))


class RoleOfAccount(Base):
    """One role of one account."""

    __tablename__ = "staff_role"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)


class Wish(StrEnum):
    """What lets somebody in, or do more, or says who they are, and so takes two people."""

    INVITATION = "invitation"
    SECOND_FACTOR = "second_factor"
    ROLES = "roles"
    ENABLING = "enabling"
    NAME = "name"


class Request(BoundRow):
    """What an administrator wants done with an account, and another person has not confirmed yet.

    `roles` are those it is to have, separated by commas, or the name, of a wish for one;
    `share_hash` is of the half of a token that the administrator was shown.
    """

    __tablename__ = "staff_request"
    bound_since = _BOUND_SINCE

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"))
    wish: Mapped[str] = mapped_column(String(16))
    roles: Mapped[str] = mapped_column(String(MAX_TEXT))
    share_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    expires_at: Mapped[int]
    __table_args__ = (UniqueConstraint("account_id", "wish"),)


class RecoveryCode(Bound):
    """A code that stands in for the second factor once; gone when it is used."""

    __tablename__ = "staff_recovery_code"
    bound_since = _BOUND_SINCE

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)


class Invitation(Bound):
    """A token that lets one person choose a password, once; of no account, the first one."""

    __tablename__ = "staff_invitation"
    bound_since = _BOUND_SINCE

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    expires_at: Mapped[int]


class SignIn(Base):
    """A session; only a term of what the browser holds is kept."""

    __tablename__ = "staff_session"

    id_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    stage: Mapped[str] = mapped_column(String(16))
    pending_secret: Mapped[bytes | None] = sealed_column()
    created_at: Mapped[int]
    seen_at: Mapped[int]
    proved_at: Mapped[int | None]
    """When its holder last gave password and second factor."""
