"""A partner keeps a receipt, fetches its proof once, and proves offline what it was told."""

import csv
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.docs.session import ROOT, blocks_of, run_session
from tests.harness.asking import PATIENT_WITH_REDIS, Asking
from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.processes import eventually
from tests.harness.template import Template

LISTED, UNLISTED = "phone:+12025550142", "email:traveller@booking.example"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template) as (running, _):
        running.publish([("phone", "+12025550142", "trafficker")])
        yield running


@pytest.fixture(scope="module")
def api(deployed: Deployed) -> Iterator[Api]:
    running = deployed.serve(workers=1, **PATIENT_WITH_REDIS)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def partner(deployed: Deployed, api: Api) -> Partner:
    added = deployed.add_partner("acme", "--stretch", "light", url=api.url)
    deployed.wait_ready(api)
    return added


@pytest.fixture(scope="module")
def proven(deployed: Deployed, partner: Partner) -> Path:
    """A receipt with its proof, and the key of the log beside it."""
    file = deployed.folder / "kept.json"
    kit = ("--kit", str(partner.kit_path))
    deployed.run(
        "gen-screen", "check", *kit, "--save-receipt", str(file), LISTED, UNLISTED, expect=10
    )
    deployed.run("gen-screen", "receipt", "fetch", *kit, str(file))
    return file


@pytest.fixture
def kept(proven: Path, tmp_path: Path) -> Path:
    shutil.copy(proven, tmp_path / "kept.json")
    return tmp_path / "kept.json"


def test_what_was_asked_and_answered_is_proven_offline_and_without_the_kit(
    deployed: Deployed, api: Api, partner: Partner, kept: Path
) -> None:
    key = deployed.run("screening", "audit", "key").stdout.strip()
    told = deployed.run("gen-screen", "receipt", "verify", str(kept), "--log-key", key).stdout
    assert told.startswith("Proven: this was asked, and this was answered.\n")
    for said in ("1 match, 1 no match", "by acme", json.loads(kept.read_text())["receipt"]):
        assert said in told
    assert "compare it" not in told
    assert "does not show" in told
    alone = deployed.run("gen-screen", "receipt", "verify", str(kept)).stdout
    assert "compare it with what your operator handed over" in alone
    named = deployed.run("gen-screen", "receipt", "key", "--kit", str(partner.kit_path))
    assert named.stdout.strip() == key


def saved(deployed: Deployed, partner: Partner, file: Path) -> Path:
    """Ask, and save the receipt."""
    deployed.run(
        "gen-screen", "check", "--kit", str(partner.kit_path), "--save-receipt", str(file), UNLISTED
    )
    return file


def fetch(
    deployed: Deployed, partner: Partner, file: Path, *options: str, expect: int = 0
) -> "subprocess.CompletedProcess[str]":
    asked = ("receipt", "fetch", "--kit", str(partner.kit_path), *options, str(file))
    return deployed.run("gen-screen", *asked, expect=expect)


def verify(deployed: Deployed, file: Path, *options: str, expect: int = 0) -> str:
    done = deployed.run("gen-screen", "receipt", "verify", str(file), *options, expect=expect)
    return done.stdout + done.stderr


def test_no_value_lies_in_the_file_and_nobody_else_can_read_it(proven: Path) -> None:
    text = proven.read_text()
    assert not [part for part in ("55501", "traveller", "booking.example") if part in text]
    assert proven.stat().st_mode & 0o777 == 0o600


def test_nothing_is_asked_where_the_receipt_could_not_be_saved(
    deployed: Deployed, partner: Partner, kept: Path, tmp_path: Path
) -> None:
    before = len(list((deployed.home / "journal").glob("*")))
    content = kept.read_bytes()
    for path, said in ((kept, "is there already"), (tmp_path / "none" / "kept.json", "none")):
        done = deployed.run(
            "gen-screen", "check", "--kit", str(partner.kit_path),
            "--save-receipt", str(path), UNLISTED, expect=2,
        )  # fmt: skip
        assert said in done.stderr
        assert (done.stderr.count("\n"), done.stdout) == (1, "")
    assert kept.read_bytes() == content
    assert len(list((deployed.home / "journal").glob("*"))) == before


