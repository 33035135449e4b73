"""What `indexer status` says of hosts and of commands that died, whoever wrote what it reads."""

import json
import re
import time
from collections.abc import Sequence

import msgspec
import pytest

from screening.generations.attestation import HostAttestation
from screening.store import keys
from tests.harness.template import NEVER
from tests.indexer.running import Running

LIST = [("phone", "+12025550142", "trafficker")]
LONGER = [*LIST, ("email", "listed@list.example", "trafficker")]


def attest(
    running: Running,
    host: str,
    *,
    seconds_ago: int,
    release: int = 1,
    peppers: Sequence[str] = (),
) -> None:
    at = int(time.time()) - seconds_ago
    attestation = HostAttestation("screening-host/2", host, at, release, 1, {}, list(peppers))
    running.redis.set(keys.host(host), msgspec.json.encode(attestation))


def test_status_says_how_long_ago_a_host_was_heard_of(running: Running) -> None:
    running.publish(LIST)
    assert "API host  none is running" in running.run("status").output
    attest(running, "here", seconds_ago=0)
    attest(running, "gone", seconds_ago=20)
    attest(running, "late", seconds_ago=20, release=0)
    attest(running, "ahead", seconds_ago=-3600)  # its clock is
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
    assert line.endswith("at a release 2 that is not in force; publish again")


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


@pytest.mark.parametrize("name", [keys.HEADS, keys.PARTNERS])
def test_status_says_what_is_noted_where_redis_holds_something_else(
    running: Running, name: str
) -> None:
    running.publish(LIST)
    running.redis.delete(name)
    running.redis.set(name, "x")
    said = running.run("status", expect=69).output
    assert "list      1: 1 selectors" in said
    assert f"UNLINK {name}" in said
    assert running.publish(LIST, expect=69).code == 69
    running.redis.unlink(name)
    running.publish(LIST)


def test_status_says_when_a_publish_was_interrupted_at_the_flip(running: Running) -> None:
    running.add_partner("acme")
    running.publish(LIST)
    assert "interrupted" not in running.run("status").output
    path = str(running.write_list(LONGER))
    steps = running.run("publish", path, kill_before=NEVER).steps
    flip = next(n for n, step in enumerate(steps) if "_landed" in step)
    running.run("publish", path, kill_before=flip)
    assert "interrupted" in running.run("status").output
    running.publish(LONGER)
    assert "interrupted" not in running.run("status").output
