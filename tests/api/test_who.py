"""Who asked is told to those who say what for, and that is on record before anything is told."""

import csv
import io
import json
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from screening.disclosure.opening import PrivateHalf, read_private_halves
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.ledger.looking import read_records

LISTED: Final = ("phone", "+12025550142")
UNLISTED: Final = ("phone", "+12025550143")


@dataclass
class Host:
    """A host that two partners ask; what each test finds there, others may have asked and read."""

    deployed: Deployed
    acme: Partner
    other: Partner
    api: Api

    @property
    def home(self) -> Path:
        return self.deployed.home

    @property
    def halves(self) -> list[PrivateHalf]:
        return read_private_halves(self.deployed.disclosure)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Host]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    folder = tmp_path_factory.mktemp("who")
    deployed = Deployed(folder, redis_url=valkey.url, template=template)
    deployed.indexer("init")
    deployed.publish([(*LISTED, "trafficker")])
    acme, other = (deployed.add_partner(name, "--stretch", "light") for name in ("acme", "other"))
    api = deployed.serve()
    deployed.wait_ready(api)
    yield Host(deployed, acme, other, api)
    deployed.close()
    valkey.kill()


def who(host: Host, *options: str) -> list[dict[str, str]]:
    printed = host.deployed.run(
        "screening", "audit", "who", "--purpose", "case 17", *options
    ).stdout
    return list(csv.DictReader(io.StringIO(printed)))


def looked(host: Host) -> list[dict[str, Any]]:
    return [json.loads(payload) for _, _, payload in read_records(host.home / "audit")]


def test_an_answer_is_told_with_who_asked_and_what_matched_and_nothing_else(host: Host) -> None:
    before = len(who(host))
    receipt = host.acme.ask(host.api, UNLISTED, LISTED).json()["receipt"]
    host.other.ask(host.api, UNLISTED)
    *_, one = who(host, "--partner", "acme")
    assert (one["receipt"], one["partner"]) == (receipt, "acme")
    assert (one["asked"], one["match"], one["no_match"], one["invalid"]) == ("2", "1", "1", "0")
    assert (one["kinds"], one["matches"]) == ("phone:2", f"1 sealed to {host.halves[-1].key.id}")
    assert len(who(host)) == before + 2


def test_what_a_partner_said_of_a_match_is_told_in_a_line_of_its_own(host: Host) -> None:
    receipt = host.acme.ask(host.api, UNLISTED, LISTED).json()["receipt"]

    def said() -> bool:
        body = {"receipt": receipt, "outcome": "false"}
        url = f"{host.api.url}/v1/feedback"
        return httpx.post(url, json=body, headers=host.acme.headers).status_code == 200

    eventually(said, what="that it is on record")
    asked, given = (one for one in who(host) if one["receipt"].startswith(receipt))
    assert (asked["receipt"], asked["feedback"]) == (receipt, "")
    assert (given["receipt"], given["feedback"]) == (f"{receipt}.1", "false")
    assert (given["partner"], given["asked"], given["match"]) == ("acme", "", "")
    assert given["api_key"] == asked["api_key"]
    assert given["at"] > asked["at"]
    assert all(receipt not in one["receipt"] for one in who(host, "--partner", "other"))
    key = str(host.deployed.disclosure)
    opened = [
        (one["receipt"], one["row"], one["feedback"])
        for one in who(host, "--disclosure-key", key)
        if one["receipt"].startswith(receipt)
    ]
    assert opened == [(receipt, "1", ""), (f"{receipt}.1", "", "false")]


def test_that_somebody_looked_and_what_for_is_on_record(host: Host) -> None:
    who(host, "--partner", "acme", "--from", "2026-11-26", "--to", "2026-11-27T08:00:00Z")
    *before, record = looked(host)
    assert record["actor"] == pwd.getpwuid(os.getuid()).pw_name
    assert (record["purpose"], record["partner"]) == ("case 17", "acme")
    assert (record["since"], record["until"]) == ("2026-11-26T00:00:00Z", "2026-11-27T08:00:00Z")
    said = host.deployed.run("screening", "audit", "verify", "--journal", str(host.home / "audit"))
    assert said.stdout.startswith(f"whole: {len(before) + 1} records")


