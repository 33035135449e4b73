"""An up file that is lost, or does not come, is said with what waits for it, and gone on from."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from intelligence.console.rendering import Rendering
from intelligence.console.visits import Tickets, Visit
from intelligence.curation.progress import progress_of
from screening.spools.up_file import UpHead
from screening.spools.usage_told import UsageTold
from screening.vocabulary.errors import OperatorError
from tests.harness.slow import slow_but_first
from tests.harness.when_opened import WhenOpened
from tests.intelligence.curation.desk import Desk
from tests.intelligence.spool.test_passed_over import home_of
from tests.intelligence.spool.test_resuming import resumed, status

PHONE, OTHER, THIRD = "+1 202 555 0142", "+1 202 555 0143", "+1 202 555 0144"


def tell_usage(desk: Desk) -> None:
    """Have the indexer tell something that is no acknowledgement."""

    def told(head: UpHead) -> UsageTold:
        return UsageTold("screening-usage/1", *head, [])

    desk.indexer.write(told)


def retraction_whose_answer_is_lost(desk: Desk, *, damaged: bool) -> None:
    """Have file 2 take somebody off, and what is told of it, up file 2, lost before one behind."""
    desk.in_force(PHONE)
    desk.in_force(OTHER)
    desk.retracted(PHONE)
    desk.exchange.take_turn()
    desk.indexer.apply(3)
    path = desk.indexer.up.path(3)
    if damaged:
        path.write_bytes(path.read_bytes()[:-2] + b"xx")
    else:
        path.unlink()
    tell_usage(desk)
    desk.retracted(OTHER)


def trouble(desk: Desk) -> str:
    with pytest.raises(OperatorError) as caught:
        desk.exchange.take_turn()
    return str(caught.value)


@slow_but_first(1, "damaged", [False, True])
def test_it_is_named_with_what_waits_and_what_to_do(desk: Desk, *, damaged: bool) -> None:
    retraction_whose_answer_is_lost(desk, damaged=damaged)
    for _ in range(2):
        said = trouble(desk)
        assert re.search(r"/up/0000000003\.up (is missing|cannot be used)", said)
        assert ("0000000004.up is there" in said) is not damaged
        assert "file 3 waits, with 1 retraction in it and 1 behind it" in said
        assert "see in the operations guide: an up file is lost" in said


@slow_but_first(1, "damaged", [False, True])
def test_resuming_takes_what_the_indexer_has_done_and_goes_on(desk: Desk, *, damaged: bool) -> None:
    retraction_whose_answer_is_lost(desk, damaged=damaged)
    result = desk.indexer.export(3).result
    resumed(desk, status(desk, 4, desk.indexer.sha256(3), result))
    assert '"in_force_by_status":[3]' in desk.services.records()
    last = desk.file(3)
    assert (last["state"], last["release"]) == ("applied", None)
    desk.indexer.apply(4)
    desk.exchange.take_turn()
    assert desk.indexer.export(4).result.statements == 0
    desk.in_force(THIRD)


def test_nothing_is_taken_for_done_that_was_not_written_so_here(desk: Desk) -> None:
    retraction_whose_answer_is_lost(desk, damaged=False)
    result = desk.indexer.export(3).result
    with pytest.raises(OperatorError, match="restore the side that has more"):
        resumed(desk, status(desk, 4, "3" * 64, result))
    waiting = desk.file(3)
    assert waiting["state"] == "waiting"


def test_what_may_leave_leaves_meanwhile(desk: Desk) -> None:
    desk.in_force(PHONE)
    for _ in range(2):
        tell_usage(desk)
    desk.indexer.up.path(2).unlink()
    desk.retracted(PHONE)
    assert "file 2 waits, with 1 retraction in it and 0 behind it" in trouble(desk)
    assert desk.indexer.export(2).result.statements == 0


def _open_to_others(path: Path) -> None:
    path.chmod(0o644)


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _a_link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


@slow_but_first(1, "spoil", [_open_to_others, _a_folder, _a_link_to_nothing])
def test_what_is_no_file_for_the_console_keeps_nothing_from_leaving(
    desk: Desk, spoil: Callable[[Path], None]
) -> None:
    desk.in_force(PHONE)
    tell_usage(desk)
    spoil(desk.indexer.up.path(2))
    desk.retracted(PHONE)
    said = trouble(desk)
    assert "/up/0000000002.up" in said
    assert "file 2 waits, with 1 retraction in it and 0 behind it" in said
    assert desk.indexer.export(2).result.statements == 0


def test_a_link_that_takes_the_place_of_the_file_that_was_found_is_not_followed(
    desk: Desk, when_opened: WhenOpened, tmp_path: Path
) -> None:
    desk.in_force(PHONE)
    tell_usage(desk)
    path = desk.indexer.up.path(2)

    def exchange() -> None:
        path.rename(tmp_path / "moved")
        path.symlink_to(tmp_path / "moved")

    when_opened(path.name, exchange)
    assert f"{path} is a link, and no file of a spool" in trouble(desk)


@pytest.mark.slow
def test_what_somebody_else_has_laid_behind_the_last_is_no_gap(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.indexer.up.lay(9_999_999_998, b"screening-spool/1 up 9999999998\nx")
    desk.exchange.take_turn()


def progress_page(desk: Desk, change_id: UUID) -> str:
    """Return the page on which its author watches a change come into force."""
    visit = Visit("ticket", False, desk.cora.who, "127.0.0.1", None)
    given: dict[str, Any] = {
        "progress": progress_of(desk.changes, desk.cora.who, change_id),
        "way": desk.overview.on_the_way(desk.abel.who, None),
        "noun": "change",
        "path": "/changes/1",
        "is_going_on": True,
        "every_s": 2,
    }
    return str(Rendering(Tickets(is_https=False)).page(visit, "progress.html", **given).content)


def test_a_file_of_which_nothing_is_said_for_a_minute_is_shown(desk: Desk) -> None:
    desk.in_force(PHONE)
    gone = desk.retracted(PHONE)
    desk.exchange.take_turn()

    def shown() -> list[str]:
        return [home_of(desk), progress_page(desk, gone)]

    desk.clock.move(59)
    assert not any("has said nothing" in page for page in shown())
    desk.clock.move(1)
    for page in shown():
        assert "The indexer has said nothing of file 2 since" in page
        assert "1 retraction in it and 0 behind it may not be in force" in page
        assert "indexer spool apply --watch" in page
    desk.indexer.apply(2)
    desk.exchange.take_turn()
    assert not any("has said nothing" in page for page in shown())


def test_what_is_in_force_by_the_status_is_no_release_on_its_page(desk: Desk) -> None:
    desk.in_force(PHONE)
    gone = desk.retracted(PHONE)
    desk.exchange.take_turn()
    desk.indexer.apply(2)
    desk.indexer.up.path(2).unlink()
    resumed(desk, status(desk, 3, desk.indexer.sha256(2), desk.indexer.export(2).result))
    page = progress_page(desk, gone)
    assert "Came into force, " in page
    assert "None" not in page


@pytest.mark.parametrize("lost", [2, 3])
@pytest.mark.slow
def test_what_a_restored_indexer_has_done_once_more_is_taken_up_past_a_lost_answer(
    desk: Desk, lost: int
) -> None:
    changes = [desk.in_force(one) for one in (PHONE, OTHER, THIRD)]
    desk.indexer.refuse(2)
    desk.exchange.take_turn()
    assert [desk.row(one).state for one in changes] == ["applied", "exported", "exported"]
    for sequence in (2, 3):
        desk.indexer.apply(sequence)
    desk.indexer.up.path(desk.indexer.told - (3 - lost)).unlink()
    tell_usage(desk)
    assert "is missing" in trouble(desk)
    resumed(desk, status(desk, 4, desk.indexer.sha256(3), desk.indexer.export(3).result))
    assert [desk.row(one).state for one in changes] == ["applied"] * 3
    assert f'"in_force_by_status":{[*range(lost, 4)]}'.replace(" ", "") in desk.services.records()
    desk.retracted(THIRD)
    desk.exchange.take_turn()
    desk.indexer.apply(4)
    desk.exchange.take_turn()