def test_fetching_again_is_fine_and_brings_a_proof_of_the_same(
    deployed: Deployed, partner: Partner, kept: Path
) -> None:
    before = json.loads(kept.read_text())
    fetch(deployed, partner, kept)
    after = json.loads(kept.read_text())
    assert after["proof"]["record"] == before["proof"]["record"]
    assert verify(deployed, kept).startswith("Proven")


def test_another_partners_kit_fetches_nothing(
    deployed: Deployed, api: Api, partner: Partner, tmp_path: Path
) -> None:
    other = deployed.add_partner("beta", "--stretch", "light", url=api.url)
    eventually(lambda: other.ask(api, ("phone", "+12025550142")).status_code == 200, what="beta")
    file = saved(deployed, partner, tmp_path / "kept.json")
    refused = fetch(deployed, other, file, expect=2)
    assert "no record of yours has this receipt" in refused.stderr
    assert "proof" not in json.loads(file.read_text())
    fetch(deployed, partner, file)
    assert "no record of yours" in fetch(deployed, other, file, expect=2).stderr


def test_a_proof_that_does_not_show_what_is_kept_is_not_added(
    deployed: Deployed, partner: Partner, tmp_path: Path
) -> None:
    file = saved(deployed, partner, tmp_path / "kept.json")
    document = json.loads(file.read_text())
    document["selectors"][0]["result"] = "match"
    file.write_text(changed := json.dumps(document))
    refused = fetch(deployed, partner, file, expect=65)
    assert "the results differ" in refused.stderr
    assert file.read_text() == changed


def test_what_the_operator_proves_on_the_host_is_as_good(
    deployed: Deployed, partner: Partner, kept: Path, tmp_path: Path
) -> None:
    document = json.loads(kept.read_text())
    proof = deployed.run("screening", "audit", "prove", document["receipt"]).stdout
    (tmp_path / "proof.json").write_text(proof)
    del document["proof"]
    kept.write_text(json.dumps(document))
    fetch_from = ("gen-screen", "receipt", "fetch", "--proof", str(tmp_path / "proof.json"))
    deployed.run(*fetch_from, str(kept))
    assert verify(deployed, kept).startswith("Proven")
    other = saved(deployed, partner, tmp_path / "other.json")
    assert "another receipt" in deployed.run(*fetch_from, str(other), expect=65).stderr
    (tmp_path / "proof.json").write_text(proof[:-20])
    assert "is damaged" in deployed.run(*fetch_from, str(kept), expect=65).stderr
    both = deployed.run(*fetch_from, "--kit", str(partner.kit_path), str(kept), expect=2)
    assert "give --kit to ask the API or --proof" in both.stderr


def test_another_log_than_the_one_that_is_believed_is_refused(
    deployed: Deployed, partner: Partner, kept: Path, tmp_path: Path
) -> None:
    another = json.loads((Path(__file__).parents[1] / "vectors/receipt.json").read_text())
    file = saved(deployed, partner, tmp_path / "new.json")
    assert (
        "log's key"
        in fetch(deployed, partner, file, "--log-key", another["log_key"], expect=65).stderr
    )
    assert "proof" not in json.loads(file.read_text())
    assert "log's key" in verify(deployed, kept, "--log-key", another["log_key"], expect=65)
    assert "--log-key names no file" in verify(deployed, kept, "--log-key", "nowhere", expect=2)
    document = json.loads(kept.read_text())
    document["proof"] = another["file"]["proof"]
    kept.write_text(json.dumps(document))
    assert "another receipt" in verify(deployed, kept, expect=65)
    assert "log's key" in fetch(deployed, partner, kept, expect=65).stderr


def test_opening_and_receipt_of_another_answer_prove_nothing(
    deployed: Deployed, partner: Partner, kept: Path, tmp_path: Path
) -> None:
    other = json.loads(saved(deployed, partner, tmp_path / "other.json").read_text())
    document = json.loads(kept.read_text())
    for member, said in (("opening", "does not open"), ("receipt", "another receipt")):
        kept.write_text(json.dumps(document | {member: other[member]}))
        assert said in verify(deployed, kept, expect=65)


