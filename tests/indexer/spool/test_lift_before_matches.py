"""A match of after a lift by hand is told behind it, or the console would forget it."""

from pathlib import Path

import pytest

from screening.spools.exclusions_told import ExclusionsTold
from screening.spools.match_records import MatchRecords
from tests.harness.spool_console import Desk, add
from tests.indexer.running import Running
from tests.indexer.spool.journal_copy import JournalCopy

PHONE = ("phone", "+12025550142")
NAMED = ":".join(PHONE)


@pytest.fixture
def lifted(running: Running, desk: Desk, tmp_path: Path) -> JournalCopy:
    """Have hands take somebody off, which is told, and lift that, which is not; then a match."""
    running.add_partner("acme")
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    running.run("retract", NAMED, "--reason", "given to somebody else")
    running.run("spool", "exclusions")
    assert behind(desk) == [["taken off"]]
    running.run("lift", NAMED, "--by-hand")
    copy = JournalCopy(tmp_path / "host", tmp_path / "copy")
    copy.answer(matches=1)
    copy.export()
    return copy


def behind(desk: Desk) -> list[list[str]]:
    """Return what was told of hands, and where matches were, in the order of the files."""
    told: list[list[str]] = []
    for one in desk.told_beside():
        if isinstance(one, ExclusionsTold):
            told.append(["taken off" for _ in one.taken_off])
        elif isinstance(one, MatchRecords):
            told.append(["match" for _ in one.records])
    return told


def matches(copy: JournalCopy) -> tuple[str, ...]:
    return ("spool", "matches", str(copy.folder), "--key", copy.vkey)


def test_the_lift_is_told_in_the_same_run_before_the_match(
    running: Running, desk: Desk, lifted: JournalCopy
) -> None:
    running.run(*matches(lifted))
    assert behind(desk) == [["taken off"], [], ["match"]]
    running.run(*matches(lifted))
    assert behind(desk) == [["taken off"], [], ["match"]], "and once"


@pytest.mark.slow
def test_killed_anywhere_it_is_told_before_the_match_all_the_same(
    running: Running, desk: Desk, lifted: JournalCopy
) -> None:
    seen = set[int]()
    for _ in running.killed_everywhere(*matches(lifted)):
        whole = [["taken off"], [], ["match"]]
        assert behind(desk) == whole[: len(behind(desk))], "what was left is in order"
        seen.add(len(behind(desk)))
        running.run(*matches(lifted))
        assert behind(desk) == whole
    assert seen >= {1, 2}, "it was killed before the lift was told, and between both"


def test_who_lifts_by_hand_is_told_how_the_console_hears_of_it(
    running: Running, desk: Desk
) -> None:
    running.add_partner("acme")
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    running.run("retract", NAMED, "--reason", "given to somebody else")
    said = running.run("lift", NAMED, "--by-hand").output
    assert "goes on showing it as taken off by hand" in said
    assert "while the telling leaves earlier ones out it may go on, and forget" in said
    assert "indexer spool exclusions" in said
