"""What a server has answered is signed within two seconds; whoever has its key can verify it."""

import base64
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from screening.api.run_log import BEAT_S
from screening.ledger.log.checkpoint import open_checkpoint
from screening.ledger.log.notes import VerifierKey, parse_verifier_key
from screening.ledger.log.tree import is_included, leaf_hash
from tests.api.test_supervision import BUSY_MACHINE_S
from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.template import Template
from tests.ledger.looking import read_records

LISTED: Final = ("phone", "+12025550142")
BEHIND_S: Final = 2.0


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as (running, _):
        yield running


@pytest.fixture(scope="module")
def partner(deployed: Deployed) -> Partner:
    return deployed.add_partner("acme", "--stretch", "light")


@pytest.fixture(scope="module")
def api(deployed: Deployed, partner: Partner) -> Iterator[Api]:
    running = deployed.serve(workers=2)
    deployed.wait_ready(running)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    """A deployment whose server has given five answers, and ended."""
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as (stopped, _):
        partner = stopped.add_partner("acme", "--stretch", "light")
        api = stopped.serve()
        stopped.wait_ready(api)
        ask(partner, api, 5)
        api.stop()
        assert "nothing is signed" not in api.process.logged()
        assert "the log died" not in api.process.logged()
        yield stopped


@pytest.fixture
def before(deployed: Deployed, api: Api) -> int:
    """How many records there are: all of them are signed."""
    assert api.worker_pids()
    recorded = len(list(read_records(deployed.home / "journal")))
    eventually(lambda: signed_size(deployed) == recorded, what="a checkpoint over all")
    return recorded


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
    deployed: Deployed, partner: Partner, api: Api, before: int
) -> None:
    assert 2 * BEAT_S < BEHIND_S  # a record is taken at the second look
    for more in (10, 20):
        ask(partner, api, 10)
        eventually(
            lambda: signed_size(deployed) == before + more,  # noqa: B023 - called at once
            within_s=BEHIND_S + BUSY_MACHINE_S,
            what="a checkpoint",
        )
    assert (
        f"log: {before + 20} records are signed, 0 are not yet"
        in deployed.run("screening", "audit", "verify").stdout
    )


def test_a_proof_holds_for_whoever_has_the_key_of_the_host(
    deployed: Deployed, partner: Partner, api: Api, before: int
) -> None:
    receipts = ask(partner, api, 7)
    eventually(lambda: signed_size(deployed) == before + 7, what="a checkpoint")
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


@pytest.mark.slow
def test_all_that_was_answered_is_signed_when_a_server_has_ended(ended: Deployed) -> None:
    assert signed_size(ended) == 5
    assert (ended.home / "log.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_log_whose_keeper_is_killed_or_stopped_goes_on_and_no_answer_waits_for_it(
    deployed: Deployed, partner: Partner, api: Api, before: int
) -> None:
    kept = deployed.folder / "kept"
    ask(partner, api, 3)
    eventually(lambda: signed_size(deployed) == before + 3, what="a checkpoint")
    kept.write_bytes((deployed.home / "journal/log/checkpoint").read_bytes())
    killed = log_pid(api)
    os.kill(killed, signal.SIGKILL)
    ask(partner, api, 3)
    eventually(lambda: signed_size(deployed) == before + 6, what="the next checkpoint")
    os.kill(log_pid(api), signal.SIGSTOP)
    ask(partner, api, 3)
    assert signed_size(deployed) == before + 6
    eventually(
        lambda: signed_size(deployed) == before + 9, within_s=60, what="another keeper's checkpoint"
    )
    assert "the log shows no life and is killed" in api.process.logged()
    deployed.run("screening", "audit", "verify", "--kept", str(kept))


@contextmanager
def log_stopped(api: Api) -> Iterator[None]:
    """Expect its alarm for what is done within."""
    raised = metric(api, "screening_alarms_total", what="log_stopped")
    yield
    eventually(
        lambda: metric(api, "screening_alarms_total", what="log_stopped") > raised, what="it"
    )


@pytest.mark.slow
def test_a_log_that_cannot_be_written_is_an_alarm_and_answers_go_on(
    deployed: Deployed, partner: Partner, api: Api, before: int
) -> None:
    log = deployed.home / "journal/log"
    with log_stopped(api):
        log.rename(deployed.folder / "log")
        log.write_text("no folder")
    ask(partner, api, 2)
    log.unlink()
    (deployed.folder / "log").rename(log)
    eventually(lambda: signed_size(deployed) == before + 2, what="a checkpoint over all")
    deployed.run("screening", "audit", "verify")


@slow_but_first(1, "what", ["log", "log/checkpoint", "log/runs"])
def test_a_log_that_was_removed_is_missed(ended: Deployed, what: str) -> None:
    path = Path(ended.home / "journal" / what)
    path.rename(ended.folder / "away")
    try:
        said = ended.run("screening", "audit", "verify", expect=1)
    finally:
        (ended.folder / "away").rename(path)
    assert said.stderr.startswith("the journal is damaged: log, ")


@slow_but_first(1, "what", ["log", "log/checkpoint"])
def test_a_log_that_was_removed_is_not_begun_anew_under_the_same_key(
    deployed: Deployed, partner: Partner, api: Api, before: int, what: str
) -> None:
    keeper = log_pid(api)
    path = Path(deployed.home / "journal" / what)
    with log_stopped(api):
        path.rename(deployed.folder / "away")
        os.kill(keeper, signal.SIGKILL)
    ask(partner, api, 2)
    assert deployed.run("screening", "audit", "verify", expect=1).stderr.startswith(
        "the journal is damaged: log, "
    )
    if path.exists():
        path.rmdir()
    (deployed.folder / "away").rename(path)
    eventually(lambda: signed_size(deployed) == before + 2, what="a checkpoint over all")


@pytest.mark.slow
def test_a_ledger_without_a_log_is_verified_as_ever_unless_one_is_asked_for(
    ended: Deployed,
) -> None:
    ledger = str(ended.indexer_home / "ledger")
    said = ended.run("screening", "audit", "verify", "--journal", ledger).stdout
    assert said.startswith("whole: ")
    assert "log: none lies here" in said
    key = host_key(ended).text
    ended.run("screening", "audit", "verify", "--journal", ledger, "--key", key, expect=1)
    said = ended.run("screening", "audit", "verify", "--key", key[:-1], expect=2).stderr
    assert len(said.splitlines()) == 1
    assert key[:-1] not in said
