"""From two people's approval to a partner's answer, with a real API between."""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from indexer.deployment import exclusively
from screening.spools.index_map import MapPart
from screening.vocabulary.errors import OperatorError
from tests.harness.deployment import BIN, Deployed, Partner
from tests.harness.processes import Process, eventually
from tests.harness.spool_console import ANN, BEN, Console, Desk, add, lift, retract

PHONE = ("phone", "+12025550142")
EMAIL = ("email", "jane@booking.example")
NO_STRETCH = ("--stretch", "none", "--allow-unstretched")


@pytest.fixture
def desk(deployed: Deployed, tmp_path: Path) -> Iterator[Desk]:
    spools, key_file = tmp_path / "spool", tmp_path / "console.spool.pub"
    deployed.environment["INDEXER_SPOOL"] = str(spools)
    told = deployed.indexer("spool", "status", "--json").stdout
    console = Console(json.loads(told)["deployment"])
    key_file.write_bytes(console.key_file())
    deployed.indexer("spool", "init", "--console", str(key_file))
    for person in (ANN, BEN):
        public = base64.b64encode(person.key.public).decode()
        deployed.indexer("spool", "approver", "add", person.name, public)
    yield Desk(console, spools)


def in_its_turn(deployed: Deployed, *arguments: str) -> None:
    """Run a command as soon as no other is at work."""

    def has_run() -> bool:
        done = deployed.indexer(*arguments, expect=None)
        assert done.returncode == 0 or "another indexer command is at work" in done.stderr
        return done.returncode == 0

    eventually(has_run, what="a turn")


def _take_turn(held: ExitStack, lock: Path) -> None:
    """Hold the lock of the indexer's home, as a command at work does, once no other does."""

    def is_held() -> bool:
        try:
            held.enter_context(exclusively(lock))
        except OperatorError:
            return False
        return True

    eventually(is_held, what="the lock")


def test_what_two_have_approved_matches_and_what_one_retracts_does_not(
    deployed: Deployed, desk: Desk
) -> None:
    desk.approve(add(*PHONE))
    deployed.indexer("spool", "apply")
    acme = deployed.add_partner("acme", *NO_STRETCH)
    deployed.environment["INDEXER_PRODUCTION"] = "1"
    api = deployed.serve()
    deployed.wait_ready(api)
    assert acme.results(api, PHONE, EMAIL) == ["match", "no_match"]

    desk.approve(add(*EMAIL, "buyer"))
    assert "in force on 1 API host" in deployed.indexer("spool", "apply").stdout
    assert acme.results(api, PHONE, EMAIL) == ["match", "match"]

    desk.approve(retract(*PHONE), by=[BEN])
    assert "in force on 1 API host" in deployed.indexer("spool", "apply").stdout
    assert acme.results(api, PHONE, EMAIL) == ["no_match", "match"]

    desk.approve(lift(*PHONE), add(*PHONE), by=[BEN])
    assert "needs the signatures of 2 people" in deployed.indexer("spool", "apply", expect=4).stderr
    assert acme.results(api, PHONE, EMAIL) == ["no_match", "match"]
    assert (
        "have it approved in the console"
        in deployed.indexer("add", "phone:+12025550142", "--role", "buyer", expect=2).stderr
    )


def told_of(desk: Desk) -> list[str]:
    """Return the selectors that the map was told of."""
    parts = [one for one in desk.told_beside() if isinstance(one, MapPart)]
    return [entry.canonical for part in parts for entry in part.entries]


@pytest.mark.slow
def test_a_watching_indexer_applies_what_comes_beside_other_commands(
    deployed: Deployed, desk: Desk, tmp_path: Path
) -> None:
    watching = Process(
        [str(BIN / "indexer"), "spool", "apply", "--watch"],
        tmp_path / "watch.log",
        environment=deployed.environment,
        cwd=tmp_path,
    )
    deployed.keep(watching)
    eventually(lambda: "no file waits" in watching.logged(), what="a watching indexer")
    with ExitStack() as another:
        _take_turn(another, deployed.indexer_home / "lock")
        desk.approve(add(*PHONE))
        eventually(lambda: "is at work here" in watching.logged(), what="a file that waits")
    eventually(lambda: desk.outcomes() == [(1, "applied")], what="the first file")
    kit = tmp_path / "acme.kit.json"
    given = ("--kit", str(kit), "--api-url", "https://api.example", *NO_STRETCH)
    in_its_turn(deployed, "partner", "add", "acme", *given)
    acme = Partner(kit)
    api = deployed.serve()
    deployed.wait_ready(api)
    desk.approve(add(*EMAIL), by=[ANN])
    eventually(lambda: desk.outcomes()[1:] == [(2, "half_signed")], what="the second file refused")
    eventually(lambda: told_of(desk) == [PHONE[1]], what="the map of the new partner")
    assert acme.results(api, PHONE, EMAIL) == ["match", "no_match"]
    in_its_turn(deployed, "spool", "skip", "2", "--reason", "half signed")
    desk.console.statements = desk.console.statements.changed(
        ended=[desk.console.said.pop((*EMAIL, "default", "case-7"))]
    )
    desk.approve(retract(*PHONE), by=[ANN])
    eventually(lambda: acme.results(api, PHONE) == ["no_match"], what="the third file in force")
    assert watching.logged().count("needs the signatures") == 1
    assert "Traceback" not in watching.logged()
