"""What status says of hosts, whoever wrote what it reads."""

import json
import re

import pytest

from screening.store import keys
from tests.indexer.attesting import LIST, LONGER, attest
from tests.indexer.running import Running


def test_a_host_is_not_behind_before_there_is_a_partner(running: Running) -> None:
    running.publish(LIST)
    attest(running, "web", seconds_ago=0, release=0)
    assert "API host  web: up to date" in running.run("status").output.splitlines()
    assert "in force on 1 API host" in running.publish(LONGER).output


def test_a_host_that_has_not_heard_of_the_last_partners_end_is_behind(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    attest(running, "web", seconds_ago=0, release=2, is_true=True)
    running.run("partner", "remove", "acme")
    assert "API host  web: up to date" not in running.run("status").output


def test_status_says_how_long_ago_a_host_was_heard_of(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    assert "API host  none is running" in running.run("status").output
    attest(running, "here", seconds_ago=0, release=2, is_true=True)
    attest(running, "gone", seconds_ago=20, release=2, is_true=True)
    attest(running, "late", seconds_ago=20, release=0)
    attest(running, "ahead", seconds_ago=-3600, release=2, is_true=True)  # its clock is
    lines = running.run("status").output.splitlines()
    assert "API host  here: up to date" in lines
    assert "API host  ahead: up to date" in lines
    (gone,) = (line for line in lines if "gone" in line)
    assert re.search(r"up to date when last heard of, 2\d s ago; it may have ended", gone)
    (late,) = (line for line in lines if "late" in line)
    assert "still at release 0 when last heard of" in late


def test_a_host_with_another_release_of_the_same_number_is_not_up_to_date(
    running: Running,
) -> None:
    running.add_partner("acme")
    running.publish(LIST)
    attest(running, "other", seconds_ago=0, release=2)
    (line,) = (line for line in running.run("status").output.splitlines() if "other" in line)
    assert line.endswith("at a release 2 that is not in force; run indexer compact")


def test_no_host_can_write_to_the_terminal_of_who_asks_for_the_status(running: Running) -> None:
    running.publish(LIST)
    attest(running, "web\x1b[2J\nAPI host  other: up to date\u202e" + "x" * 200, seconds_ago=0)
    attest(running, "y" * 254, seconds_ago=0)
    shown = [line for line in running.run("status").output.splitlines() if "API host" in line]
    assert len(shown) == 1
    assert len(shown[0]) < 300
    assert shown[0].isprintable()


HUGE: dict[str, object] = {
    "at": 10**400,
    "release": 10**1_000,
    "workers": -1,
    "versions": {f"k{number}": "x" * 20 for number in range(60_000)},
}


@pytest.mark.parametrize("member", HUGE)
def test_what_no_host_says_of_itself_is_passed_over(running: Running, member: str) -> None:
    running.publish(LIST)
    said = {
        "format": "screening-host/2", "host": "evil", "at": 1, "release": 1, "workers": 1,
        "versions": {}, member: HUGE[member],
    }  # fmt: skip
    running.redis.set(keys.host("evil"), json.dumps(said))
    attest(running, "web", seconds_ago=0)
    shown = [line for line in running.run("status").output.splitlines() if "API host" in line]
    assert shown == ["API host  web: up to date"]
