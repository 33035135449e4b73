"""Who asked is told to those who say what for, and that is on record before anything is told."""

import csv
import io
import json
import os
import pwd
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.harness.deployment import Api, Deployed, Partner
from tests.ledger.looking import read_records

LISTED: Final = ("phone", "+12025550142")
UNLISTED: Final = ("phone", "+12025550143")


@pytest.fixture
def acme(deployed: Deployed) -> Partner:
    deployed.publish([(*LISTED, "trafficker")])
    return deployed.add_partner("acme", "--stretch", "light")


@pytest.fixture
def other(deployed: Deployed, acme: Partner) -> Partner:
    return deployed.add_partner("other", "--stretch", "light")


@pytest.fixture
def api(deployed: Deployed, other: Partner) -> Iterator[Api]:
    running = deployed.serve()
    deployed.wait_ready(running)
    yield running
    running.stop()


def who(deployed: Deployed, *options: str) -> list[dict[str, str]]:
    printed = deployed.run("screening", "audit", "who", "--purpose", "case 17", *options).stdout
    return list(csv.DictReader(io.StringIO(printed)))


def looked(deployed: Deployed) -> list[dict[str, Any]]:
    return [json.loads(payload) for _, _, payload in read_records(deployed.home / "audit")]


def test_an_answer_is_told_with_who_asked_and_what_matched_and_nothing_else(
    deployed: Deployed, acme: Partner, other: Partner, api: Api
) -> None:
    receipt = acme.ask(api, UNLISTED, LISTED).json()["receipt"]
    other.ask(api, UNLISTED)
    (one,) = who(deployed, "--partner", "acme")
    assert (one["receipt"], one["partner"]) == (receipt, "acme")
    assert (one["asked"], one["match"], one["no_match"], one["invalid"]) == ("2", "1", "1", "0")
    assert len(one["digests"]) == 32
    assert len(who(deployed)) == 2


def test_that_somebody_looked_and_what_for_is_on_record(deployed: Deployed, api: Api) -> None:
    who(deployed, "--partner", "acme", "--from", "2026-11-26", "--to", "2026-11-27T08:00:00Z")
    (record,) = looked(deployed)
    assert record["actor"] == pwd.getpwuid(os.getuid()).pw_name
    assert (record["purpose"], record["partner"]) == ("case 17", "acme")
    assert (record["since"], record["until"]) == ("2026-11-26T00:00:00Z", "2026-11-27T08:00:00Z")
    said = deployed.run("screening", "audit", "verify", "--journal", str(deployed.home / "audit"))
    assert said.stdout.startswith("whole: 1 records")


def test_nothing_is_told_where_that_cannot_be_recorded_or_no_purpose_is_stated(
    deployed: Deployed, acme: Partner, api: Api
) -> None:
    acme.ask(api, LISTED)
    for options in ([], ["--purpose", " "]):
        said = deployed.run("screening", "audit", "who", *options, expect=2)
        assert said.stdout == ""
        assert "--purpose" in said.stderr
    (deployed.home / "audit").write_text("no folder")
    said = deployed.run("screening", "audit", "who", "--purpose", "case 17", expect=74)
    assert said.stdout == ""
    assert len(said.stderr.splitlines()) == 1


def test_only_what_lies_within_the_times_is_told(
    deployed: Deployed, acme: Partner, api: Api
) -> None:
    acme.ask(api, LISTED)
    day = datetime.now(UTC)
    yesterday, tomorrow = (f"{day + timedelta(days=days):%Y-%m-%d}" for days in (-1, 2))
    assert len(who(deployed, "--from", yesterday, "--to", tomorrow)) == 1
    assert who(deployed, "--to", yesterday) == []
    assert who(deployed, "--from", tomorrow) == []


def test_a_damaged_segment_is_named_when_all_others_have_been_told(
    deployed: Deployed, acme: Partner, api: Api
) -> None:
    for _ in range(2):
        acme.ask(api, LISTED)
    api.stop()
    path = next((deployed.home / "journal").glob("*.sealed"))
    path.write_bytes(path.read_bytes().replace(b'"partner":"acme"', b'"partner":"acne"', 1))
    again = deployed.serve()
    deployed.wait_ready(again)
    receipt = acme.ask(again, LISTED).json()["receipt"]
    said = deployed.run("screening", "audit", "who", "--purpose", "case 17", expect=1)
    assert f"segment {path.stem}, line 2" in said.stderr
    assert [row["receipt"] for row in csv.DictReader(io.StringIO(said.stdout))] == [receipt]
    again.stop()


def test_where_no_journal_is_nobody_has_looked(deployed: Deployed, tmp_path: Path) -> None:
    command = ("screening", "audit", "who", "--purpose", "case 17", "--journal", str(tmp_path))
    said = deployed.run(*command, expect=2)
    assert said.stdout == ""
    assert not (deployed.home / "audit").exists()


def test_what_nothing_fits_is_said_to_fit_nothing(deployed: Deployed, api: Api) -> None:
    command = ("screening", "audit", "who", "--purpose", "case 17")
    said = deployed.run(*command, "--partner", "nobody")
    assert len(said.stdout.splitlines()) == 1
    assert "Nothing on record fits" in said.stderr
    said = deployed.run(*command, "--from", "2026-11-27", "--to", "2026-11-27", expect=2)
    assert "of one day, give the next" in said.stderr
    said = deployed.run(*command, "--from", "+12025550142", expect=2)
    assert "write a day as 2026-11-26" in said.stderr
    assert "2025550142" not in said.stderr
    assert [record["partner"] for record in looked(deployed)] == ["nobody"]
