"""What waits for a second person says why where nobody confirms it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from intelligence.journal import Journal
from intelligence.staff.accounts import NewAccount
from intelligence.staff.from_host import HostInvitation, invite_from_host
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account, Request
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services


def test_what_nobody_is_here_to_confirm_says_so_until_the_host_lets_somebody_in(
    services: Services, ada: Person
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    abel = services.colleague(ada, "abel", Role.APPROVER)
    services.prove(ada)
    services.directory.reset_second_factor(ada.who, bob.who.account_id)
    (waiting,) = services.requests.waiting(ada.who)
    assert not waiting.is_for_nobody
    services.directory.disable(ada.who, abel.who.account_id)
    new = NewAccount(name="cleo", display_name="cleo", roles=frozenset((Role.APPROVER,)))
    services.directory.add(ada.who, new)
    assert [one.is_for_nobody for one in services.requests.waiting(ada.who)] == [True, True]
    journal, how = services.requests.journal, HostInvitation("cleo", by="root")
    token = invite_from_host(services.database, journal, services.clock(), how).token
    services.enrolment.accept("cleo", token, (PASSWORD, PASSWORD), address=ADDRESS)
    told = {one.record["name"]: one.is_for_nobody for one in services.requests.waiting(ada.who)}
    assert told == {"bob": False, "cleo": True}, "nobody confirms what is about themselves"


def _change_request(session: Session, _: Person) -> None:
    session.execute(update(Request).values(wish="roles"))


def _change_account(session: Session, bob: Person) -> None:
    chosen = update(Account).where(Account.id == bob.who.account_id)
    session.execute(chosen.values(display_name="Robert"))


@pytest.mark.parametrize("change", [_change_request, _change_account])
def test_nobody_is_to_be_let_in_for_what_nobody_ever_confirms(
    services: Services, ada: Person, change: Callable[[Session, Person], None]
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    abel = services.colleague(ada, "abel", Role.APPROVER)
    services.prove(ada)
    services.directory.reset_second_factor(ada.who, bob.who.account_id)
    services.directory.disable(ada.who, abel.who.account_id)
    (waiting,) = services.requests.waiting(ada.who)
    assert (waiting.is_for_nobody, waiting.why_nobody) == (True, None)
    with services.database.writing() as session:
        change(session, bob)
    (waiting,) = services.requests.waiting(ada.who)
    assert not waiting.is_for_nobody
    assert "was changed outside of the console" in str(waiting.why_nobody)
    assert not waiting.is_of_unread


def test_what_waits_since_the_record_cannot_be_read_says_so(
    services: Services, ada: Person
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    services.prove(ada)
    (segment,) = services.folder.glob("*.open")
    segment.chmod(0o640)
    requests = replace(services.requests, journal=Journal(services.ledger, services.clock))
    directory = replace(services.directory, journal=requests.journal)
    assert directory.reset_second_factor(ada.who, bob.who.account_id).waits
    (waiting,) = requests.waiting(ada.who)
    assert (waiting.is_for_nobody, waiting.is_of_unread) == (True, True)
    segment.chmod(0o600)
    (waiting,) = requests.waiting(ada.who)
    assert (waiting.is_for_nobody, waiting.is_of_unread) == (True, False)
