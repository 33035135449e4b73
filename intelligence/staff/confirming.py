"""Who may confirm what another person has asked for."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.staff.roles import Role
from intelligence.staff.tables import Account, Request, RoleOfAccount

CONFIRMING: Final = frozenset((Role.ADMINISTRATOR, Role.APPROVER))


def able_to_confirm(
    session: Session, row: Request, roles: frozenset[Role], now: float
) -> frozenset[UUID]:
    """Return the ids of those with one of these roles who may be here, and are no party to it.

    A party is who has asked for it, and whom it is about; `now` is in Unix seconds.
    """
    parties = (row.requested_by, row.account_id)
    holders = select(RoleOfAccount.account_id).where(RoleOfAccount.role.in_(sorted(roles)))
    others = select(Account).where(Account.id.in_(holders), Account.id.not_in(parties))
    return frozenset(
        one.id for one in session.scalars(others) if one.roles & roles and one.is_usable(now)
    )
