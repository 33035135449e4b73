"""Who may confirm what another person has asked for."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.staff.accounts import is_taken, require_account
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account, Request, RoleOfAccount, Wish
from intelligence.store.bound import holds, vault_of

CONFIRMING: Final = frozenset((Role.ADMINISTRATOR, Role.APPROVER))
OVER: Final = (
    "the last day of this account is over, and it opens no more; add the person anew, with another "
    "log-in name"
)
CHANGED_OUTSIDE: Final = (
    "this account was changed outside of the console, and lets nobody in; disable it, or have "
    "whoever runs the service let its holder in again: intelligence staff invite --as-it-is"
)
_CHANGED_REQUEST: Final = (
    "this was changed outside of the console; turn it down, and have it asked for anew"
)
_TAKEN: Final = "somebody else is called so by now; turn this down, and have another name asked for"


def why_nobody_confirms(session: Session, row: Request, now: float) -> str | None:
    """Return why nobody at all confirms this, None where somebody may; `now` in Unix seconds."""
    if not holds(vault_of(session), row):
        return _CHANGED_REQUEST
    account = require_account(session, row.account_id, lock=False)
    if not account.holds or account.is_over(now):
        return OVER if account.holds else CHANGED_OUTSIDE
    if row.wish == Wish.NAME and is_taken(session, row.roles, account.id):
        return _TAKEN
    asker = require_account(session, row.requested_by, lock=False)
    if not asker.is_usable(now) or Role.ADMINISTRATOR not in asker.roles:
        return "whoever asked for this is no administrator any more; have it asked for anew"
    return None


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
