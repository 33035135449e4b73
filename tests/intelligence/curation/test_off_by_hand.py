"""What changes say and count of those whom hands keep off at the indexer."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from intelligence.curation.counting import count_listed
from intelligence.curation.recognising import recognise
from intelligence.curation.selectors import Selectors
from intelligence.curation.standing import require_possible
from intelligence.curation.tables import SafetyListsRow
from intelligence.errors import FormRefused
from screening.spools.changes import Lift
from screening.spools.exclusions_told import ExclusionsTold, ToldTakenOff
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

FIRST, SECOND, THIRD = "+12025550142", "+12025550143", "+12025550144"
AT = 1_789_999_940


def by_hand(desk: Desk, *canonicals: str) -> None:
    of = sorted(ToldTakenOff("phone", one, datetime.fromtimestamp(AT, UTC)) for one in canonicals)
    desk.indexer.write(lambda head: ExclusionsTold("screening-exclusions/2", *head, [], [], of))
    desk.exchange.take_turn()


def listed(desk: Desk) -> int:
    with desk.database.reading() as session:
        return count_listed(session, desk.seals, desk.clock())


def test_to_allow_again_whom_hands_alone_keep_off_is_refused_in_words_that_are_so(
    desk: Desk,
) -> None:
    desk.in_force(FIRST)
    by_hand(desk, FIRST)
    with pytest.raises(
        FormRefused, match=r"off by hand at the indexer .*and was not taken off here"
    ):
        desk.changes.draft(desk.cora.who, desk.lift(FIRST))


def test_a_way_back_that_lists_whom_hands_keep_off_names_each_with_its_page(desk: Desk) -> None:
    for one in (FIRST, SECOND, THIRD):
        desk.in_force(one)
    version = desk.indexer.down.sequences()[-1]
    for one in (FIRST, SECOND):
        desk.in_force(one, confidence="40")
    by_hand(desk, FIRST, SECOND)
    with pytest.raises(FormRefused, match="2 of these selectors were taken off by hand") as found:
        desk.versions.roll_back(desk.cora.who, version)
    assert [one.masked for one in found.value.rows] == ["phone +12*******42", "phone +12*******43"]
    who = desk.cora.who
    for row, value in zip(found.value.rows, (FIRST, SECOND), strict=True):
        known = desk.reading.check(who, recognise(value)).known_as
        assert row.path == f"/selectors/{known}"
    assert FIRST not in str(found.value)
    for value in (FIRST, SECOND):
        desk.retracted(value)
    desk.exchange.take_turn()
    desk.indexer.apply(desk.indexer.down.sequences()[-1])
    desk.exchange.take_turn()
    (again,) = desk.versions.roll_back(who, version)
    with desk.database.reading() as session:
        drafted = desk.changes.sets.operations(session, desk.row(again))
    assert sum(isinstance(one, Lift) for one in drafted) == 2


@pytest.mark.parametrize("is_later", [False, True])
def test_what_comes_back_for_them_leads_to_who_they_are_and_names_nobody(
    desk: Desk, is_later: bool
) -> None:
    desk.in_force(FIRST)
    change_id = desk.added(FIRST, source="case-9")
    leaves_at = int(desk.clock()) + 60 if is_later else None
    desk.changes.approve(desk.abel.who, change_id, PASSWORD, leaves_at=leaves_at)
    by_hand(desk, FIRST)
    desk.clock.move(60)
    desk.schedule.release_due()
    desk.exchange.take_turn()
    outcome = str(desk.reading.one(desk.abel.who, change_id).record["outcome"])
    assert "off by hand at the indexer (the start page leads to all who are)" in outcome
    assert "named are" not in outcome
    assert "+12" not in outcome, "auditors are shown it, and of whom it is they are not"


def test_of_more_than_are_named_it_is_said_how_many_they_are(desk: Desk) -> None:
    many = [f"+1202555{number:04}" for number in range(100, 121)]
    by_hand(desk, *many)
    changes = [desk.addition(one) for one in many]
    with desk.database.reading() as session, pytest.raises(FormRefused) as found:
        require_possible(session, desk.seals, changes)
    assert (len(found.value.rows), found.value.many) == (20, 21)
    assert "21 of these selectors were taken off by hand" in str(found.value)
    with desk.database.reading() as session, pytest.raises(FormRefused) as found:
        require_possible(session, desk.seals, [changes[0], desk.addition("+12025550999")])
    assert "1 of these selectors was taken off by hand" in str(found.value)


def test_whom_hands_keep_off_is_not_counted_as_listed(desk: Desk) -> None:
    for one in (FIRST, SECOND, THIRD):
        desk.in_force(one)
    assert listed(desk) == 3
    by_hand(desk, FIRST, SECOND, "+12025550199")
    assert listed(desk) == 1


def test_where_what_keeps_off_does_not_open_nobody_is_said_to_be_listed(desk: Desk) -> None:
    for one in (FIRST, SECOND):
        desk.in_force(one)
    desk.in_force(SECOND, role="victim", source="shelter")
    by_hand(desk, FIRST)
    with desk.database.writing() as session:
        session.execute(update(SafetyListsRow).values(told=bytes(60)))
    found = [desk.reading.check(desk.cora.who, recognise(one)) for one in (FIRST, SECOND, THIRD)]
    stands = [one.stand for one in found]
    assert [one.is_listed for one in stands] == [False, False, False]
    assert [one.is_untold for one in stands] == [True, False, False], "others are not, by entries"
    assert [one.may_be_on for one in stands] == [True, False, False]
    assert found[0].known_as is not None
    selectors = Selectors(desk.database, desk.seals, desk.reading.journal, desk.clock)
    assert selectors.one(desk.cora.who, found[0].known_as).stand.is_untold
    by_hand(desk)
    assert desk.reading.check(desk.cora.who, recognise(FIRST)).stand.is_listed
