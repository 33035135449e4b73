"""A list from before the console is told whole, so that the console goes on from it."""

from screening.spools.statements import StatementSet
from screening.spools.whole_list import ListedStatement, ListPart
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
