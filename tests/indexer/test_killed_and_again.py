"""SIGKILL at each step of a command, and the same command again: in force is what it says.

Who is told that a command has died runs it once more, and relies on that.
"""

import json
from collections.abc import Sequence

import msgspec
import pytest

from screening.store import keys
from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.harness.tls import Certificate
from tests.indexer.running import Running

LISTED = ("phone", "+12025550100")
ADDED = ("phone", "+12025550101")
KEPT_OFF = ("phone", "+12025550109")
CANARIES = [("phone", "+12025550160"), ("phone", "+12025550161")]
COMMANDS = [
    "partner key revoke acme KEY",
    "partner key expire acme KEY --at 2090-01-02",
    "partner key limit acme KEY --per-second 7",
    "partner key allow acme KEY --networks 192.0.2.0/24",
    "partner key bind acme KEY --certificate CERTIFICATE",
    "partner limits acme --on-suspicion hold",
    "partner suspend acme",
    "partner resume beta",
    "partner remove acme",
    "partner policy acme --kinds email --allow-empty",
    "canary add phone:+12025550161 --each 2 --we-control-these",
    "canary remove phone:+12025550160",
    "exclusions add phone exact +12025550100 --category other",
    "exclusions remove phone exact +12025550109",
    "exclusions override phone:+12025550109 --reason theirs",
    "add phone:+12025550101 --role trafficker --source case",
    "retract phone:+12025550100 --reason theirs",
]
GONE = 2
"""The exit code of what ends something, where it has ended, and nothing is left to do."""
ENDING = ("partner key revoke", "exclusions remove")


@pytest.fixture
def acme(running: Running) -> Partner:
    """A partner with a list, a canary and a rule, beside one that is suspended."""
    running.publish([(*LISTED, "trafficker"), (*KEPT_OFF, "trafficker")])
    partner = running.add_partner("acme")
    running.add_partner("beta")
    running.run("partner", "suspend", "beta")
    running.run("canary", "add", "phone:+12025550160", "--each", "1", "--we-control-these")
    running.run("exclusions", "add", "phone", "exact", "+12025550109", "--category", "other")
    return partner


def in_force(running: Running, acme: Partner) -> object:
    """Return what hosts answer from, but for numbers and times, which are of each release."""
    records = {
        name: msgspec.structs.replace(one, sequence=0, issued_at=0)
        for name, one in running.records().items()
    }
    if acme.kit.token_key.key_id not in running.heads():
        return records, []
    return records, running.listed(acme, LISTED, ADDED, KEPT_OFF, *CANARIES)


def noted(running: Running) -> object:
    """Return what the list file holds of it."""
    return [
        running.rows(f"SELECT {what}")
        for what in (
            "* FROM partners",
            "tag, partner, sealed != x'' FROM canaries",
            "revision FROM revisions",
            "state, command FROM releases",
            "count(*) FROM overrides",
            "count(*) FROM exclusion_rules",
            "* FROM policies",
        )
    ]


def with_what_is_named(running: Running, acme: Partner, command: str) -> Sequence[str]:
    named = {
        "KEY": acme.kit.parsed_api_key().id,
        "CERTIFICATE": str(Certificate(running.folder / "tls", "acme.example").path),
    }
    return [named.get(one, one) for one in command.split()]


@slow_but_first(1, "command", COMMANDS)
def test_a_killed_command_run_again_ends_in_what_it_would_have_done(
    running: Running, acme: Partner, command: str
) -> None:
    arguments = with_what_is_named(running, acme, command)
    before, seen, found = in_force(running, acme), [], []
    for _ in running.killed_everywhere(*arguments):
        killed = in_force(running, acme)
        left = (killed, noted(running))
        if left in seen:
            continue
        seen.append(left)
        again = running.run(*arguments, expect=None)
        pending = json.loads(running.run("status", "--json").output)["pending"]
        found.append((killed, again.code, in_force(running, acme), any(pending.values())))
    meant = in_force(running, acme)
    assert meant != before
    assert len(found) > 3, "the states were not seen"
    for killed, code, after, is_pending in found:
        assert (after, is_pending) == (meant, False)
        assert code == 0 or (code == GONE and killed == meant and command.startswith(ENDING))


def test_a_key_is_revoked_by_the_same_command_once_the_store_takes_writes_again(
    running: Running, acme: Partner
) -> None:
    key_id = acme.kit.parsed_api_key().id
    revoke = ("partner", "key", "revoke", "acme", key_id)
    running.redis.config_set("min-replicas-to-write", 1)
    running.run(*revoke, expect=69)
    (told, none) = running.run("partner", "key", "list", "acme").output.splitlines()
    assert told.startswith(key_id)
    assert "; ended, and still accepted until the next command that succeeds" in told
    assert "acme has no API key" in none
    running.redis.config_set("min-replicas-to-write", 0)
    assert f"{key_id} of acme is accepted no more" in running.run(*revoke).output
    assert running.records()["acme"].api_keys == []
    assert "has no API key of that id" in running.run(*revoke, expect=GONE).output
    assert key_id not in running.run("partner", "key", "list", "acme").output


def test_a_key_list_tells_what_of_a_key_is_not_in_force_yet(
    running: Running, acme: Partner
) -> None:
    key_id, kit = acme.kit.parsed_api_key().id, str(running.folder / "second.json")
    add = ("key", "add", "acme", "--kit", kit, "--api-url", "https://api.example")
    running.redis.config_set("min-replicas-to-write", 1)
    for command in (("key", "limit", "acme", key_id, "--per-second", "7"), add):
        running.run("partner", *command, expect=69)
    (limited, added) = running.run("partner", "key", "list", "acme").output.splitlines()
    assert limited.startswith(key_id)
    assert "; under other terms until the next command that succeeds" in limited
    assert "; not accepted before the next command that succeeds" in added
    running.redis.config_set("min-replicas-to-write", 0)
    running.run("compact")
    assert "that succeeds" not in running.run("partner", "key", "list", "acme").output


@slow_but_first(1, "lost", ["emptied", "without partners", "rolled back"])
def test_a_key_is_revoked_by_the_same_command_where_the_store_lost_what_hosts_have_loaded(
    running: Running, acme: Partner, lost: str
) -> None:
    """Hosts keep what they have: nothing in Redis tells that they accept the key."""
    redis, key_id = running.redis, acme.kit.parsed_api_key().id
    earlier = redis.dump(keys.PARTNERS)
    kit = str(running.folder / "second.json")
    add = ("key", "add", "acme", "--kit", kit, "--api-url", "https://api.example")
    running.run("partner", *add)
    second = Partner(running.folder / "second.json").kit.parsed_api_key().id
    revoke = ("partner", "key", "revoke", "acme", second)
    redis.config_set("min-replicas-to-write", 1)
    running.run(*revoke, expect=69)
    redis.config_set("min-replicas-to-write", 0)
    if lost == "emptied":
        redis.flushall()
    else:
        redis.unlink(keys.PARTNERS)
    if lost == "rolled back":
        assert isinstance(earlier, bytes)
        redis.restore(keys.PARTNERS, 0, earlier)
    before = max([one.sequence for one in running.records().values()], default=0)
    said = running.run(*revoke).output
    assert f"no {second} is noted of acme: only what its key list shows is accepted" in said
    record = running.records()["acme"]
    assert [key.id for key in record.api_keys] == [key_id]
    assert record.sequence > before, "hosts take it up"
    assert "has no API key of that id" in running.run(*revoke, expect=GONE).output
