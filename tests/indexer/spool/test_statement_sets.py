"""What names the list is right whatever has changed it, and however far back it was known."""

import json
import random
from typing import Any

from indexer.list.revisions import Revisions
from indexer.list.statement_sets import keep_statements, statements_of
from screening.importers.entry import Role
from screening.spools.changes import Add, Change
from screening.spools.statements import OpenStatement, StatementSet
from tests.harness.spool_console import Desk, add, lift, retract
from tests.indexer.listed import NOW, entry, open_list, phone, publish, put_in_force, staged
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
ROLES = ["trafficker", "buyer", "victim", "disputed"]


def status(running: Running) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(running.run("spool", "status", "--json").output)
    return told


def test_a_statement_is_named_by_what_it_says_of_whom(tmp_path: Any) -> None:
    list_file = open_list(tmp_path)
    said = entry(
        phone(42),
        Role.BUYER,
        source="case-7",
        confidence=80,
        jurisdictions=("DE", "US"),
        last_seen=NOW - 7,
        expires_at=NOW + 7,
        list_="tips",
    )
    revision = publish(list_file, [said])
    line = OpenStatement(
        kind="phone",
        canonical="+12025550142",
        list="tips",
        source="case-7",
        role="buyer",
        confidence=80,
        jurisdictions=["DE", "US"],
        last_seen=NOW - 7,
        expires_at=NOW + 7,
    ).line()
    assert statements_of(list_file, revision) == StatementSet().changed(begun=[line])
    list_file.close()


def test_what_is_reckoned_from_an_earlier_revision_is_what_is_reckoned_from_nothing(
    tmp_path: Any,
) -> None:
    draw = random.Random(7)  # noqa: S311 - the same changes each time
    list_file = open_list(tmp_path)
    revisions, sql = Revisions(list_file), list_file.connection
    publish(list_file, [entry(phone(number)) for number in range(6)])
    for _ in range(60):
        some = [phone(draw.randrange(12)) for _ in range(3)]
        change = draw.choice(["add", "retract", "lift", "publish", "rollback", "forget", "keep"])
        if change == "add":
            draft = staged(list_file, [entry(one, confidence=draw.randrange(3)) for one in some])
            put_in_force(list_file, revisions.take_additions(draft, "add"))
        elif change == "retract":
            put_in_force(list_file, revisions.retract(dict.fromkeys(some, "wrong")))
        elif change == "lift":
            put_in_force(list_file, revisions.lift(some))
        elif change == "publish":
            publish(list_file, [entry(one) for one in some])
        elif change == "rollback":
            before = revisions.find_before(list_file.landed_revision())
            if before is not None:
                put_in_force(list_file, revisions.restore(before))
        elif change == "forget":
            revisions.forget_before(None, used=())
        landed = list_file.landed_revision()
        reckoned = statements_of(list_file, landed)
        known = sql.execute("SELECT * FROM results").fetchall()
        sql.execute("DELETE FROM results")
        assert statements_of(list_file, landed) == reckoned, change
        assert (
            reckoned.statements
            == sql.execute("SELECT count(*) FROM entries WHERE until > ?", (landed,)).fetchone()[0]
        )
        sql.executemany("INSERT INTO results VALUES (?, ?, ?)", known)
        if change == "keep":
            keep_statements(list_file, landed, reckoned)
    list_file.close()


def test_a_list_that_hands_have_made_is_named_as_a_list_that_was_applied(
    running: Running, desk: Desk
) -> None:
    empty = status(running)
    assert (empty["statements"], empty["digest"]) == (0, StatementSet().result().digest)
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    one = status(running)
    running.run("add", "phone:+12025550143", "--role", "buyer", "--by-hand")
    assert status(running)["statements"] == 2
    running.run("compact", "--all")
    assert status(running)["statements"] == 2
    running.run("rollback", "--by-hand")
    assert status(running)["digest"] == one["digest"]
    desk.approve(retract(*PHONE))
    running.run("spool", "apply")
    assert status(running)["digest"] == empty["digest"]


def test_console_and_indexer_come_to_the_same_list_whatever_is_approved(
    running: Running, desk: Desk
) -> None:
    draw = random.Random(11)  # noqa: S311 - the same changes each time
    phones = [("phone", f"+120255501{number}") for number in range(10, 16)]
    retracted: set[tuple[str, str]] = set()
    for _ in range(25):
        some = draw.sample(phones, 3)
        lifted = [one for one in some if one in retracted and draw.random() < 0.5]
        gone = [one for one in some if one not in retracted and draw.random() < 0.3]
        retracted = (retracted - set(lifted)) | (set(gone) if desk.console.said else set())
        said = [
            add(*one, draw.choice(ROLES), source=draw.choice(["a", "b"]), days=draw.choice([7, 9]))
            for one in some
        ]
        changes: list[Change] = [
            *(lift(*one) for one in lifted),
            *(retract(*one) for one in gone if one in retracted),
            *(one for one in said if one.role == "victim" or _name(one) not in retracted),
        ]
        if changes:
            desk.approve(*changes)
            running.run("spool", "apply")
            assert status(running)["digest"] == desk.console.statements.result().digest
    assert {outcome for _, outcome in desk.outcomes()} == {"applied"}
    assert len(desk.outcomes()) > 20


def _name(one: Add) -> tuple[str, str]:
    return (one.kind, one.canonical)
