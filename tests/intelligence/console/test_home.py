"""The start page: what it costs, whatever there has been, and what does not open."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from intelligence.commands.setting_up import initialise
from intelligence.curation.tables import (
    ChangeSet,
    ChangeState,
    EntryRow,
    ExportRow,
    ExportState,
)
from intelligence.deployment import Desk
from intelligence.disclosure.feedback import ROWS_OF_A_PAGE
from intelligence.disclosure.tables import FeedbackRow, ToldYesRow
from intelligence.imports.tables import UploadRow
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account
from tests.harness.accessibility import flaws_of
from tests.harness.console import added
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside, open_desk_inside
from tests.intelligence.disclosure.room import receipt_of

AT: Final = 1_795_000_000
MANY: Final = 4_000
MOST_STATEMENTS: Final = 80
"""About four for each thing that is counted: who asks and what they may do is asked each time."""


@dataclass
class Cost:
    """What the database was asked, and the steps of its machine, in hundreds."""

    statements: list[str] = field(default_factory=list)
    hundreds: int = 0
    is_over: bool = False


@dataclass
class Start:
    desk: Desk
    cora: Inside

    @contextmanager
    def counted(self) -> Iterator[Cost]:
        cost, engine = Cost(), self.desk.log_in.database.engine

        def stepped() -> None:
            cost.hundreds += not cost.is_over

        def asked(connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
            cost.statements.append(statement)
            connection.connection.driver_connection.set_progress_handler(stepped, 100)

        event.listen(engine, "before_cursor_execute", asked)
        yield cost
        event.remove(engine, "before_cursor_execute", asked)
        cost.is_over = True

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.desk.log_in.database.writing() as session:
            yield session

    def task(self, what: str) -> str | None:
        """Return what the start page says behind a task."""
        found = re.search(rf">{what}</a>: (.*?)</li>", self.cora.visit("/").text)
        return None if found is None else found[1]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    settings = settings_for(Path(tmp_path_factory.mktemp("start")))
    token = initialise(settings)
    assert token is not None
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        cora = Inside(desk, beside=ada)
        ada.set_up(token, "ada@gen.example")
        roles = [Role.CURATOR.value, Role.APPROVER.value]
        cora.accept("cora", added(ada, [], name="cora", display_name="cora", roles=roles))
        cora.enrol()
        yield Start(desk, cora)


def test_the_first_administrator_is_told_to_add_a_second_person(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    token = initialise(settings)
    assert token is not None
    said = "add a second administrator, or an approver"
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        cora = Inside(desk, beside=ada)
        ada.set_up(token, "ada@gen.example")
        assert said in ada.visit("/").text
        assert flaws_of(ada.page.text) == []
        roles = [Role.CURATOR.value, Role.APPROVER.value]
        cora.accept("cora", added(ada, [], name="cora", display_name="cora", roles=roles))
        cora.enrol()
        assert [said in one.visit("/").text for one in (ada, cora)] == [False, False]


def _past(session: Session) -> None:
    """Write down what has been: entries that ended, changes in force, feedback looked at."""
    account = session.scalars(select(Account.id)).first()
    assert account is not None
    for sequence in (1, 2):
        session.add(
            ExportRow(
                sequence=sequence,
                sha256=f"{sequence:064}",
                statements=1,
                product=b"",
                state=ExportState.APPLIED,
                written_at=AT + sequence,
            )
        )
    changes = [
        ChangeSet(
            state=ChangeState.APPLIED,
            author_id=account,
            created_at=AT,
            review_due_at=AT,
            reviewed_at=AT,
            came_back_at=AT,
            noted_at=AT,
        )
        for _ in range(MANY)
    ]
    session.add_all(changes)
    session.flush()
    session.add_all(
        _entry(number, changes[0], ended_by=None if number == 0 else 2) for number in range(MANY)
    )
    _said(session, *changes[:2])


def _said(session: Session, of: ChangeSet, order: ChangeSet) -> None:
    session.add_all(
        FeedbackRow(
            receipt=receipt_of(number), row=1, outcome="false", partner="acme", at=AT, noted_at=AT
        )
        for number in range(MANY)
    )
    session.add_all(
        ToldYesRow(
            change_set_id=of.id,
            order_id=order.id,
            partner="acme",
            receipt=receipt_of(number),
            row=1,
            at=AT,
        )
        for number in range(MANY)
    )


def _entry(number: int, of: ChangeSet, *, ended_by: int | None) -> EntryRow:
    return EntryRow(
        kind="phone",
        canonical_term=number.to_bytes(24, "big"),
        list="trafficking",
        source="case-7",
        role="trafficker",
        jurisdictions="",
        first_seen=AT,
        last_seen=AT,
        change_set_id=of.id,
        begun_by=1,
        ended_by=ended_by,
    )


def test_what_has_been_costs_the_start_page_nothing(start: Start) -> None:
    with start.counted() as before:
        assert start.cora.visit("/").status_code == 200
    with start.writing() as session:
        _past(session)
    with start.counted() as after:
        page = start.cora.visit("/").text
    assert '<td data-label="Entries">1</td>' in page
    assert '<td data-label="Last change">2026-11-18 11:06 UTC</td>' in page
    assert after.hundreds <= before.hundreds + 40, "4,000 of each were looked through"
    assert len(after.statements) == len(before.statements) <= MOST_STATEMENTS


def test_what_was_refused_costs_the_start_page_no_more_however_much_it_is(start: Start) -> None:
    with start.writing() as session:
        ids = {one.name: one.id for one in session.scalars(select(Account))}
        row = {"state": ChangeState.REFUSED, "author_id": ids["cora"], "created_at": AT}
        by = {"decided_by": ids["ada@gen.example"], "decided_at": AT}
        session.add_all(ChangeSet(**row, **by, noted_at=AT) for _ in range(MANY))
    with start.counted() as before:
        assert "refused by" not in start.cora.visit("/").text
    with start.writing() as session:
        session.add_all(ChangeSet(**row, **by) for _ in range(9))
        session.add(ChangeSet(**row, decided_by=ids["cora"], decided_at=AT))
    with start.counted() as after:
        page = start.cora.visit("/").text
    assert "nothing of it is in force: 9." in page
    assert page.count("refused by <bdi>") == 3
    assert '<a href="/review?show=refused">All of them</a>' in page
    assert flaws_of(page) == []
    assert len(after.statements) <= MOST_STATEMENTS
    assert after.hundreds <= before.hundreds + 40, "what was noted was looked through"
    with start.writing() as session:
        session.execute(update(ChangeSet).values(noted_at=AT))


@pytest.mark.slow
def test_files_that_wait_are_counted_and_not_opened(start: Start) -> None:
    table = b"Phone,Source,Reason\n+1 202 555 0142,case 7,seen\n"
    for name in ("one.csv", "two.csv"):
        start.cora.visit("/imports")
        assert start.cora.upload("/imports", name, table, role="buyer").status_code == 200
    with start.counted() as cost:
        start.cora.visit("/")
    assert not [one for one in cost.statements if "curation_upload.read" in one]
    with start.writing() as session:  # a row of another: it opens no more
        session.execute(update(UploadRow).values(read=b"0" * 60, name=b"0" * 60))
    assert start.task("Files of yours to look through, each forgotten after a day") == "2"
    page = start.cora.visit("/imports")
    assert page.text.count("it does not open") == 2
    for drop in re.findall(r'action="(/imports/[0-9a-f-]+/drop)"', page.text):
        assert start.cora.send(drop).status_code == 200
    assert "it does not open" not in start.cora.page.text


@pytest.mark.slow
def test_who_works_through_what_one_partner_says_stays_there(start: Start) -> None:
    said = {"row": 1, "outcome": "false", "at": AT}
    with start.writing() as session:
        session.add_all(
            FeedbackRow(receipt=receipt_of(10_000 + number), partner=partner, **said)
            for number, partner in enumerate(["beta", "beta", "beta", "gamma"])
        )
    page = start.cora.visit("/feedback?partner=beta")
    assert page.text.count("I have looked at it") == 3
    (one, *_) = re.findall(r'action="(/feedback/[0-9a-f-]{36}/note)"', page.text)
    assert str(start.cora.send(one).url).endswith("/feedback?partner=beta")
    assert str(start.cora.send("/feedback/notes").url).endswith("/feedback?partner=beta")
    assert start.cora.page.text.count("I have looked at it") == 1, "what gamma says is left"


@pytest.mark.slow
def test_whoever_is_on_a_later_page_of_what_is_said_stays_there(start: Start) -> None:
    said = {"partner": "delta", "row": 1, "outcome": "false", "at": AT}
    with start.writing() as session:
        session.add_all(
            FeedbackRow(receipt=receipt_of(20_000 + number), **said)
            for number in range(ROWS_OF_A_PAGE + 4)
        )
    place = "/feedback?partner=delta&page=2"
    (one, two, *_) = re.findall(
        r'action="(/feedback/[0-9a-f-]{36}/note)"', start.cora.visit(place).text
    )
    csrf = {"csrf": start.cora.csrf()}
    assert start.cora.client.post(two, data=csrf, follow_redirects=True).status_code == 200
    assert str(start.cora.send(one).url).endswith(place)
    refused = start.cora.client.post(one, data={**csrf, "partner": "delta", "page": "2"})
    assert refused.status_code == 422
    assert "What delta says" in refused.text
    assert "page 2 of 2" in refused.text
    malformed = start.cora.client.post(one, data={**csrf, "page": "canary"})
    assert (malformed.status_code, "canary" in malformed.text) == (422, False)
    assert str(start.cora.send("/feedback/notes").url).endswith(place)
