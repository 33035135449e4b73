"""An indexer that is restored without its files: what the console holds leaves again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.deployment import Deployed
from tests.harness.office import Office, approve, draft, retract, state, submit
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


def test_what_a_restored_indexer_does_not_know_any_more_is_in_force_again(
    office: Office, deployed: Deployed, tmp_path: Path, with_passphrase: tuple[str, str]
) -> None:
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    acme = deployed.add_partner("acme", *NO_STRETCH)
    for selector in (PHONE, OTHER):
        path = draft(cora, selector[1])
        submit(cora, path)
        approve(abel, path)
    eventually(lambda: are_in_force(deployed, 2), what="both additions")
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
