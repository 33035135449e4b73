"""SIGKILL at each step of what changes canaries, API keys and holds: told, and brought to its end.

What is noted in the list file and not in force is pending: `indexer status` says so, and the next
command that succeeds puts it in force. Nothing else is ever told as pending.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from screening.registry.record import PartnerRecord
from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.harness.tls import Certificate
from tests.indexer.running import Running

CANARIES = "phone:+12025550160..+12025550164"
OTHERS = "phone:+12025550165..+12025550168"
URL = ("--api-url", "https://api.example")
LIST = [("phone", "+12025550100", "trafficker")]
_STATE = (
    "* FROM partners",
    "tag, partner FROM canaries",
    "* FROM meta",
    "release, state FROM releases",
)


@pytest.fixture
def acme(running: Running) -> Partner:
    """A partner with a list, five canaries, and an API key."""
    running.publish(LIST)
    partner = running.add_partner("acme")
    running.run("canary", "add", CANARIES, "--each", "7", "--we-control-these")
    return partner


def noted(running: Running) -> PartnerRecord:
    """Return the record that the list file holds, as it would be signed."""
    ((body,),) = running.rows("SELECT record FROM partners WHERE name = 'acme'")
    return msgspec.json.decode(body, type=PartnerRecord)


def in_force(running: Running) -> PartnerRecord:
    """Return the record in Redis, without what a signature adds."""
    return msgspec.structs.replace(running.records()["acme"], sequence=0, issued_at=0)


def hidden(running: Running) -> int:
    """Return how many canaries are in the index in force."""
    return len(running.manifest(Partner(running.kit_path("acme"))).canaries)


def pending(running: Running) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(running.run("status", "--json").output)["pending"]
    return told


def killed_in_each_state(
    running: Running, *arguments: str, written: Path | None = None
) -> Iterator[None]:
    """Run a command as `killed_everywhere`, and stop where a kill has left what none before did.

    A file that it has `written` is forgotten each time, too.
    """
    seen = set()
    for _ in running.killed_everywhere(*arguments):
        stored = [running.rows(f"SELECT {one}") for one in _STATE]
        state = repr(
            (stored, in_force(running), hidden(running), written is not None and written.exists())
        )
        if state not in seen:
            seen.add(state)
            yield
        if written is not None:
            written.unlink(missing_ok=True)
    assert len(seen) > 3, "the states were not seen"


def require_told_and_ended(running: Running) -> bool:
    """Demand that what differs is pending, and is in force after the next command.

    Return whether anything was.
    """
    differs = noted(running) != in_force(running)
    assert bool(pending(running)["partners"]) == differs
    meant = noted(running)
    running.run("compact")
    assert in_force(running) == noted(running) == meant
    assert not any(pending(running).values())
    return differs


@slow_but_first(
    1,
    "command",
    [
        ("key", "revoke", "acme", "KEY"),
        ("key", "expire", "acme", "KEY", "--at", "2090-01-02"),
        ("key", "limit", "acme", "KEY", "--per-second", "7"),
        ("key", "allow", "acme", "KEY", "--networks", "192.0.2.0/24"),
        ("key", "bind", "acme", "KEY", "--certificate", "CERTIFICATE"),
        ("limits", "acme", "--on-suspicion", "hold"),
        ("lift", "acme"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_change_of_a_partner_that_is_killed_is_told_and_ended_by_the_next_command(
    running: Running, acme: Partner, command: tuple[str, ...]
) -> None:
    given = {
        "KEY": acme.kit.parsed_api_key().id,
        "CERTIFICATE": str(Certificate(running.folder / "tls", "acme.example").path),
    }
    arguments = [given.get(one, one) for one in command]
    before = in_force(running)
    differed = set()
    for _ in killed_in_each_state(running, "partner", *arguments):
        differed.add(require_told_and_ended(running))
    assert differed == {True, False}  # kills before it was noted, between, and behind the release
    assert in_force(running) == noted(running) != before


@pytest.mark.slow
def test_a_second_key_whose_command_is_killed_is_told_once_it_is_noted(
    running: Running, acme: Partner
) -> None:
    kit = running.folder / "second.json"
    differed = set()
    command = ("partner", "key", "add", "acme", "--kit", str(kit), *URL)
    for _ in killed_in_each_state(running, *command, written=kit):
        differed.add(require_told_and_ended(running))
        # The kit comes first: no key is noted that nobody was given.
        assert kit.exists() or len(noted(running).api_keys) == 1
    assert differed == {True, False}


def kept(running: Running) -> int:
    return int(running.rows("SELECT count(*) FROM canaries WHERE sealed != x''")[0][0])


@slow_but_first(
    1,
    ("command", "before", "after"),
    [
        (("add", OTHERS, "--each", "8", "--we-control-these"), 5, 8),
        (("add", OTHERS, "--each", "2", "--we-control-these"), 5, 2),
        (("remove", "phone:+12025550160..+12025550161"), 5, 3),
    ],
    ids=["add", "add and give fewer", "remove"],
)
def test_canaries_that_a_killed_command_has_stored_are_told_and_in_force_with_the_next(
    running: Running, acme: Partner, command: tuple[str, ...], before: int, after: int
) -> None:
    had = kept(running)
    differed = set()
    for _ in killed_in_each_state(running, "canary", *command):
        is_stored = kept(running) != had
        differs = is_stored and hidden(running) == before
        told = pending(running)
        assert (told["canaries"], told["partners"], told["dropped"]) == (differs, [], None)
        said = running.run("status").output
        assert ("not in force yet: the canaries are changed; the next command" in said) == differs
        running.run("compact")
        assert hidden(running) == (after if is_stored else before)
        assert not any(pending(running).values())
        differed.add(differs)
    assert differed == {True, False}
    assert hidden(running) == after
