"""The spools go on after a restore, and where what the indexer has told is lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.console import Browser
from tests.harness.deployment import Deployed, Partner
from tests.harness.office import HAS_LEFT, Office, approve, draft, retract, state, submit
from tests.harness.processes import eventually
from tests.harness.template import Template

NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
PHONE, OTHER = ("phone", "+12025550142"), ("phone", "+12025550143")


@pytest.fixture
def office(deployed: Deployed, tmp_path: Path, channel: Template) -> Iterator[Office]:
    opened = Office(deployed, tmp_path, channel)
    yield opened
    opened.console.stop()


@pytest.fixture
def with_passphrase(tmp_path: Path) -> tuple[str, str]:
    """How `backup` and `restore` are given a passphrase."""
    path = tmp_path / "backup.pass"
    path.write_text("a passphrase of the tests\n")
    path.chmod(0o600)
    return "--passphrase-file", str(path)


def both_listed(office: Office, deployed: Deployed) -> tuple[Browser, Partner]:
    """Have two people list two selectors; return the curator, and a partner to ask with."""
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    acme = deployed.add_partner("acme", *NO_STRETCH)
    for selector in (PHONE, OTHER):
        path = draft(cora, selector[1])
        submit(cora, path)
        approve(abel, path)
    eventually(lambda: are_in_force(deployed, 2), what="both additions")
    return cora, acme


@pytest.mark.slow
def test_what_a_restored_indexer_does_not_know_any_more_is_in_force_again(
    office: Office, deployed: Deployed, tmp_path: Path, with_passphrase: tuple[str, str]
) -> None:
    cora, acme = both_listed(office, deployed)
    backup = str(tmp_path / "home.sealed")
    deployed.indexer("backup", backup, *with_passphrase)
    following = len(list((office.spools / "down").iterdir())) + 1
    gone = retract(cora, PHONE[1])
    eventually(lambda: are_in_force(deployed, 1), what="a retraction")
    eventually(lambda: state(cora, gone) == "applied", what="an applied retraction")

    office.console.stop()
    deployed.indexer_home.rename(tmp_path / "lost")
    deployed.indexer("restore", backup, *with_passphrase)
    lost = office.spools / f"down/{following:010}.down"
    lost.unlink()
    told = resume(office, tmp_path / "status.json")
    assert f"the next file is {following}" in told
    office.console.serve()
    eventually(lost.exists, what="the file that was lost")
    deployed.indexer("spool", "apply")
    api = deployed.serve()
    deployed.wait_ready(api)
    assert acme.results(api, PHONE, OTHER) == ["no_match", "match"]


@pytest.mark.slow
def test_a_retraction_leaves_again_where_the_answer_to_the_one_before_is_lost(
    office: Office, deployed: Deployed, tmp_path: Path
) -> None:
    cora, acme = both_listed(office, deployed)
    first = retract(cora, PHONE[1])
    eventually(lambda: state(cora, first) == HAS_LEFT, what="a file that has left")
    office.console.stop()
    deployed.indexer("spool", "apply")
    lost = max((office.spools / "up").iterdir())
    deployed.indexer("spool", "exclusions", "--again")
    lost.unlink()
    office.console.serve()
    cora = back(office, cora, "cora")
    second = retract(cora, OTHER[1])
    eventually(lambda: f"up/{lost.name} is missing" in cora.visit("/").text, what="a red bar")
    assert "with 1 retraction in it and 1 behind it" in cora.page.text

    office.console.stop()
    told = resume(office, tmp_path / "status.json")
    assert "of 1 up files that are gone" in told
    assert "may be partners; on the indexer's host run: indexer spool partners --again" in told
    assert "safety lists" not in told, "they were told behind the one that is lost"
    office.console.serve()
    cora = back(office, cora, "cora")
    assert "or is gone" not in cora.visit("/").text, "she does not look after partners"
    abel = back(office, office.approvers[-1], "abel")
    assert "<code>indexer spool partners --again</code>" in abel.visit("/").text
    deployed.indexer("spool", "partners", "--again")
    eventually(lambda: "or is gone" not in abel.visit("/").text, what="what was told anew")
    eventually(lambda: state(cora, first) == "applied", what="what the indexer had done")
    eventually(lambda: are_in_force(deployed, 0), what="the second retraction")
    eventually(lambda: state(cora, second) == "applied", what="an applied retraction")
    api = deployed.serve()
    deployed.wait_ready(api)
    assert acme.results(api, PHONE, OTHER) == ["no_match", "no_match"]


def back(office: Office, before: Browser, name: str) -> Browser:
    """Have somebody log in again, once the console serves again."""
    browser = office.console.browser()
    browser.codes = before.codes
    browser.log_in(name)
    return browser


def resume(office: Office, path: Path) -> str:
    """Have the console go on by the indexer's status, and by no other's; return what it says."""
    status = office.deployed.indexer("spool", "status", "--json").stdout
    path.write_text(json.dumps({**json.loads(status), "deployment": "0" * 16}))
    refused = office.console.run("spool", "resume", str(path), expect=2).stderr
    assert "not of the indexer that is trusted here" in refused
    path.write_text(status)
    return office.console.run("spool", "resume", str(path)).stdout


def are_in_force(deployed: Deployed, statements: int) -> bool:
    """Apply what has come; tell whether the list has so many statements then."""
    deployed.indexer("spool", "apply")
    status = json.loads(deployed.indexer("spool", "status", "--json").stdout)
    return bool(status["statements"] == statements)
