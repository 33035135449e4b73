"""What `indexer status` says of hosts and of commands that died, whoever wrote what it reads."""

import json
import re
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import redis

from indexer.keyring import Keyring
from indexer.list.file import ListFile
from indexer.sealing import Sealer
from indexer.status import gather_status
from indexer.status_document import Status
from screening.exclusions.rules import Category
from screening.store import keys
from tests.harness.steps import NEVER
from tests.harness.terminal import shown_on_terminal
from tests.indexer.attesting import LIST, LONGER, attest
from tests.indexer.running import NO_STRETCH, Running


@pytest.mark.parametrize("who", ["the store", "a host"])
@pytest.mark.slow
def test_a_list_file_that_is_older_than_what_is_in_force_is_not_to_be_published_again(
    running: Running, who: str
) -> None:
    running.add_partner("acme")
    running.publish(LIST)
    before = running.folder / "before.sqlite"
    shutil.copy(running.home / "list.sqlite", before)
    running.publish(LONGER)
    if who == "a host":
        running.redis.flushall()
    attest(running, "web", seconds_ago=0, release=3)
    assert "older" not in running.run("status").output
    shutil.copy(before, running.home / "list.sqlite")
    lines = running.run("status").output.splitlines()
    (differs,) = (line for line in lines if line.startswith("differs"))
    assert "release 3 was in force, and this list file knows of 2 at most" in differs
    assert "retractions first" in differs
    assert "API host  web: at release 3, which this list file does not know" in lines
    assert not any("run indexer compact" in line for line in lines)


@pytest.mark.parametrize("name", [keys.HEADS, keys.PARTNERS])
@pytest.mark.slow
def test_status_says_what_is_noted_where_redis_holds_something_else(
    running: Running, name: str
) -> None:
    running.publish(LIST)
    running.redis.delete(name)
    running.redis.set(name, "x")
    said = running.run("status", expect=69).output
    assert "list      1: 1 selector" in said
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


ROWS = (
    "kind,value,role,confidence,review_by,expires_at,list\n"
    "phone,+12025550142,trafficker,90,2098-02-03,2090-05-06,\n"
    "email,listed@list.example,buyer,40,2020-01-01,2091-01-01,border\n"
    "card,4242424242424242,business,,2099-01-01,2099-12-31,border\n"
    "phone,+12025550143,buyer,90,,2089-01-01,\n"
    "email,desk@shelter.example,buyer,90,,2089-01-01,\n"
    "phone,+12025550144,disputed,,,2089-01-01,disputes\n"
    "phone,+12025550145,buyer,,,2020-01-01,\n"
    "phone,+12025550146,buyer,90,,2089-01-01,\n"
    "phone,+12025550146,victim,,,,\n"
)


@pytest.fixture
def lived_in(running: Running) -> Running:
    """A list of three, with partners of it, something retracted, excluded, and laid over."""
    path = running.folder / "list.csv"
    path.write_text(ROWS)
    running.run("publish", str(path))
    running.add_partner("acme")
    running.add_partner("zeta", *NO_STRETCH, "--kinds", "phone,card", "--min-confidence", "50")
    running.add_partner("probe", "--test")
    running.run("retract", "phone:+12025550143", "--reason", "given to somebody else")
    running.run("exclusions", "add", "email", "domain", "shelter.example", "--category", "shelter")
    running.run("exclusions", "override", "email:listed@list.example", "--reason", "theirs")
    running.run("partner", "suspend", "zeta")
    return running


