"""SIGKILL at every step of `indexer spool`: a file is in force or not, and the same goes on."""

import pytest

from tests.harness.spool_console import ANN, BEN, CAT, Desk, add, lift, retract
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
LATER = ("phone", "+12025550144")


def test_an_apply_that_is_killed_has_done_all_or_nothing_and_goes_on(
    running: Running, desk: Desk
) -> None:
    partner, console = running.add_partner("acme"), desk.console
    desk.approve(add(*PHONE), add(*OTHER))
    running.run("spool", "apply")
    batches = [
        console.batch(retract(*PHONE), add(*LATER)),
        console.batch(lift(*PHONE), retract(*OTHER)),
    ]
    desk.write(*(console.approved(one, ANN, BEN) for one in batches))
    before, after = [True, True, False], [False, False, True]
    seen = set()
    for _ in running.killed_everywhere("spool", "apply"):
        is_listed = tuple(running.listed(partner, PHONE, OTHER, LATER))
        assert list(is_listed) in (before, after)
        seen.add(is_listed)
        running.run("spool", "apply")
        assert running.listed(partner, PHONE, OTHER, LATER) == after
        applied = [one for one in desk.outcomes() if one == (2, "applied")]
        assert len(applied) == 1, "each file is told of once"
        assert [one for one in desk.outcomes() if one[1] != "applied"] == []
        assert running.rows("SELECT sequence, told FROM exports") == [(1, 1), (2, 1)]
        # The list goes on from there: what is kept of it is right.
        assert running.run("spool", "apply").output == "no file waits\n"
        for path in (desk.spools / "up").glob("0000000002.up"):
            path.unlink()
    assert seen == {tuple(before), tuple(after)}


@pytest.mark.slow
def test_a_refusal_that_is_killed_changes_nothing_and_is_told_once(
    running: Running, desk: Desk
) -> None:
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    desk.console.statements = desk.console.statements.changed(begun=[b"another"])
    desk.approve(retract(*PHONE), add(*OTHER))
    for _ in running.killed_everywhere("spool", "apply", expect=4):
        assert running.listed(partner, PHONE, OTHER) == [True, False]
        running.run("spool", "apply", expect=4)
        assert running.listed(partner, PHONE, OTHER) == [True, False]
        assert desk.outcomes() == [(1, "applied"), (2, "drifted")]
        assert running.rows("SELECT sequence FROM exports") == [(1,)]
        for path in (desk.spools / "up").glob("0000000002.up"):
            path.unlink()


@pytest.mark.slow
def test_another_command_after_a_killed_apply_leaves_its_file_to_be_told(
    running: Running, desk: Desk
) -> None:
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE))
    for _ in running.killed_everywhere("spool", "apply"):
        running.run("compact")
        (is_listed,) = running.listed(partner, PHONE) if running.heads() else [False]
        landed = running.rows("SELECT sequence FROM exports")
        assert bool(landed) == is_listed
        running.run("spool", "apply")
        assert desk.outcomes() == [(1, "applied")]
        for path in (desk.spools / "up").glob("*.up"):
            path.unlink()


@pytest.mark.slow
def test_a_skip_that_is_killed_goes_on(running: Running, desk: Desk) -> None:
    desk.approve(add(*PHONE), by=[ANN, CAT])
    for _ in running.killed_everywhere("spool", "skip", "1", "--reason", "of a stranger"):
        skipped = bool(running.rows("SELECT sequence FROM exports"))
        running.run("spool", "skip", "1", "--reason", "again", expect=2 if skipped else 0)
        assert desk.outcomes() == [(1, "skipped")]
        for path in (desk.spools / "up").glob("*.up"):
            path.unlink()