def test_nothing_is_told_where_that_cannot_be_recorded_or_no_purpose_is_stated(host: Host) -> None:
    host.acme.ask(host.api, LISTED)
    for options in ([], ["--purpose", " "], ["--purpose", "call +12025550142"]):
        said = host.deployed.run("screening", "audit", "who", *options, expect=2)
        assert said.stdout == ""
        assert "--purpose" in said.stderr
    who(host)
    audit, away = host.home / "audit", host.deployed.folder / "away"
    audit.rename(away)
    audit.write_text("no folder")
    said = host.deployed.run("screening", "audit", "who", "--purpose", "case 17", expect=74)
    assert said.stdout == ""
    assert len(said.stderr.splitlines()) == 1
    audit.unlink()
    away.rename(audit)


def test_only_what_lies_within_the_times_is_told(host: Host) -> None:
    host.acme.ask(host.api, LISTED)
    day = datetime.now(UTC)
    yesterday, tomorrow = (f"{day + timedelta(days=days):%Y-%m-%d}" for days in (-1, 2))
    assert who(host, "--from", yesterday, "--to", tomorrow) == who(host) != []
    assert who(host, "--to", yesterday) == []
    assert who(host, "--from", tomorrow) == []


def test_a_damaged_segment_is_named_when_all_others_have_been_told(host: Host) -> None:
    for _ in range(2):
        host.acme.ask(host.api, LISTED)
    host.api.stop()
    before = [row["receipt"] for row in who(host)]
    path = max((host.home / "journal").glob("*.sealed"))
    whole = path.read_bytes()
    line = whole[: whole.index(b'"partner":"acme"')].count(b"\n") + 1
    hidden = whole.splitlines()[line - 1].decode()
    path.write_bytes(whole.replace(b'"partner":"acme"', b'"partner":"acne"', 1))
    host.api = host.deployed.serve()
    host.deployed.wait_ready(host.api)
    receipt = host.acme.ask(host.api, LISTED).json()["receipt"]
    said = host.deployed.run("screening", "audit", "who", "--purpose", "case 17", expect=1)
    assert f"segment {path.stem}, line {line}" in said.stderr
    told = [row["receipt"] for row in csv.DictReader(io.StringIO(said.stdout))]
    left = [one for one in before if one not in hidden]
    assert len(left) == len(before) - 1
    assert told == [*left, receipt]
    path.write_bytes(whole)
    assert [row["receipt"] for row in who(host)] == [*before, receipt]


def test_where_no_journal_is_nobody_has_looked(host: Host, tmp_path: Path) -> None:
    command = ("audit", "who", "--purpose", "case 17", "--journal", str(tmp_path))
    home = tmp_path / "home"
    said = host.deployed.forked(*command, command="screening", SCREENING_HOME=str(home))
    assert (said.code, said.stdout) == (2, "")
    assert not (home / "audit").exists()


def test_what_nothing_fits_is_said_to_fit_nothing(host: Host) -> None:
    who(host)
    before = len(looked(host))
    command = ("screening", "audit", "who", "--purpose", "case 17")
    said = host.deployed.run(*command, "--partner", "nobody")
    assert len(said.stdout.splitlines()) == 1
    assert "Nothing on record fits" in said.stderr
    said = host.deployed.run(*command, "--from", "2026-11-27", "--to", "2026-11-27", expect=2)
    assert "of one day, give the next" in said.stderr
    said = host.deployed.run(*command, "--from", "+12025550142", expect=2)
    assert "write a day as 2026-11-26" in said.stderr
    assert "2025550142" not in said.stderr
    assert [record["partner"] for record in looked(host)[before:]] == ["nobody"]
