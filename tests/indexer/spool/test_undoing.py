"""Beside a console hands change nothing by mistake, retract at once, and can be undone."""

import json

import pytest

from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import Desk, add, lift, now, retract
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
LATER = ("phone", "+12025550144")
EMAIL = ("email", "jo@lodge.example")
ADD = ("add", ":".join(LATER), "--role", "buyer")


@pytest.fixture
def partner(running: Running, desk: Desk) -> Partner:
    """Have two selectors listed by the console's first file."""
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE), add(*OTHER))
    running.run("spool", "apply")
    return partner


def digest(running: Running) -> str:
    return str(json.loads(running.run("spool", "status", "--json").output)["digest"])


def gone(running: Running, of: tuple[str, str]) -> str:
    return running.run("retract", ":".join(of), "--reason", "given to somebody else").output


def applied(running: Running, desk: Desk) -> None:
    """Have what the console wrote last be applied."""
    running.run("spool", "apply")
    assert desk.outcomes()[-1] == (desk.console.sequence, "applied")


@slow_but_first(
    2,
    "command",
    [
        ADD,
        ("publish", "list.csv"),
        ("publish", "--changes", "list.csv"),
        ("import", "list.csv"),
        ("lift", ":".join(PHONE)),
        ("rollback",),
    ],
    ids=" ".join,
)
def test_hands_change_nothing_beside_a_console_by_mistake(
    running: Running, partner: Partner, command: tuple[str, ...]
) -> None:
    running.write_list([(*LATER, "buyer")])
    recorded, before = running.ledger(), digest(running)
    said = running.run(*command, expect=2).output
    assert f"after indexer {command[0]}; have it approved in the console" in said
    assert "or pass --by-hand" in said
    assert (running.ledger(), digest(running)) == (recorded, before)
    assert running.listed(partner, PHONE, OTHER, LATER) == [True, True, False]


def test_what_only_looks_is_not_refused(running: Running, partner: Partner) -> None:
    running.write_list([(*LATER, "buyer")])
    running.run("rollback", "--list")
    running.run("import", "list.csv", "--dry-run")


@pytest.mark.slow
def test_before_the_first_file_hands_make_the_list(running: Running, desk: Desk) -> None:
    running.publish([(*PHONE, "buyer")])
    running.run(*ADD)


def test_a_retraction_by_hand_holds_at_once_and_the_console_goes_on(
    running: Running, desk: Desk, partner: Partner
) -> None:
    before = digest(running)
    assert "have it taken off there, too" in gone(running, PHONE)
    assert running.listed(partner, PHONE, OTHER) == [False, True]
    assert digest(running) == before
    desk.approve(retract(*OTHER))
    applied(running, desk)
    assert running.listed(partner, PHONE, OTHER) == [False, False]
    desk.approve(retract(*PHONE))
    applied(running, desk)
    desk.approve(lift(*PHONE), at=now())
    applied(running, desk)
    assert running.listed(partner, PHONE, OTHER) == [False, False], "a lift lists nobody"


@pytest.mark.slow
def test_what_hands_lift_that_hands_retracted_is_said_to_be_listed_again(
    running: Running, partner: Partner
) -> None:
    gone(running, PHONE)
    said = running.run("lift", ":".join(PHONE), "--by-hand").output
    assert "1 of them is listed again by it" in said
    assert running.listed(partner, PHONE) == [True]


def test_what_was_added_by_hand_is_undone_and_the_next_file_is_applied(
    running: Running, desk: Desk, partner: Partner
) -> None:
    before = digest(running)
    running.run(*ADD, "--by-hand")
    desk.approve(retract(*OTHER))
    assert "indexer spool undo" in running.run("spool", "apply", expect=4).output
    running.run("spool", "undo")
    assert digest(running) == before
    assert running.listed(partner, PHONE, OTHER, LATER) == [True, True, False]
    applied(running, desk)
    assert running.listed(partner, PHONE, OTHER, LATER) == [True, False, False]


@pytest.mark.slow
def test_a_list_published_by_hand_is_undone_after_many_changes(
    running: Running, desk: Desk, partner: Partner
) -> None:
    before = digest(running)
    for number in range(5):
        path = str(running.write_list([("phone", f"+1202555015{number}", "buyer")]))
        running.run("publish", path, "--by-hand", "--allow-shrink")
        running.run("compact", "--all")
    assert running.listed(partner, PHONE, OTHER) == [False, False]
    running.run("spool", "undo")
    assert digest(running) == before
    assert running.listed(partner, PHONE, OTHER) == [True, True]
    desk.approve(add(*LATER))
    applied(running, desk)


@pytest.mark.slow
def test_what_was_lifted_by_hand_is_retracted_again(
    running: Running, desk: Desk, partner: Partner
) -> None:
    desk.approve(retract(*OTHER))
    applied(running, desk)
    running.run("lift", ":".join(OTHER), "--by-hand")
    running.run("spool", "undo")
    running.run("add", ":".join(OTHER), "--role", "buyer", "--by-hand", expect=2)
    assert running.listed(partner, PHONE, OTHER) == [True, False]


@pytest.mark.slow
def test_what_hands_retracted_before_the_last_file_and_lifted_is_not_retracted_again(
    running: Running, desk: Desk, partner: Partner
) -> None:
    gone(running, PHONE)
    desk.approve(retract(*OTHER))
    applied(running, desk)
    running.run("lift", ":".join(PHONE), "--by-hand")
    running.run(*ADD, "--by-hand")
    running.run("spool", "undo")
    assert running.listed(partner, PHONE, OTHER, LATER) == [True, False, False]
    assert "nothing was changed by hand" in running.run("spool", "undo").output


@slow_but_first(1, "role", ["victim", "disputed"])
def test_whom_hands_keep_off_stays_off_and_is_named_masked(
    running: Running, desk: Desk, partner: Partner, role: str
) -> None:
    before = digest(running)
    source = () if role == "victim" else ("--source", "case-7")
    running.run("add", ":".join(PHONE), "--role", role, *source, "--by-hand")
    gone(running, OTHER)
    said = running.run("spool", "undo").output
    assert said.count("stays taken off, while the console's entries of it stand") == 2
    assert not any(one[1] in said for one in (PHONE, OTHER))
    assert digest(running) == before
    assert running.listed(partner, PHONE, OTHER) == [False, False]
    desk.approve(retract(*PHONE), retract(*OTHER))
    applied(running, desk)


@pytest.mark.slow
def test_where_nothing_was_changed_nothing_is(running: Running, partner: Partner) -> None:
    recorded = running.ledger()
    assert "nothing was changed by hand" in running.run("spool", "undo").output
    assert running.ledger() == recorded


@pytest.mark.slow
def test_of_no_file_of_the_console_there_is_nothing_to_undo(running: Running, desk: Desk) -> None:
    running.publish([(*PHONE, "buyer")])
    assert "indexer spool list" in running.run("spool", "undo", expect=2).output


@pytest.mark.slow
def test_an_undo_that_is_killed_is_undone_or_done(
    running: Running, desk: Desk, partner: Partner
) -> None:
    before = digest(running)
    running.run(*ADD, "--by-hand")
    changed, step = digest(running), 1
    while running.run("spool", "undo", kill_before=step, expect=None).was_killed:
        running.run("compact")
        assert digest(running) in (before, changed)
        step += 1
        if digest(running) == before:
            running.run(*ADD, "--by-hand")
    assert digest(running) == before
