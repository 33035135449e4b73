"""What the indexer does not take holds nothing else back, and what became of it is found."""

import pytest

from intelligence.curation.recognising import recognise
from intelligence.curation.tables import ExportRow, SignatureRow
from intelligence.errors import FormRefused
from screening.spools.acknowledgement import Applied, Refused, Skipped
from screening.spools.batch import parse_batch
from screening.spools.export import Result
from screening.vocabulary.errors import OperatorError
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER, THIRD = "+1 202 555 0142", "+1 202 555 0143", "+1 202 555 0144"
HOUR_S = 3600


def refused(desk: Desk, sequence: int, code: str, batch: str | None = None) -> None:
    """Have the indexer refuse a file as it lies there, and the console hear of it."""
    sha256 = desk.indexer.sha256(sequence)
    desk.indexer.tell(Refused(sequence, sha256, code, batch, "a sentence of the indexer's"))  # type: ignore[arg-type]  # a code
    desk.exchange.take_turn()


def batches(desk: Desk, sequence: int) -> list[str]:
    export = desk.indexer.export(sequence)
    return [parse_batch(one.batch).batch for one in export.batches]


def statements(desk: Desk, sequence: int) -> int:
    return desk.indexer.export(sequence).result.statements


def test_a_stray_file_stops_nothing(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    desk.indexer.tell(Refused(3, "7" * 64, "malformed", None, "no file of this spool"))
    desk.indexer.tell(Refused(2, None, "gap", None, "file 2 is missing"))
    desk.indexer.tell(Refused(1, "7" * 64, "malformed", None, "no file of this spool"))
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    desk.in_force(OTHER)


@pytest.mark.slow
def test_a_number_that_was_skipped_before_it_was_written_is_used_up(desk: Desk) -> None:
    desk.in_force(PHONE)
    for sequence in (2, 3):
        desk.indexer.tell(Skipped(sequence, "7" * 64, "junk"))
    desk.exchange.take_turn()
    desk.approved(OTHER)
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == [1, 4]
    assert statements(desk, 4) == 2
    desk.indexer.tell(Skipped(9, None, "of the future"))
    with pytest.raises(OperatorError, match="spool resume"):
        desk.exchange.take_turn()


def test_what_is_refused_for_one_batch_leaves_anew_without_it(desk: Desk) -> None:
    desk.in_force(PHONE)
    gone, other, third = desk.retracted(PHONE), desk.approved(OTHER), desk.approved(THIRD)
    desk.exchange.take_turn()
    document, left = desk.indexer.down.find(2), batches(desk, 2)
    refused(desk, 2, "excluded", left[1])
    assert desk.indexer.down.find(2) not in (None, document)
    assert batches(desk, 2) == [left[0], left[2]]
    assert statements(desk, 2) == 1
    states = [desk.row(one).state for one in (gone, other, third)]
    assert states == ["exported", "refused", "exported"]
    assert desk.reading.one(desk.cora.who, other).record["outcome"] == "a sentence of the indexer's"
    desk.indexer.apply(2)
    desk.exchange.take_turn()
    assert not desk.reading.check(desk.cora.who, recognise(PHONE)).stand.is_listed
    assert desk.reading.check(desk.cora.who, recognise(THIRD)).stand.is_listed


def test_a_batch_that_is_not_due_yet_is_waited_for(desk: Desk) -> None:
    change_id = desk.approved(PHONE)
    desk.exchange.take_turn()
    document = desk.indexer.down.find(1)
    refused(desk, 1, "not_yet_due", batches(desk, 1)[0])
    assert desk.indexer.down.find(1) == document
    assert desk.row(change_id).state == "exported"


@pytest.mark.slow
def test_what_has_expired_on_its_way_leaves_anew_with_the_same_signatures(desk: Desk) -> None:
    first = desk.approved(PHONE)
    desk.exchange.take_turn()
    document, left = desk.indexer.down.find(1), batches(desk, 1)
    other = desk.approved(OTHER)
    desk.clock.move(25 * HOUR_S)
    refused(desk, 1, "expired")
    assert desk.indexer.down.find(1) not in (None, document)
    assert batches(desk, 1)[:1] == left
    assert statements(desk, 1) == 2
    assert [desk.row(one).state for one in (first, other)] == ["exported", "exported"]


@pytest.mark.slow
def test_an_indexer_of_tomorrow_has_no_file_written_again_and_again(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    document = desk.indexer.down.find(1)
    refused(desk, 1, "expired")
    assert desk.indexer.down.find(1) == document
    last = desk.file(1)
    assert last["state"] == "refused"


@pytest.mark.slow
def test_the_files_that_a_restored_indexer_lost_are_written_anew(desk: Desk) -> None:
    desk.in_force(PHONE)
    other, gone, third = desk.in_force(OTHER), desk.retracted(PHONE), desk.added(THIRD)
    desk.exchange.take_turn()
    desk.indexer.apply(3)
    desk.exchange.take_turn()
    desk.clock.move(48 * HOUR_S)
    refused(desk, 2, "expired")
    assert desk.indexer.down.sequences() == [1, 2], "no file of a list that is not there"
    assert [desk.row(one).state for one in (other, gone)] == ["exported", "exported"]
    assert (len(batches(desk, 2)), statements(desk, 2)) == (2, 1)
    desk.indexer.apply(2)
    desk.exchange.take_turn()
    desk.changes.approve(desk.abel.who, third, PASSWORD)
    desk.exchange.take_turn()
    assert statements(desk, 3) == 2


def test_a_refusal_of_what_was_in_force_stops_all_after_it(desk: Desk) -> None:
    desk.in_force(PHONE)
    other, third = desk.in_force(OTHER), desk.in_force(THIRD)
    refused(desk, 2, "drifted")
    assert [desk.row(one).state for one in (other, third)] == ["exported", "exported"]
    counts = desk.overview.counts(desk.abel.who)
    assert counts is not None
    assert counts.last is not None
    assert (counts.last["sequence"], counts.last["state"]) == (2, "refused")
    waits = desk.approved("+1 202 555 0145")
    desk.exchange.take_turn()
    assert desk.row(waits).state == "approved"
    for sequence in (2, 3):
        desk.indexer.apply(sequence)
    desk.exchange.take_turn()
    assert statements(desk, 4) == 4


@pytest.mark.slow
def test_what_follows_a_skipped_file_is_reckoned_anew(desk: Desk) -> None:
    desk.in_force(PHONE)
    skipped, third = desk.in_force(OTHER), desk.in_force(THIRD)
    refused(desk, 2, "drifted")
    desk.indexer.skip(2)
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (skipped, third)] == ["refused", "exported"]
    assert statements(desk, 3) == 2


@pytest.mark.slow
def test_what_rests_on_what_was_skipped_does_not_leave(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    desk.indexer.apply(2)
    desk.exchange.take_turn()
    lift = desk.changes.draft(desk.cora.who, desk.lift(PHONE))
    desk.changes.submit(desk.cora.who, lift, PASSWORD)
    desk.changes.approve(desk.abel.who, lift, PASSWORD)
    desk.exchange.take_turn()
    again, other = desk.approved(PHONE, source="case-8"), desk.approved(OTHER)
    desk.indexer.skip(3)
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (lift, again, other)] == [
        "refused",
        "refused",
        "exported",
    ]
    assert "allowed again first" in str(desk.reading.one(desk.cora.who, again).record["outcome"])
    assert len(batches(desk, 4)) == 1


def test_what_came_back_is_counted_until_it_is_noted(desk: Desk) -> None:
    desk.in_force(PHONE)
    gone, other = desk.retracted(PHONE, desk.bo), desk.approved(OTHER)
    desk.exchange.take_turn()
    desk.indexer.skip(2)
    desk.exchange.take_turn()
    counts = desk.overview.counts(desk.abel.who)
    assert counts is not None
    assert (counts.came_back, counts.retractions_back) == (2, 1)
    assert [one.id for one in desk.reading.came_back(desk.cora.who).changes] == [gone, other]
    with pytest.raises(FormRefused, match="whoever has written it, or an approver"):
        desk.changes.note(desk.cora.who, gone)
    desk.changes.note(desk.abel.who, gone)
    desk.changes.note(desk.cora.who, other)
    assert desk.reading.came_back(desk.cora.who).changes == []
    with pytest.raises(FormRefused, match="does not wait"):
        desk.changes.note(desk.abel.who, gone)
    assert "noted that a change came back" in desk.services.records()


@pytest.mark.parametrize("way", ["withdraw", "refuse"])
def test_what_is_approved_is_taken_back_as_long_as_it_has_not_left(desk: Desk, way: str) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    waits, who = desk.approved(OTHER), desk.cora if way == "withdraw" else desk.abel
    getattr(desk.changes, way)(who.who, waits, "it was somebody else's")
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == [1]
    assert desk.reading.came_back(desk.cora.who).changes == [], "somebody has decided that"
    with desk.database.reading() as session:
        kept = session.query(SignatureRow).filter_by(change_set_id=waits).count()
    assert kept == 0, "what was signed is worth nothing any more"


def test_what_somebody_has_signed_who_is_disabled_does_not_leave(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    waits, submitted = desk.approved(OTHER), desk.added(THIRD)
    desk.services.directory.disable(desk.ada.who, desk.cora.who.account_id)
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    assert desk.row(waits).state == "refused"
    assert [one.id for one in desk.reading.came_back(desk.abel.who).changes] == [waits]
    with pytest.raises(FormRefused, match="may sign no more"):
        desk.changes.approve(desk.abel.who, submitted, PASSWORD)


def test_a_wrong_first_addition_is_taken_off_before_it_is_in_force(desk: Desk) -> None:
    with pytest.raises(FormRefused, match="no list yet"):
        desk.retracted(PHONE)
    desk.approved(PHONE)
    desk.exchange.take_turn()
    desk.retracted(PHONE)
    desk.indexer.apply(1)
    desk.exchange.take_turn()
    assert statements(desk, 2) == 0


@pytest.mark.slow
def test_a_retraction_of_a_list_that_never_came_does_not_leave(desk: Desk) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    gone, other = desk.retracted(PHONE), desk.approved(OTHER)
    desk.indexer.skip(1)
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in (gone, other)] == ["refused", "exported"]
    assert len(batches(desk, 2)) == 1, "the indexer has no list to take it off before that"


@pytest.mark.parametrize("given_up", ["withdrawn", "skipped"])
@pytest.mark.slow
def test_a_file_that_was_given_up_and_is_said_to_be_in_force_is_an_alarm(
    desk: Desk, given_up: str
) -> None:
    desk.approved(PHONE)
    desk.exchange.take_turn()
    sha256 = desk.indexer.sha256(1)
    if given_up == "skipped":
        desk.indexer.skip(1)
        desk.exchange.take_turn()
    else:
        refused(desk, 1, "excluded", batches(desk, 1)[0])
    with desk.database.reading() as session:
        row = session.get(ExportRow, 1)
        assert (row and row.state) == given_up
    desk.indexer.tell(Applied(1, sha256, 1, 1, Result(1, "0" * 64)))
    with pytest.raises(OperatorError, match="was not written here"):
        desk.exchange.take_turn()
