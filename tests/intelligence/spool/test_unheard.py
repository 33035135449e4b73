"""Of a file whose answer is lost, what happened is told: in force, passed over, or not known."""

from uuid import UUID

import pytest

from intelligence.curation.progress import progress_of
from tests.intelligence.curation.desk import Desk
from tests.intelligence.spool.test_lost_files import progress_page, tell_usage
from tests.intelligence.spool.test_resuming import resumed, status
from tests.intelligence.staff.services import PASSWORD

PHONE, OTHER, THIRD = "+1 202 555 0142", "+1 202 555 0143", "+1 202 555 0144"


def comes_into_force(desk: Desk, change_id: UUID) -> UUID:
    desk.exchange.take_turn()
    sequence = desk.row(change_id).export_sequence
    assert sequence is not None
    desk.indexer.apply(sequence)
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "applied"
    return change_id


def taken_off(desk: Desk, value: str) -> UUID:
    return comes_into_force(desk, desk.retracted(value))


def allowed_again(desk: Desk, value: str) -> UUID:
    change_id = desk.changes.draft(desk.cora.who, desk.lift(value))
    desk.changes.submit(desk.cora.who, change_id, PASSWORD)
    desk.changes.approve(desk.abel.who, change_id, PASSWORD)
    return comes_into_force(desk, change_id)


def done_once_more(desk: Desk, since: int, *, passed_over: tuple[int, ...] = ()) -> None:
    """Have a restored indexer go on from a file, and its first answers to that be lost.

    Answers to all but the last file are among these.
    """
    desk.indexer.refuse(since)
    desk.exchange.take_turn()
    last = desk.indexer.down.sequences()[-1]
    for sequence in range(since, last + 1):
        if sequence in passed_over:
            desk.indexer.skip(sequence)
        else:
            desk.indexer.apply(sequence)
        if sequence < last:
            desk.indexer.up.path(desk.indexer.told).unlink()


def resume(desk: Desk) -> None:
    last = desk.indexer.down.sequences()[-1]
    sha256, result = desk.indexer.sha256(last), desk.indexer.export(last).result
    resumed(desk, status(desk, last + 1, sha256, result))


def states(desk: Desk, *changes: UUID) -> list[str]:
    return [desk.row(one).state for one in changes]


def file_states(desk: Desk) -> list[str]:
    return [str(desk.file(one)["state"]) for one in desk.indexer.down.sequences()]


@pytest.mark.parametrize("is_passed_over", [False, True])
def test_whether_somebody_is_allowed_again_is_not_known(
    desk: Desk, *, is_passed_over: bool
) -> None:
    desk.in_force(PHONE)
    gone, lift = taken_off(desk, PHONE), allowed_again(desk, PHONE)
    other = desk.in_force(OTHER)
    done_once_more(desk, 3, passed_over=(3,) if is_passed_over else ())
    resume(desk)
    assert states(desk, gone, lift, other) == ["applied", "refused", "applied"]
    assert file_states(desk) == ["applied", "applied", "unheard", "applied"]
    progress = progress_of(desk.changes, desk.cora.who, lift)
    assert "whether this was done was not heard" in str(progress.outcome)
    assert '"in_force_by_status":[4],"left_open":[3]' in desk.services.records()


def test_whether_somebody_who_was_not_listed_is_kept_off_is_not_known(desk: Desk) -> None:
    desk.in_force(PHONE)
    kept_off, other = taken_off(desk, THIRD), desk.in_force(OTHER)
    done_once_more(desk, 2, passed_over=(2,))
    resume(desk)
    assert states(desk, kept_off, other) == ["refused", "applied"]
    comes_into_force(desk, desk.retracted(THIRD))


