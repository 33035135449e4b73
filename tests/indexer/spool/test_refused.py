"""Each kind of file that is refused, by its code: nothing is changed, and the console is told."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from screening.spools.acknowledgement import Refused
from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import (
    ANN,
    BEN,
    CAT,
    DAY,
    TODAY,
    Console,
    Desk,
    add,
    lift,
    retract,
)
from tests.indexer.running import Running
from tests.indexer.spool.kinds import LATER, OTHER, PHONE, REFUSED, expired


@pytest.fixture
def partner(running: Running, desk: Desk) -> Partner:
    """A partner, whose index has what a first file has added."""
    one = running.add_partner("acme")
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    return one


def left_by(running: Running, home: Path) -> object:
    """Return all that answers rest on, and the keyring."""
    lists = ("* FROM entries ORDER BY id", "* FROM blocks", "* FROM releases", "* FROM revisions")
    files = {path: path.read_bytes() for path in (home / "keyring").rglob("*") if path.is_file()}
    return running.stored(), [running.rows(f"SELECT {one}") for one in lists], files


def require_refused(running: Running, desk: Desk, code: str, *, is_told: bool = True) -> None:
    """Demand that the next file is refused, twice, changes nothing and is told of once at most."""
    before, told = left_by(running, running.home), len(desk.told())
    sequence = json.loads(running.run("spool", "status", "--json").output)["next_sequence"]
    for _ in range(2):
        ended = running.run("spool", "apply", expect=4)
        assert len(ended.output.splitlines()) == 1, ended.output
        assert PHONE[1] not in ended.output
        assert OTHER[1] not in ended.output
    assert left_by(running, running.home) == before
    assert desk.outcomes()[told:] == ([(sequence, code)] if is_told else [])
    refused = [one for one in running.ledger() if one["command"] == "spool refused"]
    assert [one["code"] for one in refused][-1] == code


@slow_but_first(15, "write", REFUSED, ids=lambda write: write.__name__)
def test_a_file_is_refused(
    running: Running, desk: Desk, partner: Partner, write: Callable[[Desk], None]
) -> None:
    write(desk)
    require_refused(running, desk, REFUSED[write])
    assert running.listed(partner, PHONE, OTHER) == [True, False]


def test_a_batch_that_was_applied_is_never_applied_again(
    running: Running, desk: Desk, partner: Partner
) -> None:
    batch = desk.console.approved(desk.console.batch(add(*OTHER)), ANN, BEN)
    desk.write(batch)
    running.run("spool", "apply")
    desk.approve(retract(*OTHER))
    desk.approve(lift(*OTHER))
    running.run("spool", "apply")
    desk.write(batch)
    require_refused(running, desk, "batch_seen")
    assert running.listed(partner, OTHER) == [False]


def test_the_signature_of_who_was_removed_counts_no_more(
    running: Running, desk: Desk, partner: Partner
) -> None:
    desk.approve(add(*OTHER))
    running.run("spool", "approver", "remove", "ben")
    require_refused(running, desk, "removed_approver")
    assert running.listed(partner, OTHER) == [False]


def test_a_retraction_of_no_list_is_refused(running: Running, desk: Desk) -> None:
    desk.approve(retract(*PHONE))
    require_refused(running, desk, "no_list")


def test_what_was_changed_by_hand_is_noticed(
    running: Running, desk: Desk, partner: Partner
) -> None:
    running.run("add", "phone:+12025550144", "--role", "buyer", "--by-hand")
    desk.approve(add(*OTHER))
    require_refused(running, desk, "drifted")
    # Taken back, the list is again what the console holds it for.
    running.run("rollback", "--by-hand")
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, OTHER, LATER) == [True, True, False]


@pytest.mark.slow
def test_a_right_file_in_the_place_of_a_refused_one_goes_on(
    running: Running, desk: Desk, partner: Partner
) -> None:
    console, previous = desk.console, desk.console.previous
    statements, said = console.statements, dict(console.said)
    desk.approve(add(*OTHER), by=[ANN])
    require_refused(running, desk, "half_signed")
    console.sequence, console.previous = 1, previous
    console.statements, console.said = statements, said
    desk.approve(add(*OTHER))
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, OTHER) == [True, True]
    assert desk.outcomes() == [(1, "applied"), (2, "half_signed"), (2, "applied")]


def test_a_skipped_file_is_never_in_force_and_the_chain_goes_on(
    running: Running, desk: Desk, partner: Partner
) -> None:
    statements, said = desk.console.statements, dict(desk.console.said)
    expired(desk)
    require_refused(running, desk, "expired")
    assert (
        "file 2 is the next" in running.run("spool", "skip", "3", "--reason", "x", expect=2).output
    )
    desk.lay(2, b"what is left of it")
    running.run("spool", "skip", "2", "--reason", "the host was down")
    desk.console.statements, desk.console.said = statements, said
    desk.approve(add(*LATER))
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, OTHER, LATER) == [True, False, True]
    assert desk.outcomes() == [(1, "applied"), (2, "expired"), (2, "skipped"), (3, "applied")]
    (skipped,) = [one for one in running.ledger() if one["command"] == "spool skip"]
    assert skipped["reason"] == "the host was down"


@pytest.mark.slow
def test_a_file_that_was_edited_anywhere_is_refused(
    running: Running, desk: Desk, partner: Partner
) -> None:
    document = desk.approve(add(*OTHER))
    places = range(0, len(document), len(document) // 12)
    for place in places:
        desk.lay(2, document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :])
        running.run("spool", "apply", expect=4)
        assert running.listed(partner, PHONE, OTHER) == [True, False]
    desk.lay(2, document)
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, OTHER) == [True, True]


@pytest.mark.slow
def test_another_spelling_of_an_export_is_refused(
    running: Running, desk: Desk, partner: Partner
) -> None:
    console: Console = desk.console
    batch = console.batch(add(*OTHER))
    export = console.export(console.approved(batch, ANN, BEN))
    desk.lay(2, console.sealed(b" " + export, desk.indexer))
    require_refused(running, desk, "malformed")


@pytest.mark.slow
def test_no_batch_of_a_skipped_file_is_taken_in_another_one(
    running: Running, desk: Desk, partner: Partner
) -> None:
    console, statements = desk.console, desk.console.statements
    said = dict(console.said)
    passed_over = console.approved(console.batch(add(*OTHER)), ANN, BEN)
    desk.write(passed_over)
    told = running.run("spool", "skip", "2", "--reason", "he is none").output
    assert "file 2 is skipped, and with it 1 batch; the next is 3" in told
    console.statements, console.said = statements, said
    desk.write(passed_over, console.approved(console.batch(add(*LATER)), ANN, BEN))
    require_refused(running, desk, "batch_seen")
    assert running.listed(partner, OTHER, LATER) == [False, False]


@slow_but_first(1, "reason", ["", "x" * 2_001, "a \x1b[1m reason"])
def test_a_reason_that_no_acknowledgement_can_tell_skips_nothing(
    running: Running, desk: Desk, partner: Partner, reason: str
) -> None:
    told = running.run("spool", "skip", "2", "--reason", reason, expect=2).output
    assert "a reason has 1 to 2000 characters" in told
    assert desk.outcomes() == [(1, "applied")]
    assert "spool skip" not in [one["command"] for one in running.ledger()]


@pytest.mark.slow
def test_what_was_refused_for_a_batch_is_never_applied_as_it_is(
    running: Running, desk: Desk, partner: Partner
) -> None:
    console, previous = desk.console, desk.console.previous
    statements, said = console.statements, dict(console.said)
    left_out = console.approved(console.batch(add(*OTHER)), ANN, CAT)
    other = console.approved(console.batch(add(*LATER)), ANN, BEN)
    desk.write(other, left_out)
    require_refused(running, desk, "unknown_approver")
    refused = desk.told()[-1].of
    named = msgspec.json.decode(left_out.batch)["batch"]
    assert (type(refused), getattr(refused, "batch", None)) == (Refused, named)
    public = base64.b64encode(CAT.key.public).decode()
    running.run("spool", "approver", "add", CAT.name, public)
    require_refused(running, desk, "unknown_approver", is_told=False)
    # Written anew without that batch, the other one is in force.
    console.sequence, console.previous = 1, previous
    console.statements, console.said = statements, said
    desk.write(other)
    running.run("spool", "apply")
    assert running.listed(partner, OTHER, LATER) == [False, True]


@pytest.mark.slow
def test_a_console_whose_clock_is_ahead_a_little_is_not_kept_waiting(
    running: Running, desk: Desk, partner: Partner
) -> None:
    soon = TODAY + DAY / 24 / 20
    batch = desk.console.batch(add(*OTHER), written_at=soon, not_before=soon)
    desk.write(desk.console.approved(batch, ANN, BEN), written_at=soon)
    running.run("spool", "apply")
    assert running.listed(partner, OTHER) == [True]
