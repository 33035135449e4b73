"""A partner keeps a receipt, fetches its proof once, and proves offline what it was told."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.template import Template

LISTED: Final = "phone:+12025550142"
UNLISTED: Final = "email:traveller@booking.example"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template) as (running, _):
        running.publish([("phone", "+12025550142", "trafficker")])
        yield running


@pytest.fixture(scope="module")
def api(deployed: Deployed) -> Iterator[Api]:
    running = deployed.serve()
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
