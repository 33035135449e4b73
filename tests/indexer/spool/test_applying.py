"""What the console has had approved is in force after `indexer spool apply`, and told back."""

import json

from screening.spools.acknowledgement import Applied
from tests.harness.spool_console import ANN, BEN, Desk, add, lift, retract
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
EMAIL = ("email", "jane@booking.example")


def test_what_two_people_have_signed_is_in_force_and_told(running: Running, desk: Desk) -> None:
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE), add(*EMAIL, "buyer"))
    said = running.run("spool", "apply").output
    (told,) = desk.told()
    assert isinstance(told.of, Applied)
    named = f"file 1, release {told.of.release} (list 2)"  # the release is what the console shows
    assert f"{named}: 1 batch, 2 changes; the list has 2 statements" in said
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [True, False, True]
    assert desk.outcomes() == [(1, "applied")]
    assert told.of.result == desk.console.statements.result()
    assert running.run("spool", "apply").output == "no file waits\n"
    assert desk.outcomes() == [(1, "applied")]


def test_one_signature_is_enough_for_a_retraction(running: Running, desk: Desk) -> None:
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE), add(*OTHER))
    desk.approve(retract(*PHONE), by=[ANN])
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, OTHER) == [False, True]
    desk.approve(lift(*PHONE), add(*PHONE))
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, OTHER) == [True, True]


def test_many_batches_of_a_file_are_one_release_in_their_order(
    running: Running, desk: Desk
) -> None:
    partner, console = running.add_partner("acme"), desk.console
    batches = [
        console.batch(add(*PHONE), add(*OTHER)),
        console.batch(retract(*PHONE), add(*EMAIL)),
        console.batch(lift(*PHONE), retract(*OTHER)),
        console.batch(add(*PHONE, "buyer")),
    ]
    ((before,),) = running.rows("SELECT count(*) FROM releases")
    desk.write(*(console.approved(one, ANN, BEN) for one in batches))
    running.run("spool", "apply")
    assert running.rows("SELECT count(*) FROM releases") == [(before + 1,)]
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [True, False, True]


def test_the_status_says_which_list_it_is(running: Running, desk: Desk) -> None:
    desk.approve(add(*PHONE))
    assert "next       file 1; 1 file waits" in running.run("spool", "status").output
    running.run("spool", "apply")
    status = json.loads(running.run("spool", "status", "--json").output)
    assert status["digest"] == desk.console.statements.result().digest
    assert status["last_told"] == {"of": 1, "outcome": "applied"}


def test_a_rollback_goes_back_to_before_what_the_last_file_has_added(
    running: Running, desk: Desk
) -> None:
    partner, console = running.add_partner("acme"), desk.console
    desk.approve(add(*PHONE), add(*EMAIL))
    running.run("spool", "apply")
    batches = [console.batch(add(*OTHER)), console.batch(retract(*PHONE))]
    desk.write(*(console.approved(one, ANN, BEN) for one in batches))
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, EMAIL, OTHER) == [False, True, True]
    running.run("rollback", "--by-hand")
    assert running.listed(partner, PHONE, EMAIL, OTHER) == [False, True, False]
