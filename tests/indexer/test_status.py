"""What `indexer status` says of hosts and of commands that died, whoever wrote what it reads."""

import re
import time

import msgspec

from screening.generations.attestation import HostAttestation
from screening.store import keys
from tests.indexer.running import Running

LIST = [("phone", "+12025550142", "trafficker")]
LONGER = [*LIST, ("email", "listed@list.example", "trafficker")]


def attest(running: Running, host: str, *, seconds_ago: int, release: int = 1) -> None:
    attestation = HostAttestation("screening-host/1", host, int(time.time()), release, 1, {})
    attestation = msgspec.structs.replace(attestation, at=attestation.at - seconds_ago)
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
    attest(running, "web\x1b[2J\nAPI host  other: up to date\u202e" + "x" * 10_000, seconds_ago=0)
    shown = [line for line in running.run("status").output.splitlines() if "API host" in line]
    assert len(shown) == 1
    assert len(shown[0]) < 300
    assert shown[0].isprintable()


def test_status_says_when_a_publish_was_interrupted_at_the_flip(running: Running) -> None:
    running.add_partner("acme")
    running.publish(LIST)
    assert "interrupted" not in running.run("status").output
    path = str(running.write_list(LONGER))
    steps = running.run("publish", path).steps
    flip = next(n for n, step in enumerate(steps) if "_landed" in step)
    running.run("publish", path, kill_before=flip)
    assert "interrupted" in running.run("status").output
    running.publish(LONGER)
    assert "interrupted" not in running.run("status").output
