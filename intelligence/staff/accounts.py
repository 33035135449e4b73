"""Accounts as rows: found, made, and shown field by field."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from advanced_alchemy.exceptions import IntegrityError
from advanced_alchemy.repository import SQLAlchemySyncRepository
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from intelligence.colleagues import Colleague
from intelligence.days import is_past
from intelligence.errors import FormRefused, NotSignedIn, NotThere
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import UNREADABLE_ROLE, Role
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Account, RoleOfAccount, SignIn, Stage, State
from intelligence.store.bound import bind, vault_of

# ASCII, as colleagues are told apart by it: letters of other scripts look alike.
_NAME: Final = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]{1,189}|[a-z0-9][a-z0-9._-]{1,63}"
)
_UNSEEN: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters that show nothing (Unicode, Default_Ignorable_Code_Point), and blank Braille."""
PROOF_S: Final = 300
"""For so long after somebody has given password and second factor they may do what demands both."""
CHANGED: Final = "changed outside of the console"
"""The state of an account that does not hold."""
_MOST_MARKS: Final = 2
"""More marks on one letter are drawn over the lines above and below."""


class AccountRows(SQLAlchemySyncRepository[Account]):
    """The rows of accounts."""

    model_type = Account


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What is known of a person before they have been here; of an external one, all of it."""

    name: str
    display_name: str
    roles: frozenset[Role]
    organisation: str | None = None
    legal_basis: str | None = None
    expires_at: int | None = None

    def __post_init__(self) -> None:
        """Raise `FormRefused` for what is no account."""
        if not _NAME.fullmatch(self.name):
            raise FormRefused(
                "the log-in name must be an e-mail address, or letters and digits", "name"
            )
        require_legible(self.display_name)
        require_roles(self.roles)
        is_external = Role.AUTHORISED_USER in self.roles
        described = (self.organisation, self.legal_basis, self.expires_at)
        if is_external and not all(described):
            raise FormRefused(
                "an authorised user needs an organisation, a legal basis and a last day"
            )
        if not is_external and any(described[:2]):
            raise FormRefused("organisation and legal basis are of authorised users alone")

    def row(self, state: State, now: int) -> Account:
        """Return it as a row."""
        return Account(
            id=uuid4(),
            name=self.name,
            display_name=self.display_name.strip(),
            state=state,
            organisation=self.organisation,
            legal_basis=self.legal_basis,
            expires_at=self.expires_at,
            created_at=now,
            role_rows=[RoleOfAccount(role=role) for role in sorted(self.roles)],
        )


def require_legible(name: str) -> None:
    """Raise `FormRefused` for a name that cannot be read, or draws over what stands around it."""
    if not any(map(str.isalnum, name)):
        raise FormRefused(
            "the person's name is missing; give it as colleagues know it", "display_name"
        )
    if not is_legible(name):
        raise FormRefused(
            "the person's name holds characters that cannot be read; type it anew", "display_name"
        )


def is_legible(text: str) -> bool:
    """Tell whether each character of a text can be read, and draws over nothing around it."""
    marks = "".join("m" if unicodedata.category(one) in ("Mn", "Me") else "-" for one in text)
    is_seen = text.isprintable() and _UNSEEN.isdisjoint(text)
    return is_seen and "m" * (_MOST_MARKS + 1) not in marks


def plain(name: str) -> str:
    """Return what two names have in common that look alike."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def require_roles(roles: Collection[Role]) -> None:
    """Raise `FormRefused` for what nobody may be at once."""
    if not roles:
        raise FormRefused("no role is chosen; choose at least one", "roles")
    if Role.AUTHORISED_USER in roles and len(roles) > 1:
        raise FormRefused("an authorised user is external, and has no other role", "roles")
    if Role.AUDITOR in roles and len(roles) > 1:
        raise FormRefused("an auditor looks at what others do, and has no other role", "roles")


def is_taken(session: Session, display_name: str, but_of: UUID) -> bool:
    """Tell whether somebody whose account is not that one is called so, or alike."""
    others = select(Account.display_name).where(Account.id != but_of)
    # What SQLite has in a column of text may be none.
    return plain(display_name) in (plain(str(one)) for one in session.scalars(others))


