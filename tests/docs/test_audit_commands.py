"""`docs/operations.md`: what auditors and the operator of a witness are told to run works."""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from screening.ledger.log.keys import LOG_KEY
from screening.ledger.log.notes import parse_verifier_key
from tests.docs.session import ROOT, run_session
from tests.harness.deployment import Deployed, deployed_beside_valkey
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.witnesses import RunningWitness, start_witness

LISTED: Final = ("phone", "+12025550142")
ELSEWHERE: Final = "/mnt/elsewhere"
CHANNEL: Final = "/srv/channel"


def block_with(command: str) -> str:
    """Return the one console block of the page in which a command stands."""
    page = (ROOT / "docs/operations.md").read_text()
    blocks = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if command in block)
    assert isinstance(found, str)
    return found


def paste(block: str, folder: Path, **settings: str) -> str:
    """Run a block in `folder`, with places beside it that a test may write."""
    for place in (ELSEWHERE, CHANNEL):
        block = block.replace(place, str(folder.parent / Path(place).name))
    return run_session(block, folder, SCREENING_HOME=str(folder), **settings)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as (running, _):
        yield running


@pytest.fixture(scope="module")
def witness(deployed: Deployed) -> Iterator[RunningWitness]:
    """The witness, as its operator begins it once the host has shown its key."""
    api = deployed.serve()
    eventually((deployed.home / LOG_KEY).exists, what="the key of a log")
    api.stop()
    block, home = block_with("screening witness trust"), deployed.folder / "witness"
    assert block.splitlines()[-1].startswith("screening witness serve ")
    begun = "screening audit key > host.vkey\n" + "".join(block.splitlines(keepends=True)[:-1])
    printed = paste(begun, deployed.home, SCREENING_WITNESS_HOME=str(home))
    key = next(word for word in printed.split() if word.startswith("witness.example/one+"))
    (deployed.home / "witness.vkey").write_text(f"{key}\n")
    running = start_witness(home, parse_verifier_key(key))
    yield running
    running.process.kill()


@pytest.fixture(scope="module")
def recorded(deployed: Deployed, witness: RunningWitness) -> Path:
    """The home of a host whose one answer is on record, signed and witnessed."""
    partner = deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve(
        SCREENING_WITNESS_URL=witness.url,
        SCREENING_WITNESS_KEY=(deployed.home / "witness.vkey").read_text().strip(),
    )
    deployed.wait_ready(api)
    assert partner.results(api, LISTED) == ["match"]
    api.stop()  # which signs all, and has it witnessed
    return deployed.home


def test_a_checkpoint_that_was_kept_elsewhere_is_held_against_the_log(recorded: Path) -> None:
    printed = paste(block_with("--kept kept"), recorded)
    assert "whole: 1 record" in printed
    assert (recorded / "kept").read_bytes() == (recorded / "journal/log/checkpoint").read_bytes()


@pytest.mark.slow
def test_a_countersignature_is_demanded(recorded: Path) -> None:
    printed = paste(block_with("# demands a countersignature by this key"), recorded)
    assert "witness.example/one" in printed


@pytest.mark.slow
def test_a_copy_is_made_and_verified_and_nothing_is_dropped_before_its_time(recorded: Path) -> None:
    printed = paste(block_with("screening audit export"), recorded)
    assert (recorded.parent / "elsewhere/journal/log/checkpoint").exists()
    assert "whole: 1 record" in printed
    assert (recorded / "journal").exists()


@pytest.mark.slow
def test_what_matched_is_opened_where_no_server_runs(deployed: Deployed, recorded: Path) -> None:
    channel = recorded.parent / "channel"
    channel.mkdir(mode=0o700)
    shutil.copytree(deployed.disclosure, channel / "disclosure")
    shutil.copytree(recorded / "journal", recorded / "journal-copy")
    paste(block_with("audit who"), recorded)
    with (recorded / "matches.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["row"], row["kind"], row["match"]) == ("0", "phone", "1")
