"""What root on the host does for somebody whom no page lets in, on record."""

import shlex
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.days import is_past, moment_text
from intelligence.journal import Journal
from intelligence.on_record import OnRecord
from intelligence.staff.accounts import is_legible
from intelligence.staff.enrolment import forget_second_factor, issue_invitation
from intelligence.staff.roles import ROLE_NAMES, Role
from intelligence.staff.tables import MAX_TEXT, Account, State
from intelligence.store.bound import alter, bind, vault_of
from intelligence.store.database import Database
from screening.vocabulary.errors import OperatorError

_NOT_IN_USE: Final = "no account in use has this log-in name; see the page of the staff"
_CHANGED: Final = (
    "this account was changed outside of the console; it says: {said}; where that is so, run this "
    "again with --as-it-is, and where not, restore a backup of before, or have an administrator "
    "disable it on the page of the staff, and add the person anew, by another log-in name and a "
    "name that tells both apart"
)
_OVER: Final = (
    "the last day of this account is over; an administrator adds the person anew, with another "
    "log-in name: where none comes in, invite an administrator"
)
_OTHER_CHANGED: Final = (
    "the last day of this account is over, and that of another administrator was changed outside "
    "of the console; look at that one first: intelligence staff invite {name}"
)
_OTHER_UNNAMED: Final = (
    "the last day of this account is over, and that of another administrator was changed outside "
    "of the console, its log-in name, too; restore a backup of before"
)
_LAST_ONE: Final = (
    "the last day of this account is over, and no other administrator comes in; where its holder "
    "is to come in again, run this again with --last-day and another one, as year-month-day"
)
_NOT_OVER: Final = (
    "the last day of this account is not over, and is changed by nobody; run this again without "
    "--last-day"
)
_NONE_OF_OURS: Final = (
    "the {what} of this account is none that the console writes; disable it on the page of the "
    "staff, and add the person anew, with another log-in name"
)


class Invited(NamedTuple):
    """A whole token; and what an account says that has no password or another last day.

    None of any other.
    """

    token: str
    says: str | None


@dataclass(frozen=True, slots=True)
class HostInvitation:
    """Who is invited, by their log-in name, `by` whom, and how.

    `forget_factor` to forget app and codes; `as_it_is` to take an account that was changed outside
    of the console for what it says now; `last_day` to give it another one, which ends at this time
    in Unix seconds.
    """

    name: str
    by: str
    forget_factor: bool = False
    as_it_is: bool = False
    last_day: int | None = None


def invite_from_host(
    database: Database, journal: Journal, now: float, how: HostInvitation
) -> Invited:
    """Return a token for an account, as root on the host may have it; raises `OperatorError`.

    For a console whose only administrator has lost phone or password, is over, or has nobody to
    confirm, and for an account that was changed outside of it. Of that one, password and second
    factor may be anybody's, so both are forgotten, and its holder makes them anew. What it says is
    returned until they have: whoever was told it once may not have seen it.
    """
    with database.writing() as session:
        chosen = (
            select(Account).where(Account.name == how.name.strip().casefold()).with_for_update()
        )
        account = session.scalars(chosen).one_or_none()
        if account is None:
            raise OperatorError(_NOT_IN_USE)
        was, held = account.state, account.holds
        says = None if held and account.password_hash is not None else _said(account)
        if not held and not how.as_it_is:
            raise OperatorError(_CHANGED.format(said=says))
        if not held:
            _bind_anew(session, account)
        if account.state == State.DISABLED:
            raise OperatorError(_NOT_IN_USE)
        if account.is_over(now):
            _require_only_one(session, account, now, journal.on_record)
        is_renewed = _renew(session, account, now, how.last_day)
        is_reset = how.forget_factor or not held
        if is_reset:
            forget_second_factor(session, account)
        facts: dict[str, object] = {"account": str(account.id), "second_factor_reset": is_reset}
        if not held:
            facts |= {"bound_anew": True, "was": was, "roles": sorted(account.roles)}
        if is_renewed:
            facts |= {"ends_at": account.expires_at}
            says = _said(account)
        journal.record(how.by, "staff invited from the host", **facts)
        return Invited(issue_invitation(session, account.id, now), says)


