"""A retraction of what is retracted already changes nothing, and says since when it is."""

import re

import pytest

from tests.indexer.running import Running

FIRST, SECOND = "phone:+12025550142", "phone:+12025550143"


@pytest.fixture
def retracted(running: Running) -> Running:
    rows = [("phone", one.partition(":")[2], "trafficker") for one in (FIRST, SECOND)]
    running.publish(rows)
    running.add_partner("acme")
    running.run("retract", FIRST, "--reason", "it is somebody else's")
    return running


def test_it_changes_nothing_and_its_first_reason_stays(retracted: Running) -> None:
    before = (retracted.heads(), retracted.records(), retracted.ledger())
    said = retracted.run("retract", FIRST, "--reason", "for another reason").output
    assert re.search(
        r"selector 1: nothing is changed, since it was retracted already, \S+ \S+ UTC; ", said
    )
    assert "meant to be listed" not in said
    assert FIRST.partition("+")[2] not in said
    assert (retracted.heads(), retracted.records(), retracted.ledger()) == before
    assert "it is somebody else's" in retracted.run("show", FIRST).output


def test_what_is_not_retracted_yet_beside_it_is(retracted: Running) -> None:
    said = retracted.run("retract", SECOND, FIRST, "--reason", "wrong").output
    assert "selector 2: nothing is changed" in said
    assert "1 retracted, 1 of them was listed" in said
    assert "meant to be listed" not in said
    assert "selector 1: not listed" in retracted.run("show", SECOND).output
    retracted.run("lift", FIRST)
    assert "already" not in retracted.run("retract", FIRST, "--reason", "again").output


def test_where_no_partner_is_it_makes_no_release_either(running: Running) -> None:
    running.publish([("phone", FIRST.partition(":")[2], "trafficker")])
    running.run("retract", FIRST, "--reason", "it is somebody else's")
    recorded = running.ledger()
    running.run("retract", FIRST, "--reason", "for another reason")
    assert running.ledger() == recorded


def test_what_has_expired_was_not_listed_any_more(running: Running) -> None:
    running.publish([("phone", one.partition(":")[2], "trafficker") for one in (FIRST, SECOND)])
    running.change("UPDATE entries SET expires_at = 1 WHERE id = (SELECT min(id) FROM entries)")
    said = running.run("retract", FIRST, SECOND, "--reason", "theirs no more").output
    assert "2 retracted, 1 of them was listed" in said
    assert "Compare its spelling with your list, and when it has expired" in said
