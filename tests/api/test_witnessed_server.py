"""A server has what it answers countersigned, and never waits for its witness."""

import re
from collections.abc import Iterator

import pytest

from screening.ledger.log.keys import ensure_log_key
from screening.private_files import ensure_private_directory
from tests.harness.deployment import Deployed, deployed_beside_valkey
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.witnesses import start_witness, witness_of

LISTED = ("phone", "+12025550142")


@pytest.fixture
def deployed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as (running, _):
        yield running


@pytest.mark.slow
def test_answers_are_witnessed_and_go_on_without_a_witness(deployed: Deployed) -> None:
    journal = ensure_private_directory(deployed.home / "journal")
    key = ensure_log_key(deployed.home, "host.example/journal", log=journal / "log").verifier
    partner = deployed.add_partner("acme", "--stretch", "light")
    with witness_of(deployed.folder / "witness", key) as witness:
        api = deployed.serve(
            SCREENING_WITNESS_URL=witness.url, SCREENING_WITNESS_KEY=witness.key.text
        )
        deployed.wait_ready(api)

        def witnessed(count: int) -> bool:
            said = deployed.run("screening", "audit", "verify", "--witness", witness.key.text)
            return f"witnessed: {count} records by witness.example/one at " in said.stdout

        eventually((journal / "log/witnessed").exists, what="the first one")
        for _ in range(3):
            partner.ask(api, LISTED)
        eventually(lambda: witnessed(3), what="three records witnessed")
        assert metric(api, "screening_log_unwitnessed_records") == 0
        witness.process.kill()
        for _ in range(3):
            partner.ask(api, LISTED)
        eventually(lambda: metric(api, "screening_log_unwitnessed_records") == 3, what="a lag")
        eventually(lambda: metric(api, "screening_alarms_total", what="witness_failed"), what="it")
        again = start_witness(witness.home, witness.key, port=witness.port)
        try:
            eventually(lambda: witnessed(6), what="all of them witnessed")
            partner.ask(api, LISTED)
            api.stop()  # what was signed last is witnessed as it ends
            assert witnessed(7)
        finally:
            again.process.kill()
        said = deployed.run("screening", "audit", "verify").stdout
        assert "its signature was not checked" in said
        by = "witnessed: 7 records by witness.example/one"
        assert re.search(rf"{by} at 20\S+Z, 0 are not yet\n", said)
        (journal / "log/witnessed").unlink()
        assert "witnessed" not in deployed.run("screening", "audit", "verify").stdout
        demanded = ("audit", "verify", "--witness", witness.key.text)
        assert "log, witnessed: missing" in deployed.run("screening", *demanded, expect=1).stderr