def test_status_tells_a_person_what_is_listed_for_whom_until_when_and_what_is_kept_off(
    lived_in: Running,
) -> None:
    said = re.sub(r"\d{8}-[0-9a-f]{8}", "GENERATION", lived_in.run("status").output)
    said = re.sub(r"\d+ s ago", "SECONDS", said)
    said = re.sub(r"(?<=^API key   )(\w+) [a-z2-7]{12}", r"\1 ID", said, flags=re.MULTILINE)
    lines = said.splitlines()
    assert lines[0] == "list      4: 3 selectors (1 card, 1 email, 1 phone)"
    assert lines[2:11] == [
        "  border: 2 selectors (1 card, 1 email) from 2 entries; next expires 2091-01-01; "
        "next review by 2020-01-01",
        "  default: 1 selector (1 phone) from 5 entries; next expires 2090-05-06; "
        "next review by 2098-02-03",
        "  disputes: 0 selectors (none) from 1 entry",
        "  1 selector is retracted, until it is lifted",
        "  1 selector is kept off by a safety list",
        "  1 override lets a selector be listed that a safety list names, or has named",
        "  1 selector is a victim's, and withheld",
        "  1 entry is disputed, or of unknown role: it publishes nobody",
        "  1 entry has expired",
    ]
    unused = "(check): no use known (none in 400 days, or Redis was emptied since)"
    assert lines[12:-1] == [
        f"API key   acme ID {unused}",
        "partner   acme (live, check) acme-2026a GENERATION",
        "  3 selectors (1 card, 1 email, 1 phone): the whole list; next expires 2090-05-06",
        "  built through 1, SECONDS; overlay of 2 changes through 4",
        f"API key   probe ID {unused}",
        "partner   probe (test, check) probe-2026a GENERATION",
        f"API key   zeta ID {unused}",
        "partner   zeta (live, check, suspended) zeta-2026a GENERATION",
        "  1 selector (1 phone): phone, card entries from 50 % confidence; next expires 2090-05-06",
        "  built through 1, SECONDS; overlay of 1 change through 4",
    ]


def test_status_tells_a_machine_the_same(lived_in: Running) -> None:
    told = json.loads(lived_in.run("status", "--json").stdout)
    assert told["format"] == "screening-status/1"
    assert (told["interrupted"], told["hosts"]) == (None, [])
    assert (
        told["store_release"]
        == told["release"]["release"]
        == max(head.release for head in lived_in.heads().values())
    )
    assert told["release"]["command"] == "partner suspend"
    listed = told["list"]
    assert (listed["revision"], listed["retracted"], listed["excluded"], listed["overridden"]) == (
        4, 1, 1, 1
    )  # fmt: skip
    assert (listed["victims"], listed["unclear"], listed["lapsed"]) == (1, 1, 1)
    size = {"selectors": 3, "kinds": {"card": 1, "email": 1, "phone": 1}, "expired": 0}
    assert listed["size"] == {**size, "next_expiry": seconds("2090-05-06")}
    assert [(one["name"], one["entries"], one["size"]["selectors"]) for one in listed["lists"]] == [
        ("border", 2, 2), ("default", 5, 1), ("disputes", 1, 0)
    ]  # fmt: skip
    acme, probe, zeta = told["partners"]
    assert (acme["name"], acme["state"], acme["mode"], acme["scopes"]) == (
        "acme", "active", "live", ["check"]
    )  # fmt: skip
    assert (probe["mode"], probe["indexes"][0]["size"]) == ("test", None)
    assert zeta["state"] == "suspended"
    (index,) = zeta["indexes"]
    assert index["policy"]["kinds"] == ["phone", "card"]
    assert index["policy"]["min_confidence"] == 50
    assert (index["built_seq"], index["seq"], index["overlay"]) == (1, 4, 1)
    assert index["generation"] == lived_in.heads()["zeta-2026a"].generation
    assert index["size"]["selectors"] == 1


def seconds(day: str) -> int:
    """Return the last second of a day."""
    return int(datetime.fromisoformat(f"{day}T23:59:59Z").timestamp())


@pytest.mark.slow
def test_before_there_is_a_list_a_machine_is_told_so_in_json(running: Running) -> None:
    told = json.loads(running.run("status", "--json").stdout)  # and a sentence, on stderr
    assert (told["release"], told["list"], told["partners"]) == (None, None, [])
    running.add_partner("acme")
    told = json.loads(running.run("status", "--json").stdout)
    assert (told["release"]["revision"], told["list"]) == (0, None)
    assert told["partners"][0]["indexes"][0]["generation"] is None


