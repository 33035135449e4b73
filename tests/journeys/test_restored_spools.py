"""An indexer that is restored without its files: what the console holds leaves again."""

import json
from pathlib import Path

from tests.harness.deployment import Deployed
from tests.harness.office import Office, approve, draft, retract, state, submit
from tests.harness.processes import eventually

NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
PHONE, OTHER = ("phone", "+12025550142"), ("phone", "+12025550143")


def test_what_a_restored_indexer_does_not_know_any_more_is_in_force_again(
    deployed: Deployed, tmp_path: Path
) -> None:
    office = Office(deployed, tmp_path)
    try:
        cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
        acme = deployed.add_partner("acme", *NO_STRETCH)
        for selector in (PHONE, OTHER):
            path = draft(cora, selector[1])
            submit(cora, path)
            approve(abel, path)
        apply_first(office)
        passphrase, backup = tmp_path / "backup.pass", tmp_path / "home.sealed"
        passphrase.write_text("a passphrase of the tests\n")
        passphrase.chmod(0o600)
        with_passphrase = ("--passphrase-file", str(passphrase))
        deployed.indexer("backup", str(backup), *with_passphrase)
        known = len(list((office.spools / "down").iterdir()))
        gone = retract(cora, PHONE[1])
        eventually(lambda: state(cora, gone) == "exported", what="a file that has left")
        deployed.indexer("spool", "apply")
        eventually(lambda: state(cora, gone) == "applied", what="an applied retraction")

        office.console.stop()
        deployed.indexer_home.rename(tmp_path / "lost")
        deployed.indexer("restore", str(backup), *with_passphrase)
        lost = office.spools / f"down/{known + 1:010}.down"
        lost.unlink()
        status = tmp_path / "status.json"
        status.write_text(deployed.indexer("spool", "status", "--json").stdout)
        other = tmp_path / "other.json"
        other.write_text(json.dumps({**json.loads(status.read_text()), "deployment": "0" * 16}))
        refused = office.console.run("spool", "resume", str(other), expect=2).stderr
        assert "not of the indexer that is trusted here" in refused
        told = office.console.run("spool", "resume", str(status)).stdout
        assert f"the next file is {known + 1}" in told
        office.console.serve()
        eventually(lost.exists, what="the file that was lost")
        deployed.indexer("spool", "apply")
        api = deployed.serve()
        deployed.wait_ready(api)
        assert acme.results(api, PHONE, OTHER) == ["no_match", "match"]
    finally:
        office.console.stop()


def apply_first(office: Office) -> None:
    """Have both additions in force, in as many files as they came in."""

    def are_in_force() -> bool:
        told = office.deployed.indexer("spool", "apply").stdout
        status = json.loads(office.deployed.indexer("spool", "status", "--json").stdout)
        return told == "no file waits\n" and status["statements"] == 2

    eventually(are_in_force, what="both additions")
