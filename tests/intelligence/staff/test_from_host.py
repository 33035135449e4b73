"""What root on the host is shown of an account before it is bound, and after."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from sqlalchemy import text, update

from intelligence.days import moment_text
from intelligence.errors import FormRefused
from intelligence.staff.accounts import NewAccount, require_account
from intelligence.staff.from_host import HostInvitation, Invited, invite_from_host
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account, RoleOfAccount, State
from intelligence.store.bound import alter
from screening.vocabulary.errors import OperatorError
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services

HOUR_S: Final = 3600


def _write(services: Services, of: str, **values: object) -> None:
    with services.database.writing() as session:
        session.execute(update(Account).where(Account.name == of).values(**values))


def _invited(services: Services, name: str, **how: Any) -> Invited:
    journal, now = services.directory.journal, services.clock()
    return invite_from_host(services.database, journal, now, HostInvitation(name, "root", **how))


def _nothing(_: Services) -> None:
    pass


def _disabled(services: Services) -> None:
    _write(services, "bob", state="disabled")


@pytest.mark.parametrize("more", [_nothing, _disabled])
def test_a_changed_account_comes_back_by_the_host_alone_and_as_it_is_said_to_be(
    services: Services, ada: Person, more: Callable[[Services], None]
) -> None:
    bob = services.colleague(ada, "bob", Role.ANALYST)
    _write(services, "bob", display_name="Somebody else")
    more(services)
    services.prove(ada)
    for ask in (
        services.directory.invite,
        services.directory.enable,
        services.directory.reset_second_factor,
    ):
        with pytest.raises(FormRefused, match="--as-it-is"):
            ask(ada.who, bob.who.account_id)
    says = f"{services.stored('bob').state}; 'Somebody else'; Analyst; no last day"
    with pytest.raises(OperatorError, match=f"it says: {says}; where"):
        _invited(services, "bob")
    invited = _invited(services, "bob", as_it_is=True)
    assert invited.says is not None
    assert invited.says == says
    assert f'"bound_anew":true,"was":"{says.partition(";")[0]}"' in services.records()
    with pytest.raises(FormRefused):
        services.log_in.with_password("bob", PASSWORD, address=ADDRESS)
    ticket = services.enrolment.accept("bob", invited.token, (PASSWORD,) * 2, address=ADDRESS)
    assert services.who(ticket).stage == "enrolment", "the app that was there may be anybody's"
    assert services.directory.one(ada.who, bob.who.account_id)["state"] == "active"


NONE_OF_OURS: dict[str, tuple[object, ...]] = {
    "state": ("active\x1b[8m", "active; 'x'"),
    "expires_at": (10**16, -(10**16)),
}
ONLY_IN_SQLITE: dict[str, tuple[object, ...]] = {
    "state": (b"active", "active; 'bob'; Curator; no last day\x1b[8m"),
    "expires_at": ("tomorrow", 1.5, b"\xff"),
    "display_name": (b"\xff", "n" * 201),
    "organisation": (b"\xff",),
}


@pytest.mark.parametrize("as_it_is", [False, True])
def test_what_no_page_writes_in_an_account_is_refused_at_the_host_and_not_shown(
    services: Services, ada: Person, *, as_it_is: bool
) -> None:
    services.colleague(ada, "bob", Role.ANALYST)
    told = [*NONE_OF_OURS.items(), *(ONLY_IN_SQLITE.items() if services.database.is_sqlite else ())]
    for column, value in [(column, value) for column, values in told for value in values]:
        with services.database.writing() as session:
            (was,) = session.execute(
                text(f"SELECT {column} FROM staff_account WHERE name = 'bob'")  # noqa: S608 - ours
            ).one()
            written = text(f"UPDATE staff_account SET {column} = :new WHERE name = 'bob'")  # noqa: S608
            session.execute(written, {"new": value})
        with pytest.raises(OperatorError, match="is none that the console writes; ") as refused:
            _invited(services, "bob", as_it_is=as_it_is)
        assert str(refused.value).isprintable()
        with services.database.writing() as session:
            session.execute(written, {"new": was})


def test_all_that_the_host_is_shown_of_an_account_prints(services: Services, ada: Person) -> None:
    services.colleague(ada, "bob", Role.ANALYST)
    _write(
        services, "bob", organisation="B\x1b[8m\u202e", legal_basis="\u3164" + "e" + "\u0301" * 9
    )
    with pytest.raises(OperatorError) as refused:
        _invited(services, "bob")
    says = _invited(services, "bob", as_it_is=True).says
    assert says is not None
    for said in (str(refused.value), says):
        assert said.isprintable()
        assert said.isascii(), "letters that cannot be seen, and marks over others, are spelled out"


def test_what_an_account_is_that_was_bound_anew_is_said_until_it_has_a_password(
    services: Services, ada: Person
) -> None:
    """Whoever has bound it may not have seen that: a disk was full, or the screen closed."""
    services.colleague(ada, "bob", Role.ANALYST)
    _write(services, "bob", organisation="Police B")
    _invited(services, "bob", as_it_is=True)
    again = _invited(services, "bob")
    assert again.says == "invited; 'bob'; 'Police B'; Analyst; no last day"
    services.enrolment.accept("bob", again.token, (PASSWORD,) * 2, address=ADDRESS)
    assert _invited(services, "bob").says is None


def _until(services: Services, ada: Person, name: str, *roles: Role) -> Person:
    """Have somebody come whose last day is over in an hour."""
    new = NewAccount(
        name=name,
        display_name=name,
        roles=frozenset(roles),
        expires_at=int(services.clock()) + HOUR_S,
    )
    return services.enrolled_as(ada, new)


def _expired(services: Services, ada: Person) -> None:
    """Have an administrator be over, as if they had been added until now."""
    with services.database.writing() as session:
        account = require_account(session, ada.who.account_id)
        alter(services.vault, account, expires_at=int(services.clock()))


def _later(services: Services) -> int:
    return int(services.clock()) + 400 * HOUR_S


def test_the_only_administrator_whose_last_day_has_passed_is_given_another_by_the_host(
    services: Services, ada: Person
) -> None:
    services.colleague(ada, "abel", Role.APPROVER)
    _expired(services, ada)
    with pytest.raises(FormRefused):
        services.with_password(ada)
    with pytest.raises(OperatorError, match="no other administrator comes in; "):
        _invited(services, "ada")
    with pytest.raises(OperatorError, match="the last day is over"):
        _invited(services, "ada", last_day=int(services.clock()))
    assert '"staff invited from the host"' not in services.records()
    last_day = _later(services)
    says = _invited(services, "ada", last_day=last_day).says
    assert says == f"active; 'Ada'; Administrator; ends {moment_text(last_day)}"
    assert f'"second_factor_reset":false,"ends_at":{last_day}' in services.records()
    assert services.with_code(ada, services.with_password(ada)).stage == "full"
    services.clock.at = last_day
    with pytest.raises(FormRefused):
        services.with_password(ada)


def test_a_last_day_is_given_to_nobody_but_an_only_administrator_who_is_over(
    services: Services, ada: Person
) -> None:
    _until(services, ada, "bob", Role.ANALYST)
    _until(services, ada, "cleo", Role.ADMINISTRATOR)
    with pytest.raises(OperatorError, match="the last day of this account is not over"):
        _invited(services, "cleo", last_day=_later(services))
    services.clock.move(HOUR_S)
    for name in ("bob", "cleo"):
        for how in ({}, {"last_day": _later(services)}):
            with pytest.raises(OperatorError, match="an administrator adds the person anew"):
                _invited(services, name, **how)
    _disabled_by_the_console(services, ada)
    with pytest.raises(OperatorError, match="an administrator adds the person anew"):
        _invited(services, "bob", last_day=_later(services))
    assert _invited(services, "cleo", last_day=_later(services)).says is not None


def _disabled_by_the_console(services: Services, ada: Person) -> None:
    with services.database.writing() as session:
        account = require_account(session, ada.who.account_id)
        alter(services.vault, account, state=State.DISABLED)


def test_an_only_administrator_whose_last_day_was_written_over_is_given_another_as_it_is(
    services: Services, ada: Person
) -> None:
    _write(services, "ada", expires_at=1)
    with pytest.raises(OperatorError, match="run this again with --as-it-is"):
        _invited(services, "ada", last_day=_later(services))
    with pytest.raises(OperatorError, match="run this again with --last-day"):
        _invited(services, "ada", as_it_is=True)
    invited = _invited(services, "ada", as_it_is=True, last_day=_later(services))
    assert invited.says is not None
    assert invited.says.endswith(moment_text(_later(services)))
    ticket = services.enrolment.accept("ada", invited.token, (PASSWORD,) * 2, address=ADDRESS)
    assert services.who(ticket).stage == "enrolment"


_ROOT: Final = "intelligence staff invite"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"display_name": "Somebody"}, f"look at that one first: {_ROOT} eve"),
        ({"expires_at": 1}, f"look at that one first: {_ROOT} eve"),
        ({"name": "a`b`@gen.example"}, f"look at that one first: {_ROOT} 'a`b`@gen.example'"),
        ({"name": "Eve\x1b[8m"}, "its log-in name, too; restore a backup of before"),
    ],
)
def test_nobody_is_the_only_administrator_while_another_was_changed_and_not_looked_at(
    services: Services, ada: Person, values: dict[str, object], told: str
) -> None:
    """Whoever is over and writes in the database would have root give them another last day."""
    services.colleague(ada, "eve", Role.ADMINISTRATOR)
    _expired(services, ada)
    _write(services, "eve", **values)
    for how in ({}, {"last_day": _later(services)}):
        with pytest.raises(OperatorError) as refused:
            _invited(services, "ada", **how)
        assert str(refused.value).endswith(told)
    assert services.stored("ada").is_over(services.clock())


def test_an_administrator_whose_roles_were_taken_away_in_the_database_is_looked_at_first(
    services: Services, ada: Person
) -> None:
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR).who.account_id
    _expired(services, ada)
    with services.database.writing() as session:
        session.execute(update(RoleOfAccount).values(role="analyst").filter_by(account_id=eve))
    with pytest.raises(OperatorError, match=f"look at that one first: {_ROOT} eve"):
        _invited(services, "ada", last_day=_later(services))
    _write(services, "eve", state="disabled")
    assert _invited(services, "ada", last_day=_later(services)).says is not None


def test_an_administrator_who_was_looked_at_comes_in_and_adds_the_other_anew(
    services: Services, ada: Person
) -> None:
    services.colleague(ada, "eve", Role.ADMINISTRATOR)
    _expired(services, ada)
    _write(services, "eve", organisation="Police B")
    _invited(services, "eve", as_it_is=True)
    with pytest.raises(OperatorError, match="an administrator adds the person anew"):
        _invited(services, "ada", last_day=_later(services))


def test_a_row_that_somebody_has_put_there_keeps_no_administrator_out(
    services: Services, ada: Person
) -> None:
    _expired(services, ada)
    new = NewAccount(name="eve", display_name="Eve", roles=frozenset((Role.ADMINISTRATOR,)))
    with services.database.writing() as session:
        session.add(new.row(State.ACTIVE, int(services.clock())))
    assert _invited(services, "ada", last_day=_later(services)).says is not None
