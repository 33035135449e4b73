"""What is asked for of an account: as it is stored, as it is on record, and done."""

from collections.abc import Mapping
from typing import Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from intelligence.errors import FormRefused
from intelligence.staff.enrolment import forget_second_factor, issue_invitation
from intelligence.staff.roles import ROLE_NAMES, Role
from intelligence.staff.sessions import end_sessions
from intelligence.staff.tables import Account, Request, RoleOfAccount, State, Wish
from intelligence.store.bound import alter, vault_of

EVENTS: Final[Mapping[Wish, str]] = {
    Wish.INVITATION: "staff invited",
    Wish.SECOND_FACTOR: "second factor reset",
    Wish.ROLES: "roles changed",
    Wish.ENABLING: "staff enabled",
    Wish.NAME: "name changed",
}
"""What is on record of each once it is done."""


class Wanted(NamedTuple):
    """A wish, with the roles or the name that the account is to have, of a wish for these."""

    wish: Wish
    roles: frozenset[Role] = frozenset()
    display_name: str = ""

    @classmethod
    def of(cls, row: Request) -> Self:
        """Return what a row that holds asks for."""
        wish = Wish(row.wish)
        if wish is Wish.NAME:
            return cls(wish, display_name=row.roles)
        return cls(wish, roles=roles_of(row))

    @property
    def stored(self) -> str:
        """Return it as `Request.roles` has it."""
        return self.display_name if self.wish is Wish.NAME else ",".join(sorted(self.roles))

    def facts(self, account: Account) -> dict[str, object]:
        """Return what is on record of it: names too, for nothing else tells who was called so."""
        facts: dict[str, object] = {"account": str(account.id)}
        if self.wish is Wish.NAME:
            facts |= {"was": account.display_name, "display_name": self.display_name}
        return {**facts, "roles": sorted(self.roles)} if self.wish is Wish.ROLES else facts

    def carry_out(
        self, session: Session, account: Account, now: float, *, share_hash: bytes | None = None
    ) -> str | None:
        """Do it; return a token of an invitation, the other half where `share_hash` is of one.

        Raises `FormRefused` for an invitation to an account that is disabled.
        """
        if self.wish is Wish.INVITATION:
            if account.state == State.DISABLED:
                raise FormRefused("this account is disabled; enable it first")
            return issue_invitation(session, account.id, now, other_half=share_hash)
        if self.wish is Wish.SECOND_FACTOR:
            forget_second_factor(session, account)
        elif self.wish is Wish.ROLES:
            give_roles(session, account, self.roles)
        elif self.wish is Wish.NAME:
            alter(vault_of(session), account, display_name=self.display_name)
        else:
            state = State.INVITED if account.password_hash is None else State.ACTIVE
            alter(vault_of(session), account, state=state)
        return None


def roles_of(row: Request) -> frozenset[Role]:
    """Return the roles that a row asks for, whatever somebody has written there."""
    if row.wish != Wish.ROLES:
        return frozenset()
    return frozenset(Role(one) for one in str(row.roles).split(",") if one in ROLE_NAMES)


def give_roles(session: Session, account: Account, roles: frozenset[Role]) -> None:
    """Give an account these roles and no other, and end its sessions."""
    rows = [
        *(row for row in account.role_rows if row.role in roles),
        *(RoleOfAccount(role=role) for role in sorted(roles - account.roles)),
    ]
    alter(vault_of(session), account, role_rows=rows)
    end_sessions(session, account.id)


def withdraw_requests(session: Session, account_id: UUID) -> None:
    """Forget what an account has asked for, and what was asked for it."""
    is_of = or_(Request.account_id == account_id, Request.requested_by == account_id)
    session.execute(delete(Request).where(is_of))
