"""A session that has ended acts no more, on whatever page its holder still is."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from intelligence.errors import NotSignedIn
from intelligence.staff.accounts import NewAccount
from intelligence.staff.roles import Role
from intelligence.staff.tables import SignIn, Stage
from intelligence.staff.throttle import LogInThrottles, Throttle
from intelligence.staff.tokens import new_token, token_hash
from screening.vocabulary.errors import LedgerUnavailable
from tests.intelligence.staff.services import PASSWORD, Person, Services

NEW_PASSWORD = "quite another password"


def logs_out(services: Services, eve: Person) -> None:
    services.log_in.log_out(eve.who)


def changes_the_password(services: Services, eve: Person) -> None:
    services.own_account.change_password(eve.who, PASSWORD, (NEW_PASSWORD, NEW_PASSWORD))


def does_nothing_for_too_long(services: Services, eve: Person) -> None:
    services.clock.move(10**6)
    assert services.sessions.find(eve.ticket) is None


@pytest.mark.parametrize("ends", [logs_out, changes_the_password, does_nothing_for_too_long])
def test_whoever_held_a_request_back_does_nothing_with_it_after_the_end(
    services: Services, ada: Person, ends: Callable[[Services, Person], None]
) -> None:
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR)
    bob = services.colleague(ada, "bob", Role.CURATOR)
    ends(services, eve)
    carl = NewAccount(name="carl", display_name="Carl", roles=frozenset((Role.ADMINISTRATOR,)))
    tries: tuple[Callable[[], object], ...] = (
        lambda: services.directory.all(eve.who),
        lambda: services.directory.add(eve.who, carl),
        lambda: services.directory.disable(eve.who, bob.who.account_id),
        lambda: services.requests.waiting(eve.who),
        lambda: services.own_account.shown(eve.who),
    )
    for one in tries:
        with pytest.raises(NotSignedIn):
            one()


def is_disabled(services: Services, eve: Person) -> None:
    services.directory.disable(services.person("ada").who, eve.who.account_id)


def is_idle(services: Services, eve: Person) -> None:
    services.clock.move(10**6)


@pytest.mark.parametrize("ends", [logs_out, changes_the_password, is_disabled, is_idle])
def test_which_of_many_sessions_have_ended_is_known(
    services: Services, ada: Person, ends: Callable[[Services, Person], None]
) -> None:
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR)
    asked = {eve.who.session_hash, ada.who.session_hash, b"of nobody"}
    asked |= {f"{one}".encode() for one in range(2_000)}
    assert services.sessions.find_live(asked) == {eve.who.session_hash, ada.who.session_hash}
    ends(services, eve)
    live = services.sessions.find_live(asked)
    assert live == (set() if ends is is_idle else {ada.who.session_hash})


def test_a_session_of_a_password_alone_does_nothing(services: Services, ada: Person) -> None:
    half = services.with_password(ada)
    with pytest.raises(NotSignedIn):
        services.directory.all(half)


class Interrupting(Throttle):
    """Has something happen between a code that was right and what it opens."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__(burst=5, refill_s=1, monotonic=lambda: 0.0)
        self._happens = happens

    def give_back(self, key: str) -> None:
        self._happens()


def test_an_enrolment_whose_session_has_ended_lets_nobody_in(
    services: Services, ada: Person
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    services.directory.reset_second_factor(ada.who, bob.who.account_id)
    half = services.with_password(bob)
    bob.secret = services.enrolment.pending_secret(half)
    throttles = LogInThrottles(services.clock)
    throttles.second_factors = Interrupting(lambda: services.log_in.log_out(half))
    enrolment = replace(services.enrolment, throttles=throttles)
    with pytest.raises(NotSignedIn):
        enrolment.enrol(half, services.code(bob), address="192.0.2.1")
    assert services.stored("bob").totp_secret is None


def test_whoever_logs_out_is_out_though_it_cannot_be_put_on_record(
    services: Services, ada: Person, unwritable: Callable[[], None]
) -> None:
    unwritable()
    with pytest.raises(LedgerUnavailable):
        services.log_in.log_out(ada.who)
    assert services.sessions.find(ada.ticket) is None


def test_whoever_writes_in_the_database_makes_no_session(services: Services, ada: Person) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    half = services.log_in.with_password("bob", PASSWORD, address="192.0.2.1")
    now, planted = int(services.clock()), f"{new_token()}.{ada.who.account_id.hex}.{Stage.FULL}"
    with services.database.writing() as session:
        session.add(
            SignIn(
                id_hash=token_hash(planted),
                account_id=ada.who.account_id,
                stage=Stage.FULL,
                created_at=now,
                seen_at=now,
            )
        )
        of_bob = session.get(SignIn, bob.who.session_hash)
        of_half = session.get(SignIn, services.who(half).session_hash)
        assert of_bob is not None
        assert of_half is not None
        of_bob.account_id = ada.who.account_id
        of_half.stage = Stage.FULL
    for ticket in (planted, bob.ticket, half):
        assert services.sessions.find(ticket) is None
    assert services.sessions.find(ada.ticket) is not None