@pytest.mark.slow
def test_what_has_expired_since_the_list_was_published_is_told(running: Running) -> None:
    running.publish(LONGER)
    running.run("partner", "add", "acme", "--kit", "acme.json", "--api-url", "https://api.example")
    running.change("UPDATE revisions SET as_of = 1000")
    running.change("UPDATE entries SET expires_at = 2000 WHERE kind = 'email'")
    assert "expired   1 selector since then" in running.run("status").output
    told = json.loads(running.run("status", "--json").stdout)
    for size in (told["list"]["size"], told["partners"][0]["indexes"][0]["size"]):
        assert (size["selectors"], size["expired"]) == (2, 1)
        assert size["next_expiry"] > time.time()


@pytest.mark.slow
def test_a_release_that_was_signed_by_a_clock_ahead_is_said_to_be_in_the_future(
    running: Running,
) -> None:
    running.publish(LIST)
    assert "in the future" not in running.run("status").output
    running.change("UPDATE releases SET issued_at = issued_at + 60 * 86400 + 60")
    lines = running.run("status").output.splitlines()
    (release,) = (line for line in lines if line.startswith("release"))
    assert release.endswith("60 d in the future")
    (clock,) = (line for line in lines if line.startswith("clock"))
    assert "set the clock right, then run indexer compact" in clock
    running.run("compact")
    assert "in the future" not in running.run("status").output


class Meanwhile(redis.Redis):
    """A client beside which something happens, once, before it first asks."""

    def __init__(self, *, unix_socket_path: str, happens: Callable[[], object]) -> None:
        super().__init__(unix_socket_path=unix_socket_path, socket_timeout=5)
        self.happens: Callable[[], object] | None = happens

    def pipeline(self, transaction: Any = True, shard_hint: Any = None) -> Any:
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()
        return super().pipeline(transaction, shard_hint)


def status_while(running: Running, happens: Callable[[], object]) -> Status:
    """Gather the status while something else happens."""
    keyring = Keyring(running.home)
    sealer, path = Sealer(keyring.sealing_key), running.home / "list.sqlite"
    socket = running.settings["SCREENING_REDIS_URL"].removeprefix("unix://")
    with (
        closing(Meanwhile(unix_socket_path=socket, happens=happens)) as store,
        closing(ListFile(path, sealer, time.time, read_only=True)) as list_file,
    ):
        status = gather_status(list_file, keyring, list(Category), store, now=int(time.time()))
        assert store.happens is None
    return status


@pytest.mark.slow
def test_status_tells_one_state_of_the_list_whatever_is_committed_meanwhile(
    running: Running,
) -> None:
    running.publish([*LIST, ("email", "desk@list.example", "buyer")])

    def end_what_is_listed() -> None:
        running.change("UPDATE entries SET until = since WHERE kind = 'email'")
        running.change("INSERT INTO overrides VALUES (x'00', 'phone', x'00', 0, 'other')")

    listed = status_while(running, end_what_is_listed).listed
    assert listed is not None
    assert (listed.size.selectors, listed.lists[0].entries, listed.overridden) == (2, 2, 0)
    listed = status_while(running, lambda: None).listed
    assert listed is not None
    assert (listed.size.selectors, listed.lists[0].entries, listed.overridden) == (1, 1, 1)


@pytest.mark.slow
def test_a_release_that_comes_in_force_meanwhile_makes_the_list_file_no_older(
    running: Running,
) -> None:
    running.add_partner("acme")
    running.publish(LIST)
    status = status_while(running, lambda: running.publish(LONGER))
    assert status.current is not None
    assert status.listed is not None
    assert status.current.release == status.highest == running.heads()["acme-2026a"].release
    assert status.listed.size.selectors == 2


@pytest.mark.slow
def test_status_and_due_show_that_they_count_where_somebody_waits(lived_in: Running) -> None:
    indexer = Path(sys.executable).with_name("indexer")
    for arguments, what in (
        (["status"], b"counting what is listed"),
        (["due", "--within", "30"], b"counting what is due"),
    ):
        assert what in shown_on_terminal([indexer, *arguments], lived_in.settings)
        assert what.decode() not in lived_in.run(*arguments).output
