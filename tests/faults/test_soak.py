"""A short soak, the same faults each time; and that a soak would notice what it looks for."""

import pytest

from tests.faults.soak import Report, Soak
from tests.faults.truth import Tally, Truth, Windows
from tests.faults.world import World
from tests.harness.template import Template

SEED = 20261127
FAULTS = (
    ["proxy: reset", "worker stopped"],
    ["Redis killed", "worker killed"],
    ["indexer killed"],
    ["proxy: garbage"],
    ["proxy: half-open", "sync killed"],
    ["Redis rolled back"],
)
A, B, C = ("phone", "+12025550100"), ("phone", "+12025550101"), ("phone", "+12025550102")


def test_whatever_fails_no_answer_is_false_and_each_is_in_the_journal(
    tmp_path_factory: pytest.TempPathFactory, template: Template
) -> None:
    # A short name: a socket's path has 108 bytes at the most.
    folder = tmp_path_factory.mktemp("w")
    # A full disk takes longer: tests/journeys/test_full_disk.py has it.
    world = World(folder, template, size=2_000, seed=SEED, with_disk=False)
    try:
        run = Soak(world, longest_fault_s=0.6)
        with run.asking(SEED):
            for kinds in FAULTS:
                run.do(kinds)
        run.read_journal()
    finally:
        world.close()
    report = run.report
    assert report.tally.is_correct(), (report.tally.wrong, report.tally.odd)
    assert not report.tally.outside, report.tally.outside
    assert (report.missing, report.differing) == (0, 0), report.verified
    assert report.tally.answers["check"] > 100
    assert report.tally.answers["bulk"] > 10
    assert report.injected.total() == sum(map(len, FAULTS))
    # Else what a list said that was replaced long since would count as right.
    assert world.changing.in_force > 0


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        (["match", "no_match", "no_match"], "right"),
        (["match", "match", "no_match"], "right"),
        (["no_match", "match", "no_match"], "false no"),
        (["match", "match", "match"], "false yes"),
        (["match", "invalid", "no_match"], "torn"),
    ],
)
def test_an_answer_that_no_list_would_give_is_noticed(results: list[str], verdict: str) -> None:
    truth = Truth(frozenset([A]), frozenset([B]), frozenset())
    truth.began(frozenset([B]))
    assert truth.judge([A, B, C], results, truth.oldest()) == verdict


def test_once_a_list_is_in_force_the_one_before_is_false_for_later_questions() -> None:
    truth = Truth(frozenset(), frozenset([A, B]), frozenset([A]))
    before = truth.oldest()
    truth.in_force(truth.began(frozenset([B])))
    assert truth.judge([A, B], ["match", "no_match"], before) == "right"
    assert truth.judge([A, B], ["match", "no_match"], truth.oldest()) == "false yes"
    assert truth.judge([A, B], ["no_match", "no_match"], truth.oldest()) == "false no"
    assert truth.judge([A, B], ["match", "match"], before) == "torn"


def test_a_refusal_is_excused_by_a_fault_that_goes_on_at_any_moment_of_it() -> None:
    windows = Windows()
    assert not windows.touch(0, 1e9)
    with windows.open("a fault"):
        assert windows.touch(0, 1e9)
    assert windows.touch(0, 1e9)
    assert not windows.touch(1e9, 2e9)
    assert not windows.touch(0, 1)


@pytest.mark.parametrize("wrong", ["false no", "false yes", "torn"])
def test_a_run_with_one_false_answer_is_not_correct(wrong: str) -> None:
    tally = Tally()
    tally.verdicts["right"] = 1_000_000
    assert tally.is_correct()
    tally.verdicts[wrong] += 1
    assert not tally.is_correct()


def test_a_run_with_a_status_that_nobody_should_see_is_not_correct() -> None:
    tally = Tally()
    tally.odd[500] += 1
    assert not tally.is_correct()
    assert not Report(tally).is_correct()


@pytest.mark.parametrize(
    ("recorded", "missing", "differing"),
    [
        ({"first": (1, 2), "second": (0, 3), "of nobody": (0, 1)}, 0, 0),
        ({"first": (1, 2)}, 1, 0),
        ({"first": (1, 2), "second": (1, 2)}, 0, 1),
        ({}, 2, 0),
    ],
)
def test_a_run_whose_answers_are_not_on_record_as_they_were_given_is_not_correct(
    recorded: dict[str, tuple[int, int]], missing: int, differing: int
) -> None:
    report = Report(Tally(receipts={"first": (1, 2), "second": (0, 3)}))
    report.hold_against(recorded)
    assert (report.missing, report.differing) == (missing, differing)
    assert report.is_correct() == (missing == differing == 0)
