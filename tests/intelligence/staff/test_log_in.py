"""Signing in takes a password and a second factor; tries are counted; a code is heard once."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from intelligence.errors import FormRefused, NotSignedIn, TooManyTries
from intelligence.staff.passwords import Passwords
from intelligence.staff.roles import Role
from intelligence.staff.second_factor import STEP_S, code_at
from intelligence.staff.tables import SignIn, Stage
from intelligence.staff.throttle import LogInThrottles, Throttle
from tests.harness.quick_passwords import QUICK
from tests.intelligence.conftest import KINDS
from tests.intelligence.staff.services import (
    ADDRESS,
    IDLE_S,
    PASSWORD,
    SESSION_S,
    Person,
    Services,
)

on_both = pytest.mark.parametrize("kind", KINDS)
NEW_PASSWORD = "quite another password"


class Interrupted(Passwords):
    """Something happens each time that one was verified."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(QUICK)
        self._meanwhile = meanwhile

    def matches(self, stored: str | None, password: str) -> bool:
        is_right = super().matches(stored, password)
        self._meanwhile()
        return is_right


def two_tries(services: Services) -> LogInThrottles:
    """Return counts of which an address, and a second factor, has two."""
    made = LogInThrottles(services.clock)
    made.addresses = Throttle(burst=2, refill_s=60, monotonic=services.clock)
    made.second_factors = Throttle(burst=2, refill_s=60, monotonic=services.clock)
    return made


@on_both
def test_a_password_alone_lets_nobody_in_and_a_code_does(services: Services, ada: Person) -> None:
    half = services.with_password(ada)
    assert half.stage is Stage.SECOND_FACTOR
    full = services.who(services.log_in.with_code(half, services.code(ada), address=ADDRESS))
    assert full.stage is Stage.FULL
    assert full.session_hash != half.session_hash


def test_the_session_of_the_password_is_gone_with_the_second_factor(
    services: Services, ada: Person
) -> None:
    ticket = services.log_in.with_password("ada", PASSWORD, address=ADDRESS)
    half = services.who(ticket)
    services.log_in.with_code(half, services.code(ada), address=ADDRESS)
    assert services.sessions.find(ticket) is None
    services.clock.move(STEP_S)
    with pytest.raises(NotSignedIn):
        services.log_in.with_code(half, services.code(ada), address=ADDRESS)


def test_a_code_that_was_heard_is_not_heard_again(services: Services, ada: Person) -> None:
    code = services.code(ada)
    services.log_in.with_code(services.with_password(ada), code, address=ADDRESS)
    with pytest.raises(FormRefused):
        services.log_in.with_code(services.with_password(ada), code, address=ADDRESS)


def test_a_code_on_paper_stands_in_once(services: Services, ada: Person) -> None:
    spelled = ada.codes[0].upper().replace("-", " ")
    services.log_in.with_code(services.with_password(ada), spelled, address=ADDRESS)
    with pytest.raises(FormRefused):
        services.log_in.with_code(services.with_password(ada), spelled, address=ADDRESS)
    assert services.own_account.shown(ada.who)["recovery_codes"] == len(ada.codes) - 1


def test_another_s_code_on_paper_is_none(services: Services, ada: Person) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    with pytest.raises(FormRefused):
        services.log_in.with_code(services.with_password(bob), ada.codes[0], address=ADDRESS)


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(
    services: Services, ada: Person, name: str
) -> None:
    with pytest.raises(FormRefused) as caught:
        services.log_in.with_password(name, "a wrong one of these", address=ADDRESS)
    assert str(caught.value).startswith("name or password is wrong")


@on_both
def test_a_name_has_five_tries_whatever_address_they_come_from_and_one_more_a_minute(
    services: Services, ada: Person
) -> None:
    for last in range(5):
        with pytest.raises(FormRefused):
            services.log_in.with_password("ada", "wrong", address=f"192.0.2.{last}")
    with pytest.raises(TooManyTries) as caught:
        services.log_in.with_password("ada", PASSWORD, address="192.0.2.9")
    services.clock.move(caught.value.retry_after_s)
    services.log_in.with_password("ada", PASSWORD, address="192.0.2.9")


def test_an_address_has_thirty_tries_whatever_names_it_tries(services: Services) -> None:
    for number in range(30):
        with pytest.raises(FormRefused):
            services.log_in.with_password(f"n{number}", "wrong", address="2001:db8::1")
    with pytest.raises(TooManyTries):
        services.log_in.with_password("one more", "wrong", address="2001:db8::ffff")
    with pytest.raises(FormRefused):
        services.log_in.with_password("one more", "wrong", address="2001:db8:1::1")


