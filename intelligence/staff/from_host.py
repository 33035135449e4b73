"""What root on the host does for somebody whom no page lets in, on record."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.days import moment_text
from intelligence.journal import Journal
from intelligence.staff.enrolment import forget_second_factor, issue_invitation
from intelligence.staff.roles import ROLE_NAMES
from intelligence.staff.tables import Account, State
from intelligence.store.bound import bind, vault_of
from intelligence.store.database import Database
from screening.vocabulary.errors import OperatorError

_NOT_IN_USE: Final = "no account in use has this log-in name; see the page of the staff"
_CHANGED: Final = (
    "this account was changed outside of the console; it says: {said}; where that is so, run this "
    "again with --as-it-is, and where not, restore a backup of before, or have an administrator "
    "disable it on the page of the staff, and add the person anew, by another log-in name and a "
    "name that tells both apart"
)


class Invited(NamedTuple):
    """A whole token; and what an account says that was bound anew, None of any other."""

    token: str
    bound: str | None


@dataclass(frozen=True, slots=True)
class HostInvitation:
    """Who is invited, by their log-in name, `by` whom, and how.

    `forget_factor` to forget app and codes; `as_it_is` to take an account that was changed outside
    of the console for what it says now.
    """

    name: str
    by: str
    forget_factor: bool = False
    as_it_is: bool = False


def invite_from_host(
    database: Database, journal: Journal, now: float, how: HostInvitation
) -> Invited:
    """Return a token for an account, as root on the host may have it; raises `OperatorError`.

    For a console whose only administrator has lost phone or password, or has nobody to confirm, and
    for an account that was changed outside of it. Of that one, password and second factor may be
    anybody's, so both are forgotten, and its holder makes them anew.
    """
    with database.writing() as session:
        chosen = (
            select(Account).where(Account.name == how.name.strip().casefold()).with_for_update()
        )
        account = session.scalars(chosen).one_or_none()
        if account is None:
            raise OperatorError(_NOT_IN_USE)
        was = account.state
        bound = None if account.holds else _bound_anew(session, account, is_wanted=how.as_it_is)
        if account.state == State.DISABLED or account.is_over(now):
            raise OperatorError(_NOT_IN_USE)
        is_reset = how.forget_factor or bound is not None
        if is_reset:
            forget_second_factor(session, account)
        facts: dict[str, object] = {"account": str(account.id), "second_factor_reset": is_reset}
        if bound is not None:
            facts |= {"bound_anew": True, "was": was, "roles": sorted(account.roles)}
        journal.record(how.by, "staff invited from the host", **facts)
        return Invited(issue_invitation(session, account.id, now), bound)


def _bound_anew(session: Session, account: Account, *, is_wanted: bool) -> str:
    """Bind an account as it is, without a password; return what it says.

    Raises `OperatorError` where nobody asked for that, with what it says.
    """
    said = _said(account)
    if not is_wanted or not isinstance(account.expires_at, int | None):  # SQLite takes any value
        raise OperatorError(_CHANGED.format(said=said))
    account.password_hash, account.state = None, State.INVITED
    bind(vault_of(session), account)
    return said


def _said(account: Account) -> str:
    roles = ", ".join(ROLE_NAMES[one] for one in sorted(account.roles)) or "no role"
    ends = account.expires_at
    no_day = "no last day" if ends is None else "a last day that is none"
    last = f"ends {moment_text(ends)}" if isinstance(ends, int) else no_day
    said = (account.display_name, account.organisation, account.legal_basis)
    return "; ".join((account.state, *(repr(one) for one in said if one is not None), roles, last))
