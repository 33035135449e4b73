"""What a server has answered is signed within two seconds; whoever has its key can verify it."""

import base64
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from screening.api.run_log import BEAT_S
from screening.ledger.log.checkpoint import open_checkpoint
from screening.ledger.log.notes import VerifierKey, parse_verifier_key
from screening.ledger.log.tree import is_included, leaf_hash
from tests.api.test_supervision import BUSY_MACHINE_S
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually

LISTED: Final = ("phone", "+12025550142")
BEHIND_S: Final = 2.0


@pytest.fixture
def partner(deployed: Deployed) -> Partner:
    deployed.publish([(*LISTED, "trafficker")])
    return deployed.add_partner("acme", "--stretch", "light")


@pytest.fixture
def api(deployed: Deployed, partner: Partner) -> Iterator[Api]:
    running = deployed.serve(workers=2)
    deployed.wait_ready(running)
    yield running
    running.stop()


def log_pid(api: Api) -> int:
    pid = api.find_log_pid()
    assert pid is not None
    return pid


def host_key(deployed: Deployed) -> VerifierKey:
    return parse_verifier_key(deployed.run("screening", "audit", "key").stdout.strip())


def signed_size(deployed: Deployed) -> int:
    """How many records the newest checkpoint is over, by its own second line."""
    return int((deployed.home / "journal/log/checkpoint").read_text().split("\n")[1])


def ask(partner: Partner, api: Api, times: int = 1) -> list[str]:
    return [partner.ask(api, LISTED).json()["receipt"] for _ in range(times)]


def test_what_is_answered_is_signed_within_two_seconds(
    deployed: Deployed, partner: Partner, api: Api
) -> None:
    assert 2 * BEAT_S < BEHIND_S  # a record is taken at the second look
    for total in (10, 20):
        ask(partner, api, 10)
        eventually(
            lambda: signed_size(deployed) == total,  # noqa: B023 - called at once
            within_s=BEHIND_S + BUSY_MACHINE_S,
            what="a checkpoint",
        )
    assert (
        "log: 20 records are signed, 0 are not yet"
        in deployed.run("screening", "audit", "verify").stdout
    )


def test_a_proof_holds_for_whoever_has_the_key_of_the_host(
    deployed: Deployed, partner: Partner, api: Api
) -> None:
    receipts = ask(partner, api, 7)
    eventually(lambda: signed_size(deployed) == 7, what="a checkpoint")
    key = host_key(deployed)
    for receipt in (receipts[0], f"{receipts[6]}.12"):
        proof = json.loads(deployed.run("screening", "audit", "prove", receipt).stdout)
        _, checkpoint = open_checkpoint(proof["checkpoint"].encode(), key)
        path = [base64.b64decode(one) for one in proof["inclusion_proof"]]
        leaf = proof["record"].encode()
        assert f'"receipt":"{receipt[:26]}"' in proof["record"]
        assert is_included(
            leaf_hash(leaf), proof["index"], checkpoint.size, proof=path, root=checkpoint.root
        )
    for wrong in ("a" * 26, "A" * 26, "short"):
        said = deployed.run("screening", "audit", "prove", wrong, expect=2)
        assert (said.stdout, len(said.stderr.splitlines())) == ("", 1)
        assert wrong not in said.stderr


def test_all_that_was_answered_is_signed_when_a_server_has_ended(
    deployed: Deployed, partner: Partner, api: Api
) -> None:
    ask(partner, api, 5)
    api.stop()
    assert signed_size(deployed) == 5
    assert (deployed.home / "log.key").stat().st_mode & 0o777 == 0o600
    assert "nothing is signed" not in api.process.logged()
    assert "the log died" not in api.process.logged()


def test_a_log_whose_keeper_is_killed_or_stopped_goes_on_and_no_answer_waits_for_it(
    deployed: Deployed, partner: Partner, api: Api
) -> None:
    kept = deployed.folder / "kept"
    ask(partner, api, 3)
    eventually(lambda: signed_size(deployed) == 3, what="a checkpoint")
    kept.write_bytes((deployed.home / "journal/log/checkpoint").read_bytes())
    killed = log_pid(api)
    os.kill(killed, signal.SIGKILL)
    ask(partner, api, 3)
    eventually(lambda: signed_size(deployed) == 6, what="the next checkpoint")
    os.kill(log_pid(api), signal.SIGSTOP)
    ask(partner, api, 3)
    assert signed_size(deployed) == 6
    eventually(lambda: signed_size(deployed) == 9, within_s=60, what="another keeper's checkpoint")
    assert "the log shows no life and is killed" in api.process.logged()
    deployed.run("screening", "audit", "verify", "--kept", str(kept))


def test_a_log_that_cannot_be_written_is_an_alarm_and_answers_go_on(
    deployed: Deployed, partner: Partner, api: Api
) -> None:
    ask(partner, api, 2)
    eventually(lambda: signed_size(deployed) == 2, what="a checkpoint")
    log = deployed.home / "journal/log"
    log.rename(deployed.folder / "log")
    log.write_text("no folder")
    eventually(lambda: metric(api, "screening_alarms_total", what="log_stopped") > 0, what="it")
    ask(partner, api, 2)
    log.unlink()
    (deployed.folder / "log").rename(log)
    eventually(lambda: signed_size(deployed) == 4, what="a checkpoint over all")
    deployed.run("screening", "audit", "verify")


@pytest.mark.parametrize("what", ["log", "log/checkpoint", "log/runs"])
def test_a_log_that_was_removed_is_missed(
    deployed: Deployed, partner: Partner, api: Api, what: str
) -> None:
    ask(partner, api, 2)
    api.stop()
    path = Path(deployed.home / "journal" / what)
    path.rename(deployed.folder / "away")
    said = deployed.run("screening", "audit", "verify", expect=1)
    assert said.stderr.startswith("the journal is damaged: log, ")


@pytest.mark.parametrize("what", ["log", "log/checkpoint"])
def test_a_log_that_was_removed_is_not_begun_anew_under_the_same_key(
    deployed: Deployed, partner: Partner, api: Api, what: str
) -> None:
    ask(partner, api, 2)
    eventually(lambda: signed_size(deployed) == 2, what="a checkpoint")
    keeper = log_pid(api)
    path = Path(deployed.home / "journal" / what)
    path.rename(deployed.folder / "away")
    os.kill(keeper, signal.SIGKILL)
    eventually(lambda: metric(api, "screening_alarms_total", what="log_stopped") > 0, what="it")
    ask(partner, api, 2)
    assert deployed.run("screening", "audit", "verify", expect=1).stderr.startswith(
        "the journal is damaged: log, "
    )
    if path.exists():
        path.rmdir()
    (deployed.folder / "away").rename(path)
    eventually(lambda: signed_size(deployed) == 4, what="a checkpoint over all")


@pytest.mark.usefixtures("api")
def test_a_ledger_without_a_log_is_verified_as_ever_unless_one_is_asked_for(
    deployed: Deployed,
) -> None:
    ledger = str(deployed.indexer_home / "ledger")
    said = deployed.run("screening", "audit", "verify", "--journal", ledger).stdout
    assert said.startswith("whole: ")
    assert "log: none lies here" in said
    key = host_key(deployed).text
    deployed.run("screening", "audit", "verify", "--journal", ledger, "--key", key, expect=1)
    said = deployed.run("screening", "audit", "verify", "--key", key[:-1], expect=2).stderr
    assert len(said.splitlines()) == 1
    assert key[:-1] not in said