def test_codes_are_counted_too(services: Services, ada: Person) -> None:
    half = services.with_password(ada)
    for _ in range(5):
        with pytest.raises(FormRefused):
            services.log_in.with_code(half, "000000x", address=ADDRESS)
    with pytest.raises(TooManyTries):
        services.log_in.with_code(half, services.code(ada), address=ADDRESS)


def test_whoever_does_nothing_and_whoever_is_there_too_long_has_to_sign_in_again(
    services: Services, ada: Person
) -> None:
    services.clock.move(IDLE_S - 1)
    assert services.sessions.find(ada.ticket) is not None
    services.clock.move(IDLE_S - 1)
    assert services.sessions.find(ada.ticket) is not None
    services.clock.move(IDLE_S)
    assert services.sessions.find(ada.ticket) is None
    services.clock.move(-IDLE_S)
    assert services.sessions.find(ada.ticket) is None  # it has ended for good


def test_a_session_ends_at_its_age_however_busy_it_is(services: Services, ada: Person) -> None:
    for _ in range(SESSION_S // 600):
        assert services.sessions.find(ada.ticket) is not None
        services.clock.move(600)
    assert services.sessions.find(ada.ticket) is None


@on_both
def test_log_ins_and_failures_are_on_record_without_what_was_typed(
    services: Services, ada: Person
) -> None:
    with pytest.raises(FormRefused):
        services.log_in.with_password("a passw0rd as name", "hunter2 hunter2", address=ADDRESS)
    services.log_in.with_code(services.with_password(ada), ada.codes[0], address=ADDRESS)
    records = services.records()
    for event in ("set up", "second factor enrolled", "log-in failed", "logged in"):
        assert f'"event":"{event}"' in records
    for typed in ("passw0rd", "hunter2", PASSWORD, ada.codes[0]):
        assert typed not in records


def test_the_secret_of_the_second_factor_is_sealed(services: Services, ada: Person) -> None:
    stored = services.stored("ada").totp_secret
    assert stored is not None
    assert ada.secret not in stored


def test_a_password_that_is_changed_while_it_is_verified_lets_nobody_in(
    services: Services, ada: Person
) -> None:
    """Whoever knows the old one would have a session that the change did not end."""
    change = services.own_account.change_password
    changing = Interrupted(lambda: change(ada.who, PASSWORD, (NEW_PASSWORD, NEW_PASSWORD)))
    with pytest.raises(FormRefused, match="name or password is wrong"):
        replace(services.log_in, passwords=changing).with_password("ada", PASSWORD, address=ADDRESS)
    assert services.log_in.with_password("ada", NEW_PASSWORD, address=ADDRESS)


def test_tokens_are_tried_so_often_from_one_address_and_no_more(
    services: Services, ada: Person
) -> None:
    services.prove(ada)
    bob = services.colleague(ada, "bob", Role.CURATOR)
    token = services.token(services.directory.invite(ada.who, bob.who.account_id))
    enrolment = replace(services.enrolment, throttles=two_tries(services))
    passwords = (NEW_PASSWORD, NEW_PASSWORD)
    for _ in range(2):
        with pytest.raises(FormRefused, match="this token is not valid"):
            enrolment.accept("bob", "a" * 52, passwords, address=ADDRESS)
    with pytest.raises(TooManyTries):
        enrolment.accept("bob", token, passwords, address=ADDRESS)
    assert enrolment.accept("bob", token, passwords, address="192.0.2.2")


def test_codes_of_an_app_that_is_enrolled_are_tried_so_often_and_no_more(
    services: Services, ada: Person
) -> None:
    services.prove(ada)
    bob = services.colleague(ada, "bob", Role.CURATOR)
    services.directory.reset_second_factor(ada.who, bob.who.account_id)
    services.confirmed()
    half = services.with_password(bob)
    assert half.stage is Stage.ENROLMENT
    enrolment = replace(services.enrolment, throttles=two_tries(services))
    right = code_at(enrolment.pending_secret(half), int(services.clock()) // STEP_S).decode()
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(2):
        with pytest.raises(FormRefused, match="this code is wrong"):
            enrolment.enrol(half, wrong, address=ADDRESS)
    with pytest.raises(TooManyTries):
        enrolment.enrol(half, right, address=ADDRESS)


@pytest.mark.parametrize(("column", "life_s"), [("seen_at", IDLE_S), ("created_at", SESSION_S)])
@pytest.mark.parametrize("is_over", [True, False])
def test_sessions_that_are_over_go_as_their_holder_begins_another(
    services: Services, ada: Person, column: str, life_s: int, *, is_over: bool
) -> None:
    at = int(services.clock()) - life_s + (0 if is_over else 1)
    with services.database.writing() as session:
        session.execute(update(SignIn).values(**{column: at}))
    services.with_password(ada)
    with services.database.reading() as session:
        assert len(session.scalars(select(SignIn)).all()) == (1 if is_over else 2)
