"""Who acts alone: nobody else has come who may confirm, and all of the record could be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from intelligence.colleagues import Colleagues
from intelligence.journal import Journal
from intelligence.staff.accounts import NewAccount
from intelligence.staff.from_host import HostInvitation, invite_from_host
from intelligence.staff.requests import Requests, WishOutcome
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


def _token_row(services: Services) -> dict[str, Any]:
    with services.database.reading() as session:
        return dict(session.execute(Invitation.__table__.select()).mappings().one())


def _anew(services: Services) -> Requests:
    return replace(services.requests, journal=Journal(services.ledger, services.clock))


def test_whoever_sets_up_a_database_that_was_made_anew_is_the_first(
    services: Services, ada: Person
) -> None:
    services.colleague(ada, "abel", Role.APPROVER)
    _empty(services)
    anew = services.administrator(services.first_token())
    for requests in (services.requests, _anew(services)):
        assert requests.acts_alone(anew.who)
    services.colleague(anew, "bea", Role.APPROVER)
    for requests in (services.requests, _anew(services)):
        assert not requests.acts_alone(anew.who)


def test_nobody_is_alone_who_sets_the_console_up_by_a_token_once_more(services: Services) -> None:
    """Of rows that are gone for a moment a used token is put back, and takes somebody in again."""
    token = services.first_token()
    row = _token_row(services)
    ada = services.administrator(token)
    services.colleague(ada, "abel", Role.APPROVER)
    _empty(services)
    with services.database.writing() as session:
        session.add(Invitation(**row))
    anew = services.administrator(token)
    for requests in (services.requests, _anew(services)):
        assert not requests.acts_alone(anew.who), "abel is on record"


def test_nobody_is_alone_who_sets_the_console_up_by_a_token_of_before(services: Services) -> None:
    """Its row was put back while those of people were gone, and the host had printed another."""
    before = services.first_token()
    row = _token_row(services)
    ada = services.administrator(services.first_token())
    services.colleague(ada, "abel", Role.APPROVER)
    _empty(services)
    services.first_token()
    with services.database.writing() as session:
        session.add(Invitation(**row))
    anew = services.administrator(before)
    for requests in (services.requests, _anew(services)):
        assert not requests.acts_alone(anew.who)


def test_who_set_a_console_up_before_tokens_were_named_was_the_first_there() -> None:
    told = Colleagues()
    old, new = uuid4(), uuid4()
    for line in (
        {"actor": str(old), "event": "invitation accepted"},
        {"actor": "root", "event": "initialised", "invited": True},
        {"actor": str(new), "event": "set up"},
    ):
        told.tell(line)
    assert list(told.all) == [new]


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


class Rows:
    """The rows of an account and its roles as they are now, which hold when they are put back."""

    def __init__(self, services: Services, of: UUID) -> None:
        self._services, self._of = services, of
        with services.database.reading() as session:
            chosen = Account.__table__.select().where(Account.id == of)
            self._account = dict(session.execute(chosen).mappings().one())
            of_it = select(RoleOfAccount.role).where(RoleOfAccount.account_id == of)
            self._roles = session.scalars(of_it).all()

    def put_back(self) -> None:
        with self._services.database.writing() as session:
            session.execute(update(Account).where(Account.id == self._of).values(self._account))
            session.execute(delete(RoleOfAccount).where(RoleOfAccount.account_id == self._of))
            session.add_all(RoleOfAccount(account_id=self._of, role=one) for one in self._roles)


def _change(services: Services, by: Person, of: UUID, role: Role) -> WishOutcome:
    services.prove(by)
    return services.directory.change_roles(by.who, of, frozenset((role,)))


def _are_alone(services: Services, who: Person) -> set[bool]:
    return {one.acts_alone(who.who) for one in (services.requests, _anew(services))}


def test_nobody_is_alone_by_roles_taken_from_rows_that_were_put_back(
    services: Services, ada: Person
) -> None:
    """They say that somebody who may confirm has never been more than a curator."""
    abel = services.colleague(ada, "abel", Role.CURATOR, Role.ANALYST)
    rows = Rows(services, abel.who.account_id)
    assert not _change(services, ada, abel.who.account_id, Role.APPROVER).waits
    assert _are_alone(services, ada) == {False}
    rows.put_back()
    assert not _change(services, ada, abel.who.account_id, Role.CURATOR).waits, "as of one who was"
    assert _are_alone(services, ada) == {False}


def test_who_comes_counts_by_the_roles_that_they_come_with(services: Services, ada: Person) -> None:
    """Rows of before an invited approver became a curator are there until they have come."""
    new = NewAccount(name="abel", display_name="abel", roles=frozenset((Role.APPROVER,)))
    services.prove(ada)
    abel, asked = services.directory.add(ada.who, new)
    invited = Rows(services, abel)
    _change(services, ada, abel, Role.CURATOR)
    curator = Rows(services, abel)
    assert _are_alone(services, ada) == {True}
    invited.put_back()
    services.enrolment.accept("abel", services.token(asked), (PASSWORD, PASSWORD), address=ADDRESS)
    curator.put_back()
    assert _are_alone(services, ada) == {False}


def test_who_may_confirm_no_more_before_they_come_leaves_one_alone(
    services: Services, ada: Person
) -> None:
    new = NewAccount(name="abel", display_name="abel", roles=frozenset((Role.APPROVER,)))
    services.prove(ada)
    abel, asked = services.directory.add(ada.who, new)
    _change(services, ada, abel, Role.CURATOR)
    services.enrolment.accept("abel", services.token(asked), (PASSWORD, PASSWORD), address=ADDRESS)
    assert _are_alone(services, ada) == {True}


def test_nobody_is_alone_by_what_the_host_took_a_changed_account_for(
    services: Services, ada: Person
) -> None:
    abel = services.colleague(ada, "abel", Role.APPROVER)
    with services.database.writing() as session:
        of_it = update(RoleOfAccount).where(RoleOfAccount.account_id == abel.who.account_id)
        session.execute(of_it.values(role=Role.CURATOR))
    journal, how = services.requests.journal, HostInvitation("abel", by="root", as_it_is=True)
    invite_from_host(services.database, journal, services.clock(), how)
    assert services.stored("abel").roles == {Role.CURATOR}
    assert _are_alone(services, ada) == {False}


def test_nobody_is_alone_while_the_record_cannot_be_read(services: Services, ada: Person) -> None:
    assert services.requests.acts_alone(ada.who)
    services.colleague(ada, "abel", Role.APPROVER)
    _delete_others(services, ada)
    (segment,) = services.folder.glob("*.open")
    segment.chmod(0o640)
    assert not _anew(services).acts_alone(ada.who)
    segment.chmod(0o600)


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

    def take_turns(self, session: Session) -> None:
        self._database.take_turns(session)

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
