"""A list from before this console is taken over as it is in force, and gone on from."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from intelligence.commands.adopting import adopt_list
from intelligence.curation.recognising import recognise
from intelligence.curation.versions import FIRST
from intelligence.errors import FormRefused
from intelligence.settings import IntelligenceSettings
from intelligence.spool.adopting import Adopted, Adopting, find_parts
from screening.spools.export import FIRST_PREVIOUS, Result
from screening.spools.statements import StatementSet
from screening.spools.whole_list import ListedStatement, ListPart, TakenOff
from screening.vocabulary.errors import OperatorError
from tests.intelligence.curation.desk import Desk, enrol_curators
from tests.intelligence.homes import Homes
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER, GONE, NEW = (f"+1 202 555 014{digit}" for digit in range(4))
AT = 1_780_000_123
"""No day begins then: what is told is kept to the second, or the list has another name."""


def statement(value: str, role: str = "trafficker") -> ListedStatement:
    is_victim = role == "victim"
    return ListedStatement(
        kind="phone",
        canonical=recognise(value).text,
        list="default",
        source="case-7",
        role=role,  # type: ignore[arg-type]  # of a test's words
        reason="seen",
        confidence=80,
        jurisdictions=["DE"],
        first_seen=AT - 5,
        last_seen=AT,
        review_by=None,
        expires_at=None if is_victim else AT + 400 * 86_400,
    )


BEFORE = (statement(PHONE), statement(OTHER, "victim"))
OFF = (TakenOff("phone", recognise(GONE).text, "given to somebody else"),)


def named(statements: Sequence[ListedStatement]) -> Result:
    return StatementSet().changed(begun=[one.line() for one in statements]).result()


def tell(desk: Desk, statements: Sequence[ListedStatement] = BEFORE, *, parts: int = 2) -> None:
    """Have the indexer tell of a list in two parts; of fewer where some are not brought."""
    result = named(statements)
    _write(desk, (1, 2), (statements, ()), result)
    if parts > 1:
        _write(desk, (2, 2), ((), OFF), result)


def _write(
    desk: Desk,
    of: tuple[int, int],
    said: tuple[Sequence[ListedStatement], Sequence[TakenOff]],
    result: Result,
) -> None:
    statements, off = list(said[0]), list(said[1])
    desk.indexer.write(
        lambda head: ListPart("screening-list/2", *head, *of, statements, off, result)
    )


def adopt(desk: Desk) -> Adopted:
    peers = desk.exchange.keys.find_peers()
    assert peers is not None
    account_id = desk.cora.who.account_id
    with desk.database.writing() as session:
        adopting = Adopting(session, desk.seals, account_id, int(desk.clock()))
        return adopting.take(find_parts(desk.indexer.up, peers))


def test_the_first_file_follows_a_list_that_was_taken_over(desk: Desk) -> None:
    tell(desk)
    assert adopt(desk) == Adopted(2, 1)
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == [], "nothing leaves for what is in force already"
    assert desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_listed
    assert desk.reading.check(desk.cora.who, recognise(OTHER)).stand.is_protected
    change = desk.in_force(NEW)
    assert desk.row(change).export_sequence == 1
    export = desk.indexer.export(1)
    assert export.previous == FIRST_PREVIOUS
    assert export.result.statements == 3
    ended = desk.retracted(PHONE)
    desk.exchange.take_turn()
    desk.indexer.apply(2)
    desk.exchange.take_turn()
    assert desk.row(ended).state == "applied"
    assert desk.indexer.export(2).result.statements == 2


def test_what_ends_of_it_ends_to_the_second_as_the_indexer_has_it(desk: Desk) -> None:
    tell(desk)
    adopt(desk)
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    assert desk.indexer.export(1).result == named(BEFORE[1:])


def test_what_was_taken_off_stays_off_until_two_people_allow_it(desk: Desk) -> None:
    tell(desk)
    adopt(desk)
    assert desk.reading.check(desk.cora.who, recognise(GONE)).stand.is_retracted
    with pytest.raises(FormRefused, match="taken off"):
        desk.added(GONE)
    lifted = desk.changes.draft(desk.cora.who, desk.lift(GONE))
    desk.changes.submit(desk.cora.who, lifted, PASSWORD)
    desk.changes.approve(desk.abel.who, lifted, PASSWORD)
    assert desk.row(lifted).state == "approved"


@pytest.mark.slow
def test_it_is_version_0_and_the_way_back_to_it(desk: Desk) -> None:
    tell(desk)
    adopt(desk)
    desk.in_force(NEW)
    assert [one["sequence"] for one in desk.versions.all(desk.cora.who).shown] == [1, 0]
    (undoing,) = desk.versions.roll_back(desk.cora.who, FIRST)
    (operation,) = desk.reading.one(desk.cora.who, undoing).operations
    assert (operation.name, operation.says["canonical"]) == ("retract", "+12*******43")


@pytest.mark.slow
def test_until_a_file_is_in_force_it_may_be_taken_over_again(desk: Desk) -> None:
    tell(desk)
    adopt(desk)
    change = desk.approved(NEW)
    desk.exchange.take_turn()
    desk.indexer.refuse(1)  # as drifted: somebody has changed the list by hand since
    desk.exchange.take_turn()
    tell(desk, BEFORE[1:])
    assert adopt(desk) == Adopted(1, 1)
    desk.exchange.take_turn()
    assert desk.row(change).state == "exported"
    assert desk.indexer.export(1).result.statements == 2
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    assert desk.row(change).state == "applied"
    with pytest.raises(OperatorError, match="goes on from its own list"):
        adopt(desk)


def test_a_list_that_is_not_whole_or_not_what_it_names_is_not_taken(desk: Desk) -> None:
    with pytest.raises(OperatorError, match="no whole list"):
        adopt(desk)
    tell(desk, parts=1)
    with pytest.raises(OperatorError, match="no whole list"):
        adopt(desk)
    _write(desk, (1, 1), (BEFORE, ()), named(BEFORE[:1]))
    with pytest.raises(OperatorError, match="another list than they name"):
        adopt(desk)
    assert not desk.reading.check(desk.cora.who, recognise(PHONE)).entries
    assert desk.versions.all(desk.cora.who).shown == []


def test_whoever_runs_both_takes_it_over_in_the_name_of_one_who_keeps_the_list(
    tmp_path: Path, homes: Homes
) -> None:
    with homes.copied(tmp_path, "sqlite", enrol_curators) as services:
        tell(Desk(services, tmp_path))
    named = {"INTELLIGENCE_HOME": tmp_path, "INTELLIGENCE_SPOOL": tmp_path / "spool"}
    settings = IntelligenceSettings(**named)  # type: ignore[arg-type]  # pydantic checks it
    for name in ("ada", "nobody"):
        with pytest.raises(OperatorError, match="a curator or an approver"):
            adopt_list(settings, name)
    assert adopt_list(settings, "cora") == Adopted(2, 1)
    records = b"".join(path.read_bytes() for path in (tmp_path / "ledger").iterdir())
    assert records.count(b'"list taken over"') == 1


@pytest.mark.slow
def test_what_was_seen_before_1970_is_taken_over(desk: Desk) -> None:
    old = msgspec.structs.replace(statement(PHONE), first_seen=-562_896_000, last_seen=-86_400)
    tell(desk, (old,))
    assert adopt(desk) == Adopted(1, 1)
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    assert desk.indexer.export(1).result == named(())
