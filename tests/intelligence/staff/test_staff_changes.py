"""Who may change whom, what a change ends, and that it is on record."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from intelligence.errors import FormRefused, NotPermitted, NotSignedIn, NotThere
from intelligence.staff.accounts import NewAccount
from intelligence.staff.enrolment import INVITATION_S, issue_first_invitation
from intelligence.staff.from_host import HostInvitation, invite_from_host
from intelligence.staff.roles import Role
from intelligence.staff.tables import Stage
from screening.vocabulary.errors import OperatorError
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services

NEW_PASSWORD = "quite another password"


@pytest.fixture
def bob(services: Services, ada: Person) -> Person:
    """A curator."""
    return services.colleague(ada, "bob", Role.CURATOR)


def test_a_change_of_roles_or_state_or_second_factor_ends_all_sessions(
    services: Services, ada: Person, bob: Person
) -> None:
    directory, account = services.directory, bob.who.account_id
    changes: tuple[Callable[[], object], ...] = (
        lambda: directory.change_roles(ada.who, account, frozenset((Role.ANALYST,))),
        lambda: directory.disable(ada.who, account),
        lambda: directory.reset_second_factor(ada.who, account),
    )
    for change in changes:
        directory.enable(ada.who, account)
        ticket = services.log_in.with_password("bob", PASSWORD, address=ADDRESS)
        assert services.sessions.find(ticket) is not None
        change()
        assert services.sessions.find(ticket) is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.AUTHORISED_USER])
def test_who_looks_at_what_others_do_and_who_is_external_has_no_other_role(
    services: Services, ada: Person, bob: Person, role: Role
) -> None:
    both, described = frozenset((role, Role.CURATOR)), {}
    if role is Role.AUTHORISED_USER:
        described = {"organisation": "Police of Examplia", "legal_basis": "section 7 of an act"}
    with pytest.raises(FormRefused, match="has no other role"):
        NewAccount(
            name="eve", display_name="Eve", roles=both, expires_at=4_000_000_000, **described
        )
    with pytest.raises(FormRefused):
        services.directory.change_roles(ada.who, bob.who.account_id, both)
    assert services.directory.one(ada.who, bob.who.account_id)["roles"] == [Role.CURATOR]


def test_somebody_disabled_cannot_log_in_nor_take_an_invitation_up(
    services: Services, ada: Person, bob: Person
) -> None:
    token = services.token(services.directory.invite(ada.who, bob.who.account_id))
    services.directory.disable(ada.who, bob.who.account_id)
    with pytest.raises(FormRefused):
        services.with_password(bob)
    with pytest.raises(FormRefused):
        services.enrolment.accept("bob", token, (PASSWORD, PASSWORD), address=ADDRESS)
    with pytest.raises(FormRefused):
        services.directory.invite(ada.who, bob.who.account_id)


def test_after_a_reset_another_app_is_enrolled_and_the_old_codes_are_gone(
    services: Services, ada: Person, bob: Person
) -> None:
    services.directory.reset_second_factor(ada.who, bob.who.account_id)
    half = services.with_password(bob)
    assert half.stage is Stage.ENROLMENT
    assert services.enrolment.pending_secret(half) != bob.secret
    assert services.enrolment.pending_secret(half) == services.enrolment.pending_secret(half)
    with pytest.raises(FormRefused):
        services.log_in.with_code(half, bob.codes[0], address=ADDRESS)


def test_nobody_changes_their_own_roles_or_state(services: Services, ada: Person) -> None:
    own = ada.who.account_id
    directory = services.directory
    with pytest.raises(NotPermitted):
        directory.change_roles(ada.who, own, frozenset((Role.CURATOR,)))
    for change in (directory.disable, directory.reset_second_factor, directory.invite):
        with pytest.raises(NotPermitted):
            change(ada.who, own)


def test_whoever_has_lost_a_role_acts_no_more_even_on_a_page_that_is_open(
    services: Services, ada: Person
) -> None:
    services.colleague(ada, "abel", Role.APPROVER)
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR)
    services.directory.change_roles(ada.who, eve.who.account_id, frozenset((Role.CURATOR,)))
    services.confirmed()
    with pytest.raises(NotSignedIn):
        services.directory.disable(eve.who, ada.who.account_id)
    again = services.with_code(eve, services.with_password(eve))
    with pytest.raises(NotPermitted):
        services.directory.disable(again, ada.who.account_id)
    services.directory.disable(ada.who, eve.who.account_id)
    with pytest.raises(NotSignedIn):
        services.directory.all(eve.who)


def test_a_token_works_once_in_its_time_for_its_account(
    services: Services, ada: Person, bob: Person
) -> None:
    first = services.token(services.directory.invite(ada.who, bob.who.account_id))
    second = services.token(services.directory.invite(ada.who, bob.who.account_id))
    passwords = (NEW_PASSWORD, NEW_PASSWORD)
    accept = services.enrolment.accept
    for name, token in (("bob", first), ("ada", second), ("nobody", second), ("bob", "")):
        with pytest.raises(FormRefused):
            accept(name, token, passwords, address=ADDRESS)
    accept("bob", second, passwords, address=ADDRESS)
    services.log_in.with_password("bob", NEW_PASSWORD, address=ADDRESS)
    with pytest.raises(FormRefused):
        accept("bob", second, passwords, address=ADDRESS)
    late = services.token(services.directory.invite(ada.who, bob.who.account_id))
    services.clock.move(INVITATION_S)
    with pytest.raises(FormRefused):
        accept("bob", late, passwords, address=ADDRESS)


def test_the_first_account_is_made_once(services: Services, ada: Person) -> None:
    assert issue_first_invitation(services.database, services.clock()) is None
    new = NewAccount(name="eve", display_name="Eve", roles=frozenset((Role.ADMINISTRATOR,)))
    with pytest.raises((FormRefused, NotThere)):
        services.enrolment.set_up("", new, (PASSWORD, PASSWORD), address=ADDRESS)


def test_an_authorised_user_is_described_is_nothing_else_and_ends(
    services: Services, ada: Person
) -> None:
    external = frozenset((Role.AUTHORISED_USER,))
    with pytest.raises(FormRefused):
        NewAccount(name="carl", display_name="Carl", roles=external)
    with pytest.raises(FormRefused):
        NewAccount(name="carl", display_name="Carl", roles=external | {Role.CURATOR})
    until = int(services.clock()) + 100
    new = NewAccount(
        name="carl",
        display_name="Carl",
        roles=external,
        organisation="Police of Sample",
        legal_basis="Sample Act, 1",
        expires_at=until,
    )
    token = services.token(services.directory.add(ada.who, new)[1])
    ticket = services.enrolment.accept("carl", token, (PASSWORD, PASSWORD), address=ADDRESS)
    assert services.sessions.find(ticket) is not None
    services.clock.move(100)
    assert services.sessions.find(ticket) is None
    with pytest.raises(FormRefused):
        services.log_in.with_password("carl", PASSWORD, address=ADDRESS)


def test_an_account_that_is_over_is_said_to_be_and_given_no_token(
    services: Services, ada: Person
) -> None:
    new = NewAccount(
        name="carl",
        display_name="Carl",
        roles=frozenset((Role.ANALYST,)),
        expires_at=int(services.clock()) + 100,
    )
    services.directory.add(ada.who, new)
    services.clock.move(100)
    (carl,) = (one for one, shown in services.directory.all(ada.who) if shown["name"] == "carl")
    assert services.directory.one(ada.who, carl)["state"] == "over"
    with pytest.raises(FormRefused, match="add the person anew"):
        services.directory.invite(ada.who, carl)
    with pytest.raises(OperatorError, match="an administrator adds the person anew"):
        invite_from_host(
            services.database,
            services.directory.journal,
            services.clock(),
            HostInvitation("carl", "root"),
        )
    again = replace(new, name="carl2", display_name="Carl (2)")
    with pytest.raises(FormRefused, match="choose a later one"):
        services.directory.add(ada.who, again)
    services.directory.disable(ada.who, carl)
    assert services.directory.one(ada.who, carl)["state"] == "disabled"


def test_nothing_is_on_record_as_done_of_an_account_that_is_over_by_then(
    services: Services, ada: Person
) -> None:
    abel = services.colleague(ada, "abel", Role.APPROVER)
    new = NewAccount(
        name="carl",
        display_name="Carl",
        roles=frozenset((Role.ANALYST,)),
        expires_at=int(services.clock()) + 100,
    )
    before = services.records().count('"staff invited"')
    _, asked = services.directory.add(ada.who, new)
    assert asked.waits
    services.clock.move(100)
    (waiting,) = services.requests.waiting(abel.who)
    assert not waiting.may_confirm
    services.prove(abel)
    with pytest.raises(FormRefused, match="add the person anew"):
        services.requests.confirm(abel.who, waiting.id)
    assert services.records().count('"staff invited"') == before
    assert '"event":"confirmation refused"' in services.records()


def test_internal_and_external_accounts_do_not_become_one_another(
    services: Services, ada: Person, bob: Person
) -> None:
    external = frozenset((Role.AUTHORISED_USER,))
    with pytest.raises(FormRefused, match="different ones"):
        services.directory.change_roles(ada.who, bob.who.account_id, external)


def test_roles_that_somebody_has_are_no_change_and_end_nothing(
    services: Services, ada: Person, bob: Person
) -> None:
    own, before = services.stored("bob").roles, services.records().count('"roles changed"')
    with pytest.raises(FormRefused, match="these are their roles; ") as refused:
        services.directory.change_roles(ada.who, bob.who.account_id, own)
    assert refused.value.field == "roles"
    assert services.records().count('"roles changed"') == before
    assert services.sessions.find(bob.ticket) is not None


def test_a_name_is_given_once_whatever_its_case(services: Services, ada: Person) -> None:
    new = NewAccount(name="ada", display_name="Another", roles=frozenset((Role.CURATOR,)))
    with pytest.raises(FormRefused, match="there is an account"):
        services.directory.add(ada.who, new)


def test_who_is_not_there_is_not_there(services: Services, ada: Person) -> None:
    with pytest.raises(NotThere):
        services.directory.one(ada.who, uuid4())


def test_a_new_password_needs_the_old_one_and_ends_every_other_session(
    services: Services, ada: Person, bob: Person
) -> None:
    own = services.own_account
    with pytest.raises(FormRefused):
        own.change_password(bob.who, "not the old one", (NEW_PASSWORD, NEW_PASSWORD))
    ticket = own.change_password(bob.who, PASSWORD, (NEW_PASSWORD, NEW_PASSWORD))
    assert services.sessions.find(bob.ticket) is None
    assert services.who(ticket).stage is Stage.FULL
    with pytest.raises(FormRefused):
        services.log_in.with_password("bob", PASSWORD, address=ADDRESS)


def test_new_codes_on_paper_replace_the_old_ones(services: Services, ada: Person) -> None:
    codes = services.own_account.new_recovery_codes(ada.who, PASSWORD)
    assert len(codes) == len(set(codes)) == 10
    with pytest.raises(FormRefused):
        services.log_in.with_code(services.with_password(ada), ada.codes[0], address=ADDRESS)
    services.log_in.with_code(services.with_password(ada), codes[0], address=ADDRESS)


def test_every_change_of_the_staff_is_on_record(
    services: Services, ada: Person, bob: Person
) -> None:
    account = bob.who.account_id
    services.directory.change_roles(ada.who, account, frozenset((Role.ANALYST,)))
    services.directory.reset_second_factor(ada.who, account)
    services.directory.invite(ada.who, account)
    services.directory.disable(ada.who, account)
    services.directory.enable(ada.who, account)
    records = [line for line in services.records().splitlines() if ada.who.actor in line]
    for event in (
        *("staff added", "roles changed", "second factor reset", "staff invited"),
        *("staff disabled", "staff enabled"),
    ):
        assert any(f'"event":"{event}"' in one and str(account) in one for one in records), event