@pytest.mark.slow
def test_the_keeper_killed_and_its_index_removed_again_and_again_beside_live_checks(
    deployed: Deployed, api: Api, partner: Partner, tmp_path: Path
) -> None:
    receipts = deployed.home / "journal" / "log" / "receipts"
    early = saved(deployed, partner, tmp_path / "early.json")
    with Asking(api, [partner], ("phone", "+12025550142"), clients=2) as asking:
        for number in range(4):
            pid = eventually(api.find_log_pid, what="the keeper of the log")
            os.kill(pid, signal.SIGKILL)
            if number % 2:
                shutil.rmtree(receipts, ignore_errors=True)
            file = saved(deployed, partner, tmp_path / f"{number}.json")
            for one in (early, file):
                fetched = partial(_is_fetched, deployed, partner, one)
                eventually(fetched, within_s=60, what="a proof")
                assert verify(deployed, one).startswith("Proven")
    assert asking.statuses == {200}, asking.unknown
    assert not asking.broken


def _is_fetched(deployed: Deployed, partner: Partner, file: Path) -> bool:
    done = deployed.run(
        "gen-screen", "receipt", "fetch", "--kit", str(partner.kit_path), str(file), expect=None
    )
    assert done.returncode in {0, 69}, done.stderr
    return done.returncode == 0


def test_each_row_of_a_file_is_proven_by_the_receipt_of_its_request(
    deployed: Deployed, api: Api, tmp_path: Path
) -> None:
    partner = deployed.add_partner(
        "bulker", "--stretch", "light", "--scopes", "check,bulk", url=api.url
    )
    eventually(lambda: partner.ask(api, ("phone", "+12025550142")).status_code == 200, what="it")
    source, out, folder = (tmp_path / name for name in ("in.csv", "out.csv", "receipts"))
    numbers = ["+12025550142", *(f"+120255501{number:02}" for number in range(60, 79))]
    source.write_text("id,phone\n" + "".join(f"{n},{one}\n" for n, one in enumerate(numbers)))
    deployed.run(
        "gen-screen", "bulk", "--kit", str(partner.kit_path), "--batch", "18",
        "--save-receipts", str(folder), str(source), "-o", str(out),
    )  # fmt: skip
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {path.stem for path in folder.iterdir()} == {one["receipt"][:26] for one in rows}
    for path in folder.iterdir():
        fetch(deployed, partner, path)
        assert not [one for one in numbers if one[2:] in path.read_text()]
    receipt, _, number = rows[0]["receipt"].partition(".")
    kept = folder / f"{receipt}.json"
    token = deployed.run(
        "gen-screen", "token", "--kit", str(partner.kit_path), "--kind", "phone", numbers[0]
    ).stdout.strip()
    told = verify(deployed, kept, "--row", number)
    assert f"MATCH       phone  {token}" in told
    assert "--row shows one of them" in verify(deployed, kept)
    assert "check --row" in verify(deployed, kept, "--row", "18", expect=2)


def test_matches_that_were_certain_are_proven_where_the_rest_was_not_known(
    deployed: Deployed, api: Api, partner: Partner, tmp_path: Path
) -> None:
    tester = deployed.add_partner("tester", "--test", "--stretch", "none", url=api.url)
    listed = ("phone", "+1 202 555 0199")
    eventually(lambda: tester.ask(api, listed).status_code == 200, what="tester")
    file = tmp_path / "kept.json"
    deployed.run(
        "gen-screen", "check", "--kit", str(tester.kit_path), "--save-receipt", str(file),
        "phone:+1 202 555 0199", "email:stale@screening.example", "email:jane@booking.example",
        expect=10,
    )  # fmt: skip
    fetch(deployed, tester, file)
    assert "1 match; of 2 more, that nothing was known" in verify(deployed, file)


WAITED: Final = """\
    for _ in range(200):
        try:
            client.proof(kept.receipt)
            break
        except Unknown:
            time.sleep(0.1)
    #"""


def test_the_page_of_the_protocol_shows_how_python_proves_an_answer(
    deployed: Deployed, api: Api, partner: Partner, tmp_path: Path
) -> None:
    (block,) = [one for one in blocks_of(ROOT / "docs/protocol.md") if one.language == "python"]
    shutil.copy(partner.kit_path, tmp_path / "acme.kit.json")
    (tmp_path / "log.vkey").write_text(deployed.run("screening", "audit", "key").stdout)
    imported = "import time\nfrom screening.vocabulary.errors import Unknown\n"
    (tmp_path / "one.py").write_text(imported + block.text.replace("    ...  #", WAITED, 1))
    assert run_session("python3 one.py", tmp_path).startswith("Proven(at=")
    assert "receipt fetch" in verify(deployed, tmp_path / "1001.receipt.json", expect=2)
