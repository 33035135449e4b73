"""What happens at once, and what happens where nothing can be put on record."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from intelligence.errors import FormRefused, NotSignedIn
from intelligence.staff.accounts import lock_accounts
from intelligence.staff.roles import Role
from intelligence.staff.tables import Invitation
from screening.vocabulary.errors import LedgerUnavailable
from tests.harness.processes import eventually
from tests.harness.together import at_once
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services


def _at_once(tries: list[Callable[[], str]]) -> list[str]:
    """Run all at once; return what those that were let in got."""
    let_in, _ = at_once(tries, FormRefused, NotSignedIn)
    return let_in


@pytest.mark.parametrize("kind", ["app", "paper"])
def test_of_those_who_give_the_same_code_at_once_one_is_let_in(
    services: Services, ada: Person, kind: str
) -> None:
    code = services.code(ada) if kind == "app" else ada.codes[0]
    halves = [services.with_password(ada) for _ in range(4)]

    def giving(number: int) -> Callable[[], str]:
        return lambda: services.log_in.with_code(halves[number], code, address=ADDRESS)

    assert len(_at_once([giving(number) for number in range(4)])) == 1


def test_of_those_who_use_a_token_at_once_one_is_let_in(services: Services, ada: Person) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    token = services.token(services.directory.invite(ada.who, bob.who.account_id))
    passwords = (PASSWORD, PASSWORD)
    accept = services.enrolment.accept
    tries = [lambda: accept("bob", token, passwords, address=ADDRESS)] * 4
    assert len(_at_once(tries)) == 1


def test_two_administrators_who_disable_each_other_at_once_leave_one(
    services: Services, ada: Person
) -> None:
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR)

    def disabling(by: Person, whom: Person) -> Callable[[], str]:
        def run() -> str:
            services.directory.disable(by.who, whom.who.account_id)
            return by.name

        return run

    assert len(_at_once([disabling(ada, eve), disabling(eve, ada)])) == 1


# SQLite has one writer at a time.
@pytest.mark.parametrize("kind", ["postgresql"])
def test_whoever_disables_an_account_does_not_wait_for_whoever_takes_it_up(
    services: Services, ada: Person
) -> None:
    """Each would wait for what the other has locked, and the database would end one of them."""
    bob = services.colleague(ada, "bob", Role.CURATOR).who.account_id
    token = services.token(services.directory.invite(ada.who, bob))
    passwords = (PASSWORD, PASSWORD)

    def accept() -> None:
        services.enrolment.accept("bob", token, passwords, address=ADDRESS)

    def waits() -> bool:
        with services.database.reading() as session:
            return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    accepting = threading.Thread(target=accept)
    with services.database.writing() as session:
        lock_accounts(session, {bob})
        accepting.start()
        eventually(waits, what="somebody who takes the account up")
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        found = select(Invitation).where(Invitation.account_id == bob).with_for_update()
        assert len(session.scalars(found).all()) == 1
    accepting.join()
    services.log_in.with_password("bob", PASSWORD, address=ADDRESS)


def test_nobody_is_let_in_while_it_cannot_be_put_on_record(
    services: Services, ada: Person, unwritable: Callable[[], None]
) -> None:
    half = services.with_password(ada)
    last = services.stored("ada").last_log_in_at
    unwritable()
    with pytest.raises(LedgerUnavailable):
        services.log_in.with_code(half, services.code(ada), address=ADDRESS)
    with pytest.raises(LedgerUnavailable):
        services.log_in.with_code(half, ada.codes[0], address=ADDRESS)
    assert services.stored("ada").last_log_in_at == last
    assert services.own_account.shown(ada.who)["recovery_codes"] == 10


def test_no_change_of_the_staff_is_made_while_it_cannot_be_put_on_record(
    services: Services, ada: Person, unwritable: Callable[[], None]
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    unwritable()
    with pytest.raises(LedgerUnavailable):
        services.directory.change_roles(ada.who, bob.who.account_id, frozenset((Role.ANALYST,)))
    with pytest.raises(LedgerUnavailable):
        services.directory.disable(ada.who, bob.who.account_id)
    assert services.stored("bob").roles == {Role.CURATOR}
    assert services.sessions.find(bob.ticket) is not None