def refuse_former(colleagues: Mapping[UUID, Colleague], display_name: str, but_of: UUID) -> None:
    """Raise `FormRefused` for a name that the record says was another's, or one like it.

    Whoever goes by it would be taken for them, and they could not be called so again.
    """
    others = (one for account_id, one in colleagues.items() if account_id != but_of)
    if any(plain(display_name) in map(plain, one.was_called) for one in others):
        raise FormRefused(
            "somebody was called so before, as the record says under name changed; add what "
            "colleagues tell both apart by, such as a team",
            "display_name",
        )


def add_account(session: Session, account: Account) -> None:
    """Add a row, bound as it is; raises `FormRefused` where one of its names is taken."""
    bind(vault_of(session), account)
    if is_taken(session, account.display_name, account.id):
        raise FormRefused(
            "somebody of this name is here; if it is they, look at their page, where a token that "
            "was lost or turned down is made anew, and if another, add what colleagues tell them "
            "apart by, such as a team",
            "display_name",
        )
    try:
        AccountRows(session=session).add(account)
    except IntegrityError:
        raise FormRefused(
            "there is an account of this log-in name, which stays taken also once that is "
            "disabled; if it is theirs, make a token on their page, and if not, choose another one",
            "name",
        ) from None


def find_account(session: Session, name: str) -> Account | None:
    """Return the account with this log-in name."""
    return AccountRows(session=session).get_one_or_none(name=name)


def require_account(session: Session, account_id: UUID, *, lock: bool = True) -> Account:
    """Return an account, where it may change locked until the transaction ends.

    Raises `NotThere`.
    """
    roles = () if lock else (joinedload(Account.role_rows),)  # what is joined so takes no lock
    account = session.get(
        Account, account_id, options=roles, with_for_update=lock, populate_existing=True
    )
    if account is None:
        raise NotThere
    return account


def find_as_of_now(session: Session, account_id: UUID) -> Account | None:
    """Return an account with its roles of the same moment, without a lock.

    In a transaction that writes, PostgreSQL has each statement see what was committed before it:
    read by two, an account would be bound to other roles than were read.
    """
    roles = joinedload(Account.role_rows)
    return session.get(Account, account_id, options=[roles], populate_existing=True)


def lock_accounts(session: Session, ids: Collection[UUID]) -> None:
    """Lock accounts until the transaction ends, in one order: no two wait for each other."""
    rows = select(Account.id).where(Account.id.in_(ids)).order_by(Account.id).with_for_update()
    session.execute(rows).all()


def acting(
    session: Session, who: SignedIn, clock: Callable[[], float], *, lock: bool = True
) -> Privileges:
    """Return what `who` may do as of this transaction, and where it changes something to its end.

    Raises `NotSignedIn` where their session has ended since the page was asked for, or somebody has
    taken it all.
    """
    account = require_account(session, who.account_id, lock=lock)
    signed_in = session.get(SignIn, who.session_hash, with_for_update=lock, populate_existing=True)
    is_whole = signed_in is not None and signed_in.stage == Stage.FULL
    if not is_whole or not account.is_usable(clock()):
        raise NotSignedIn("/log-in")
    proved_at = signed_in.proved_at if signed_in is not None else None
    is_proved = proved_at is not None and not is_past(proved_at, clock() - PROOF_S)
    return Privileges(account.roles, is_proved=is_proved)


def record_of(account: Account, now: float) -> dict[str, object]:
    """Return an account as a record, with the fields that `roles.FIELDS` names.

    Its state is "over" once its last day has passed, which nobody who is disabled is told apart by;
    it is "changed" where somebody has written in the database, whatever that says by now.
    """
    holds = account.holds
    is_over = holds and account.state != State.DISABLED and account.is_over(now)
    state = account.state if holds else CHANGED
    if not holds and account.state == State.DISABLED:
        state += ", disabled"
    return {
        "name": account.name,
        "display_name": account.display_name,
        "roles": [*sorted(account.roles), *([UNREADABLE_ROLE] if account.has_unread_role else [])],
        "state": "over" if is_over else state,
        "is_changed": not holds,
        "second_factor": account.totp_secret is not None,
        "organisation": account.organisation,
        "legal_basis": account.legal_basis,
        "expires_at": account.expires_at,
        "created_at": account.created_at,
        "last_log_in_at": account.last_log_in_at,
    }
