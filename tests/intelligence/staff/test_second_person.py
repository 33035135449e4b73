"""Who is let in, or may do more, takes two people, neither of whom can be somebody else by it."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import delete, text, update

from intelligence.errors import FormRefused, NotPermitted, NotSignedIn, NotThere
from intelligence.journal import Journal
from intelligence.staff.accounts import NewAccount
from intelligence.staff.enrolment import INVITATION_S
from intelligence.staff.requests import WishOutcome
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account, RoleOfAccount, SignIn, State
from tests.harness.together import at_once
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services

PASSWORDS = (PASSWORD, PASSWORD)


@pytest.fixture
def abel(services: Services, ada: Person) -> Person:
    """An approver: from then on the administrator is not alone."""
    return services.colleague(ada, "abel", Role.APPROVER)


@pytest.fixture
def cora(services: Services, ada: Person, abel: Person) -> Person:
    """A curator."""
    return services.colleague(ada, "cora", Role.CURATOR)


def _add(services: Services, by: Person, name: str, *roles: Role) -> WishOutcome:
    new = NewAccount(name=name, display_name=name, roles=frozenset(roles))
    return services.directory.add(by.who, new)[1]


def test_an_administrator_alone_lets_nobody_in(
    services: Services, ada: Person, abel: Person
) -> None:
    asked = _add(services, ada, "puppet", Role.CURATOR)
    assert asked.waits
    assert asked.token is not None
    with pytest.raises(FormRefused):
        services.enrolment.accept("puppet", asked.token, PASSWORDS, address=ADDRESS)
    (waiting,) = services.requests.waiting(ada.who)
    assert not waiting.may_confirm
    with pytest.raises(FormRefused, match="another person"):
        services.requests.confirm(ada.who, waiting.id)
    assert services.records().count("confirmation refused") == 1
    with pytest.raises(FormRefused):
        services.enrolment.accept("puppet", asked.token, PASSWORDS, address=ADDRESS)


def test_each_of_the_two_has_half_of_a_token_which_lets_nobody_in(
    services: Services, ada: Person, abel: Person
) -> None:
    asked = _add(services, ada, "cora", Role.CURATOR)
    (waiting,) = services.requests.waiting(abel.who)
    half = services.requests.confirm(abel.who, waiting.id)
    for token in (asked.token, half, f"{half} {half}", f"{asked.token} {asked.token}"):
        assert token is not None
        with pytest.raises(FormRefused):
            services.enrolment.accept("cora", token, PASSWORDS, address=ADDRESS)
    services.enrolment.accept("cora", f" {half}  {asked.token} ", PASSWORDS, address=ADDRESS)


@pytest.mark.parametrize("between", ["", " ", "\n"])
@pytest.mark.parametrize("is_turned", [False, True])
def test_the_halves_are_typed_in_any_order_with_a_space_between_or_none(
    services: Services, ada: Person, abel: Person, *, between: str, is_turned: bool
) -> None:
    asked = _add(services, ada, "cora", Role.CURATOR)
    (waiting,) = services.requests.waiting(abel.who)
    halves = [str(asked.token), str(services.requests.confirm(abel.who, waiting.id))]
    token = between.join(reversed(halves) if is_turned else halves)
    services.enrolment.accept("cora", token, PASSWORDS, address=ADDRESS)


def test_a_password_a_second_factor_and_roles_of_another_take_two(
    services: Services, ada: Person, abel: Person, cora: Person
) -> None:
    directory, account = services.directory, cora.who.account_id
    directory.invite(ada.who, account)
    directory.reset_second_factor(ada.who, account)
    directory.change_roles(ada.who, account, frozenset((Role.CURATOR, Role.ADMINISTRATOR)))
    assert services.sessions.find(cora.ticket) is not None
    stored = services.stored("cora")
    assert stored.roles == {Role.CURATOR}
    assert stored.totp_secret is not None
    services.confirmed()
    stored = services.stored("cora")
    assert stored.roles == {Role.CURATOR, Role.ADMINISTRATOR}
    assert stored.totp_secret is None
    assert services.sessions.find(cora.ticket) is None


def test_an_account_that_was_disabled_is_enabled_by_two(
    services: Services, ada: Person, abel: Person, cora: Person
) -> None:
    services.directory.disable(ada.who, cora.who.account_id)
    assert services.directory.enable(ada.who, cora.who.account_id).waits
    assert services.stored("cora").state == State.DISABLED
    services.confirmed()
    assert services.stored("cora").state == State.ACTIVE


def test_what_keeps_somebody_out_takes_one_person(
    services: Services, ada: Person, abel: Person, cora: Person
) -> None:
    both = services.colleague(ada, "both", Role.CURATOR, Role.ANALYST)
    asked = services.directory.change_roles(
        ada.who, both.who.account_id, frozenset((Role.ANALYST,))
    )
    assert not asked.waits
    assert services.stored("both").roles == {Role.ANALYST}
    services.directory.disable(ada.who, cora.who.account_id)
    assert services.sessions.find(cora.ticket) is None


def test_an_administrator_does_not_become_alone_by_getting_rid_of_others(
    services: Services, ada: Person, abel: Person
) -> None:
    both = services.colleague(ada, "both", Role.APPROVER, Role.ANALYST)
    analyst = frozenset((Role.ANALYST,))
    assert services.directory.change_roles(ada.who, both.who.account_id, analyst).waits
    assert services.stored("both").roles == {Role.APPROVER, Role.ANALYST}
    services.directory.disable(ada.who, both.who.account_id)
    services.directory.disable(ada.who, abel.who.account_id)
    assert _add(services, ada, "puppet", Role.CURATOR).waits


def _row_of(services: Services, name: str) -> dict[str, object]:
    account = services.stored(name)
    return {one.name: getattr(account, one.name) for one in Account.__table__.columns}


@pytest.mark.parametrize("is_restarted", [False, True])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_nobody_becomes_alone_by_the_rows_of_who_has_come(
    services: Services, ada: Person, *, is_restarted: bool, is_deleted: bool
) -> None:
    """A row that is put back whole as it was before holds; that somebody has come is on record."""
    new = NewAccount(name="abel", display_name="abel", roles=frozenset((Role.APPROVER,)))
    account_id, asked = services.directory.add(ada.who, new)
    once = _row_of(services, "abel")
    assert asked.token is not None
    services.enrolment.accept("abel", asked.token, PASSWORDS, address=ADDRESS)
    with services.database.writing() as session:
        session.execute(delete(SignIn).where(SignIn.account_id == account_id))
        if is_deleted:
            session.execute(delete(RoleOfAccount).where(RoleOfAccount.account_id == account_id))
            session.execute(delete(Account).where(Account.id == account_id))
        else:
            session.execute(update(Account).where(Account.id == account_id).values(once))
            found = session.get(Account, account_id)
            assert found is not None
            assert found.holds
    journal = services.requests.journal
    if is_restarted:
        journal = Journal(services.ledger, services.clock)
    requests = replace(services.requests, journal=journal)
    assert not requests.acts_alone(ada.who)
    directory = replace(services.directory, journal=journal)
    services.prove(ada)
    puppet = NewAccount(name="puppet", display_name="p", roles=frozenset((Role.ADMINISTRATOR,)))
    assert directory.add(ada.who, puppet)[1].waits


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_wish_of_which_anything_was_changed_is_turned_down(
    services: Services, ada: Person
) -> None:
    bob = services.colleague(ada, "bob", Role.APPROVER)
    carl = services.colleague(ada, "carl", Role.ANALYST)
    for column in ("expires_at", "wish", "roles"):
        services.prove(ada)
        services.directory.change_roles(ada.who, carl.who.account_id, frozenset((Role.CURATOR,)))
        with services.database.writing() as session:
            session.execute(text(f"UPDATE staff_request SET {column} = X'FF'"))  # noqa: S608 - ours
        services.prove(bob)
        (waiting,) = services.requests.waiting(bob.who)
        with pytest.raises(FormRefused, match="changed outside of the console"):
            services.requests.confirm(bob.who, waiting.id)
        services.requests.turn_down(bob.who, waiting.id)
        assert services.requests.waiting(bob.who) == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_nobody_is_kept_from_being_added_by_the_name_of_another(
    services: Services, ada: Person
) -> None:
    services.colleague(ada, "bob", Role.ANALYST)
    with services.database.writing() as session:
        session.execute(text("UPDATE staff_account SET display_name = X'FF' WHERE name = 'bob'"))
    services.prove(ada)
    _add(services, ada, "carl", Role.ANALYST)
    assert services.stored("carl").display_name == "carl"


def test_until_another_is_here_who_may_confirm_it_is_done_alone_and_on_record(
    services: Services, ada: Person
) -> None:
    services.colleague(ada, "bob", Role.CURATOR)
    assert not _add(services, ada, "abel", Role.APPROVER).waits
    assert not _add(services, ada, "carl", Role.CURATOR).waits  # abel has not come yet
    assert services.records().count('"alone":true') == 3


def test_an_approver_confirms_only_where_there_is_no_other_administrator(
    services: Services, ada: Person, abel: Person
) -> None:
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR)
    _add(services, ada, "carl", Role.CURATOR)
    (waiting,) = services.requests.waiting(abel.who)
    with pytest.raises(FormRefused, match="another administrator"):
        services.requests.confirm(abel.who, waiting.id)
    assert services.requests.confirm(eve.who, waiting.id)
    _add(services, ada, "dora", Role.CURATOR)
    (waiting,) = services.requests.waiting(abel.who)
    services.directory.disable(ada.who, eve.who.account_id)
    assert services.requests.confirm(abel.who, waiting.id)


def test_nobody_confirms_what_is_about_themselves(
    services: Services, ada: Person, abel: Person
) -> None:
    more = frozenset((Role.APPROVER, Role.ADMINISTRATOR))
    services.directory.change_roles(ada.who, abel.who.account_id, more)
    (waiting,) = services.requests.waiting(abel.who)
    with pytest.raises(FormRefused, match="another person"):
        services.requests.confirm(abel.who, waiting.id)


def test_a_curator_and_an_auditor_confirm_nothing(
    services: Services, ada: Person, cora: Person
) -> None:
    auditor = services.colleague(ada, "ida", Role.AUDITOR)
    _add(services, ada, "carl", Role.CURATOR)
    (waiting,) = services.requests.waiting(auditor.who)
    for one in (cora, auditor):
        with pytest.raises(NotPermitted):
            services.requests.confirm(one.who, waiting.id)
        with pytest.raises(NotPermitted):
            services.requests.turn_down(one.who, waiting.id)
    with pytest.raises(NotPermitted):
        services.requests.waiting(cora.who)


def test_what_was_turned_down_or_asked_for_too_long_ago_is_gone(
    services: Services, ada: Person, abel: Person
) -> None:
    _add(services, ada, "carl", Role.CURATOR)
    (waiting,) = services.requests.waiting(abel.who)
    services.requests.turn_down(abel.who, waiting.id)
    with pytest.raises(NotThere):
        services.requests.confirm(abel.who, waiting.id)
    _add(services, ada, "dora", Role.CURATOR)
    (waiting,) = services.requests.waiting(abel.who)
    services.clock.move(INVITATION_S)
    services.prove(abel)
    assert services.requests.waiting(abel.who) == []
    with pytest.raises(NotThere):
        services.requests.confirm(abel.who, waiting.id)


def test_what_somebody_has_asked_for_is_void_once_they_are_no_administrator(
    services: Services, ada: Person, abel: Person
) -> None:
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR)
    _add(services, eve, "puppet", Role.CURATOR)
    (waiting,) = services.requests.waiting(ada.who)
    services.directory.disable(ada.who, eve.who.account_id)
    with pytest.raises(NotThere):
        services.requests.confirm(ada.who, waiting.id)
    assert services.requests.waiting(ada.who) == []


def test_of_two_who_confirm_at_once_one_does(services: Services, ada: Person, abel: Person) -> None:
    ben = services.colleague(ada, "ben", Role.APPROVER)
    _add(services, ada, "carl", Role.CURATOR)
    (waiting,) = services.requests.waiting(abel.who)
    confirm = services.requests.confirm
    confirming = [partial(confirm, one.who, waiting.id) for one in (abel, ben)]
    done, _ = at_once(confirming, NotThere, NotSignedIn)
    assert len(done) == 1


def test_who_asked_and_who_confirmed_is_on_record(
    services: Services, ada: Person, abel: Person
) -> None:
    services.colleague(ada, "cora", Role.CURATOR)
    lines = services.records().splitlines()
    asked = [one for one in lines if '"asked for a second person"' in one]
    assert [ada.who.actor in one for one in asked] == [True]
    confirmed = [one for one in lines if f'"asked_by":"{ada.who.actor}"' in one]
    assert [f'"actor":"{abel.who.actor}"' in one for one in confirmed] == [True]