def _bind_anew(session: Session, account: Account) -> None:
    """Bind an account that was changed, without password and second factor."""
    account.password_hash, account.state = None, State.INVITED
    account.totp_secret = None  # it may not open, and nothing is bound to what does not
    bind(vault_of(session), account)


def _renew(session: Session, account: Account, now: float, last_day: int | None) -> bool:
    """Give an administrator whose last day has passed another one, where nobody else adds them.

    Returns whether that was done; raises `OperatorError` where it was not, and they are over.
    """
    if not account.is_over(now):
        if last_day is not None:
            raise OperatorError(_NOT_OVER)
        return False
    if last_day is None:
        raise OperatorError(_LAST_ONE)
    if is_past(last_day, now):
        raise OperatorError("the last day is over; give a later one")
    alter(vault_of(session), account, expires_at=last_day)
    return True


def _require_only_one(session: Session, account: Account, now: float, record: OnRecord) -> None:
    """Raise `OperatorError` for whoever is no administrator, or not the only one who comes in.

    Others are here, or come in by an invitation from the host. One whose row was changed may, once
    somebody has looked at it: whoever writes in the database would otherwise make this the last.
    """
    others = session.scalars(select(Account).where(Account.id != account.id)).all()
    enabled = [one for one in others if one.state != State.DISABLED]
    if Role.ADMINISTRATOR not in account.roles or any(
        Role.ADMINISTRATOR in one.roles and one.holds and not one.is_over(now) for one in enabled
    ):
        raise OperatorError(_OVER)
    for one in enabled:
        if not one.holds and _may_administer(one, record):
            name = _name_to_type(one.name)
            raise OperatorError(
                _OTHER_UNNAMED if name is None else _OTHER_CHANGED.format(name=name)
            )


def _may_administer(changed: Account, record: OnRecord) -> bool:
    """Tell whether an account that was changed is on record as an administrator's.

    What it says counts where some of the record cannot be read: a row that somebody has put there
    is otherwise none of ours, and keeps nobody out.
    """
    known = record.staff().get(changed.id)
    is_said = Role.ADMINISTRATOR in changed.roles and not record.is_all()
    return is_said or (known is not None and Role.ADMINISTRATOR in known.roles)


def _name_to_type(name: object) -> str | None:
    """Return a log-in name as a shell takes it, None where the command would not find it so."""
    if not isinstance(name, str) or len(name) > MAX_TEXT or not is_legible(name):
        return None
    return shlex.quote(name) if name == name.strip().casefold() else None


def _said(account: Account) -> str:
    """Return what an account says, all of it as a terminal shows it and as it will count.

    Raises `OperatorError` for what no page writes: SQLite takes any value in any column.
    """
    texts = {
        "name": account.display_name,
        "organisation": account.organisation,
        "legal basis": account.legal_basis,
    }
    said = [_quoted(what, one) for what, one in texts.items() if one is not None]
    if account.state not in set(State):
        raise OperatorError(_NONE_OF_OURS.format(what="state"))
    if account.has_unread_role:
        raise OperatorError(_NONE_OF_OURS.format(what="role"))
    roles = ", ".join(ROLE_NAMES[one] for one in sorted(account.roles)) or "no role"
    return "; ".join((account.state, *said, roles, _last_day(account.expires_at)))


def _quoted(what: str, text: object) -> str:
    """Return a text in quotation marks, spelled in ASCII where not all of it can be read."""
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise OperatorError(_NONE_OF_OURS.format(what=what))
    return repr(text) if is_legible(text) else ascii(text)


def _last_day(ends: object) -> str:
    if ends is None:
        return "no last day"
    try:
        if isinstance(ends, int):
            return f"ends {moment_text(ends)}"
    except (ValueError, OverflowError, OSError):  # of a time that no calendar has
        pass
    raise OperatorError(_NONE_OF_OURS.format(what="last day"))
