"""Who acts alone: nobody else has come who may confirm, and all of the record could be read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from intelligence.journal import Journal
from intelligence.staff.accounts import NewAccount
from intelligence.staff.from_host import HostInvitation, invite_from_host
from intelligence.staff.requests import Requests
from intelligence.staff.roles import Role
from intelligence.staff.tables import (
    Account,
    Invitation,
    RecoveryCode,
    Request,
    RoleOfAccount,
    SignIn,
)
from intelligence.store.database import Database
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services


def _empty(services: Services) -> None:
    """Have the database be one that was made anew, as far as people go."""
    with services.database.writing() as session:
        for table in (SignIn, RecoveryCode, Invitation, Request, RoleOfAccount, Account):
            session.execute(delete(table))


def _delete_others(services: Services, ada: Person) -> None:
    with services.database.writing() as session:
        for table in (SignIn, RecoveryCode, RoleOfAccount):
            session.execute(delete(table).where(table.account_id != ada.who.account_id))
        session.execute(delete(Account).where(Account.id != ada.who.account_id))


def _anew(services: Services) -> Requests:
    return replace(services.requests, journal=Journal(services.ledger, services.clock))


def test_whoever_sets_up_a_database_that_was_made_anew_is_the_first(
    services: Services, ada: Person
) -> None:
    services.colleague(ada, "abel", Role.APPROVER)
    _empty(services)
    services.requests.journal.record("root", "initialised", invited=True)
    anew = services.administrator()
    for requests in (services.requests, _anew(services)):
        assert requests.acts_alone(anew.who)
    services.colleague(anew, "bea", Role.APPROVER)
    for requests in (services.requests, _anew(services)):
        assert not requests.acts_alone(anew.who)


def test_nobody_is_alone_who_sets_up_by_a_token_while_the_host_has_found_somebody(
    services: Services, ada: Person
) -> None:
    """Of rows that are gone for a moment a used token is put back, and takes somebody in again."""
    services.requests.journal.record("root", "initialised", invited=True)
    _empty(services)
    ada = services.administrator()
    services.colleague(ada, "abel", Role.APPROVER)
    _empty(services)
    anew = services.administrator()
    for requests in (services.requests, _anew(services)):
        assert not requests.acts_alone(anew.who), "abel is on record"


@pytest.mark.parametrize("invited", [False, True])
def test_nobody_is_alone_by_rows_that_were_gone_while_the_host_looked(
    services: Services, ada: Person, *, invited: bool
) -> None:
    """They are put back before anybody sets the console up, or are deleted once that was done."""
    services.requests.journal.record("root", "initialised", invited=True)
    services.colleague(ada, "abel", Role.APPROVER)
    services.requests.journal.record("root", "initialised", invited=invited)
    _delete_others(services, ada)
    for requests in (services.requests, _anew(services)):
        assert not requests.acts_alone(ada.who)


def test_nobody_is_alone_while_the_record_cannot_be_read(services: Services, ada: Person) -> None:
    assert services.requests.acts_alone(ada.who)
    services.colleague(ada, "abel", Role.APPROVER)
    _delete_others(services, ada)
    (segment,) = services.folder.glob("*.open")
    segment.chmod(0o640)
    assert not _anew(services).acts_alone(ada.who)
    segment.chmod(0o600)


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
    requests = _anew(services)
    directory = replace(services.directory, journal=requests.journal)
    assert directory.reset_second_factor(ada.who, bob.who.account_id).waits
    (waiting,) = requests.waiting(ada.who)
    assert (waiting.is_for_nobody, waiting.is_of_unread) == (True, True)
    segment.chmod(0o600)
    (waiting,) = requests.waiting(ada.who)
    assert (waiting.is_for_nobody, waiting.is_of_unread) == (True, False)


class Unreadable:
    """A database in whose transactions no record can be read."""

    def __init__(self, database: Database, segment: Path) -> None:
        self._database = database
        self._segment = segment

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._database.writing() as session, self._closed():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._database.reading() as session, self._closed():
            yield session

    @contextmanager
    def _closed(self) -> Iterator[None]:
        self._segment.chmod(0o640)
        try:
            yield
        finally:
            self._segment.chmod(0o600)


def test_the_record_is_read_while_nobody_waits_for_the_database(
    services: Services, ada: Person
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    (segment,) = services.folder.glob("*.open")
    database: Any = Unreadable(services.database, segment)
    new = NewAccount(name="cleo", display_name="cleo", roles=frozenset((Role.CURATOR,)))
    for of in ("add", "invite"):
        journal = Journal(services.ledger, services.clock)
        directory = replace(services.directory, database=database, journal=journal)
        services.prove(ada)
        if of == "add":
            _, asked = directory.add(ada.who, new)
        else:
            asked = directory.invite(ada.who, bob.who.account_id)
        assert not asked.waits, "it was read before"
    journal = Journal(services.ledger, services.clock)
    requests = replace(services.requests, database=database, journal=journal)
    assert requests.acts_alone(ada.who), "it was read before"


def test_keeping_somebody_out_does_not_wait_for_the_record_to_be_read(
    services: Services, ada: Person
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    services.prove(ada)
    (segment,) = services.folder.glob("*.open")
    journal = Journal(services.ledger, services.clock)
    segment.chmod(0o640)
    replace(services.directory, journal=journal).disable(ada.who, bob.who.account_id)
    segment.chmod(0o600)
    assert "staff disabled" in services.records()
    assert "ledger not read" not in services.records(), "nobody has looked"