@pytest.mark.slow
def test_what_comes_to_nothing_together_may_have_been_passed_over_together(desk: Desk) -> None:
    desk.in_force(PHONE)
    begun, ended = desk.in_force(THIRD), taken_off(desk, THIRD)
    other = desk.in_force(OTHER)
    done_once_more(desk, 2, passed_over=(2, 3))
    resume(desk)
    assert states(desk, begun, ended, other) == ["refused", "refused", "applied"]


def test_what_the_list_shows_is_in_force(desk: Desk) -> None:
    desk.in_force(PHONE)
    once = desk.in_force(THIRD, source="case-7")
    again = desk.in_force(THIRD, source="case-8")
    gone, other = taken_off(desk, PHONE), desk.in_force(OTHER)
    done_once_more(desk, 2)
    resume(desk)
    assert states(desk, once, again, gone, other) == ["applied"] * 4


@pytest.mark.slow
def test_who_is_listed_anew_was_allowed_again(desk: Desk) -> None:
    desk.in_force(PHONE)
    gone, lift = taken_off(desk, PHONE), allowed_again(desk, PHONE)
    back, other = desk.in_force(PHONE), desk.in_force(OTHER)
    done_once_more(desk, 3)
    resume(desk)
    assert states(desk, gone, lift, back, other) == ["applied"] * 4


@pytest.mark.parametrize("is_passed_over", [False, True])
def test_what_a_later_file_tells_of_it_is_so(desk: Desk, *, is_passed_over: bool) -> None:
    desk.in_force(PHONE)
    kept_off, other = taken_off(desk, THIRD), desk.in_force(OTHER)
    desk.indexer.refuse(2)
    desk.exchange.take_turn()
    tell_usage(desk)
    desk.indexer.up.path(desk.indexer.told).unlink()
    desk.indexer.skip(2) if is_passed_over else desk.indexer.apply(2)
    desk.indexer.apply(3)
    resume(desk)
    assert states(desk, kept_off, other) == ["refused" if is_passed_over else "applied", "applied"]
    file = desk.file(2)
    said = (file["state"], file["release"], file["outcome"])
    assert said == (("skipped", None, "an airline's") if is_passed_over else ("applied", 3, None))


def test_what_a_file_tells_before_another_that_is_lost_is_not_the_last_word(desk: Desk) -> None:
    desk.in_force(PHONE)
    kept_off, other = taken_off(desk, THIRD), desk.in_force(OTHER)
    desk.indexer.refuse(2)
    desk.exchange.take_turn()
    tell_usage(desk)
    desk.indexer.up.path(desk.indexer.told).unlink()
    desk.indexer.apply(2)
    desk.indexer.skip(2)  # restored once more, and passed over then
    desk.indexer.up.path(desk.indexer.told).unlink()
    desk.indexer.apply(3)
    resume(desk)
    assert states(desk, kept_off, other) == ["refused", "applied"]
    file = desk.file(2)
    assert file["state"] == "unheard"


def test_what_is_not_known_is_said_to_be_neither_in_force_nor_not(desk: Desk) -> None:
    desk.in_force(PHONE)
    kept_off = taken_off(desk, THIRD)
    desk.in_force(OTHER)
    done_once_more(desk, 2)
    resume(desk)
    page = progress_page(desk, kept_off)
    assert "It came back, " in page
    assert "whether this was done was not heard" in page
    assert "in force" not in page
    assert "The indexer said" not in page


@pytest.mark.slow
def test_what_a_later_file_has_undone_is_not_said_to_be_in_force(desk: Desk) -> None:
    change_id, other = desk.in_force(PHONE), desk.in_force(OTHER)
    retraction = desk.retracted(PHONE)
    desk.exchange.take_turn()
    assert "has said something else" not in progress_page(desk, change_id), "not in force yet"
    desk.indexer.apply(3)
    desk.exchange.take_turn()
    page = progress_page(desk, change_id)
    assert "partners are answered by it" not in page
    assert "File 3 has said something else of some of the same selectors since" in page
    for one in (other, retraction):
        assert "has said something else" not in progress_page(desk, one)
