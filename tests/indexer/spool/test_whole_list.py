"""A list from before the console is told whole, so that the console goes on from it."""

import csv

import pytest

from screening.spools.statements import StatementSet
from screening.spools.whole_list import ListedStatement, ListPart
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import Desk, add, retract
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
GONE = ("phone", "+12025550144")
VICTIM = ("email", "jo@lodge.example")


def by_hand(running: Running) -> None:
    """Have a list that people made without a console."""
    running.publish(
        [
            (*PHONE, "trafficker"),
            (*OTHER, "disputed"),
            (*GONE, "buyer"),
            (*VICTIM, "victim"),
        ]
    )
    running.run("retract", ":".join(GONE), "--reason", "given to somebody else")


def parts_told(desk: Desk) -> list[ListPart]:
    return [one for one in desk.told_beside() if isinstance(one, ListPart)]


def statements_told(desk: Desk) -> list[ListedStatement]:
    return [statement for one in parts_told(desk) for statement in one.statements]


def test_all_of_it_is_told_and_the_next_file_is_reckoned_from_it(
    running: Running, desk: Desk
) -> None:
    partner = running.add_partner("acme")
    by_hand(running)
    assert "told of 3 statements" in running.run("spool", "list").output
    said = {(one.kind, one.canonical): one.role for one in statements_told(desk)}
    assert said == {PHONE: "trafficker", OTHER: "disputed", VICTIM: "victim"}
    (gone,) = [one for part in parts_told(desk) for one in part.taken_off]
    assert (gone.kind, gone.canonical, gone.reason) == (*GONE, "given to somebody else")
    known = StatementSet().changed(begun=[one.line() for one in statements_told(desk)])
    assert {one.result for one in parts_told(desk)} == {known.result()}
    desk.console.statements = known
    desk.approve(add("phone", "+12025550177"))
    running.run("spool", "apply")
    assert desk.outcomes() == [(1, "applied")]
    assert running.listed(partner, PHONE, ("phone", "+12025550177"), GONE) == [True, True, False]


def test_without_it_the_first_file_is_refused_and_says_what_to_do(
    running: Running, desk: Desk
) -> None:
    by_hand(running)
    desk.approve(add("phone", "+12025550177"))
    assert "indexer spool list" in running.run("spool", "apply", expect=4).output
    assert desk.outcomes() == [(1, "drifted")]


def test_once_a_file_is_in_force_it_is_told_no_more(running: Running, desk: Desk) -> None:
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    assert "from before" in running.run("spool", "list", expect=2).output
    assert parts_told(desk) == []


def test_of_no_list_nothing_is_told(running: Running, desk: Desk) -> None:
    assert "no list yet" in running.run("spool", "list", expect=2).output


@pytest.mark.slow
def test_what_nobody_can_sign_is_named_and_nothing_is_told(running: Running, desk: Desk) -> None:
    by_hand(running)
    running.change("UPDATE entries SET expires_at = 2000000000 WHERE role = 'victim'")
    assert "the like of 1 of its statements" in running.run("spool", "list", expect=2).output
    assert parts_told(desk) == []


def test_a_change_by_hand_after_it_is_noticed_and_told_anew(running: Running, desk: Desk) -> None:
    by_hand(running)
    running.run("spool", "list")
    first = parts_told(desk)
    running.run("retract", ":".join(PHONE), "--reason", "no more")
    desk.console.statements = StatementSet().changed(
        begun=[one.line() for one in statements_told(desk)]
    )
    desk.approve(retract(*OTHER))
    running.run("spool", "apply", expect=4)
    assert desk.outcomes() == [(1, "drifted")]
    running.run("spool", "list")
    again = parts_told(desk)[len(first) :]
    assert {one.canonical for part in again for one in part.statements} == {OTHER[1], VICTIM[1]}


def publish_said(running: Running, *rows: dict[str, str]) -> None:
    """Have a list of phones that says more of each, by column."""
    columns = ("kind", "value", "role", "reason", "source", "first_seen", "last_seen", "expires_at")
    path = running.folder / "said.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({"kind": "phone", "role": "trafficker", **row} for row in rows)
    running.run("publish", str(path))


@pytest.mark.slow
def test_moments_before_1970_are_told(running: Running, desk: Desk) -> None:
    days = {"first_seen": "1952-03-01", "last_seen": "1969-12-31", "expires_at": "2099-12-31"}
    publish_said(running, {"value": PHONE[1], **days})
    running.run("spool", "list")
    (said,) = statements_told(desk)
    assert (said.first_seen, said.last_seen) == (-562_896_000, -86_400)
    desk.console.statements = StatementSet().changed(begun=[said.line()])
    desk.approve(add(*OTHER))
    running.run("spool", "apply")
    assert desk.outcomes() == [(1, "applied")]


@slow_but_first(1, "column", ["reason", "source"])
def test_a_text_that_no_file_can_tell_is_named_masked_with_what_to_do(
    running: Running, desk: Desk, column: str
) -> None:
    long = {column: "x" * 2_001, "last_seen": "2026-11-01"}
    publish_said(running, {"value": PHONE[1], **long}, {"value": OTHER[1], **long})
    said = running.run("spool", "list", expect=2).output
    assert f"the {column} of phone +12" in said
    assert "in list default, last seen 2026-11-01, has more than 2000 characters" in said
    assert "with 1 more of them); correct it, and publish it so" in said
    assert not any(one[1] in said or one[1][3:-2] in said for one in (PHONE, OTHER))
    assert parts_told(desk) == []


@pytest.mark.slow
def test_so_is_why_something_was_taken_off(running: Running, desk: Desk) -> None:
    by_hand(running)
    running.run("retract", ":".join(OTHER), "--reason", "x" * 2_001)
    said = running.run("spool", "list", expect=2).output
    assert "the reason why phone +12" in said
    assert parts_told(desk) == []
    running.run("lift", ":".join(OTHER))
    running.run("retract", ":".join(OTHER), "--reason", "given to somebody else")
    running.run("spool", "list")
