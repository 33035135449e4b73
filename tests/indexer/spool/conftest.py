"""An indexer that trusts a console, and two people who approve."""

import base64
import json

import pytest

from tests.harness.spool_console import ANN, BEN, Console, Desk
from tests.indexer.running import Running


@pytest.fixture
def desk(running: Running) -> Desk:
    spools = running.folder / "spool"
    running.settings["INDEXER_SPOOL"] = str(spools)
    deployment = json.loads(running.run("spool", "status", "--json").output)["deployment"]
    console = Console(deployment)
    key_file = running.folder / "console.spool.pub"
    key_file.write_bytes(console.key_file())
    running.run("spool", "init", "--console", str(key_file))
    for person in (ANN, BEN):
        public = base64.b64encode(person.key.public).decode()
        told = running.run("spool", "approver", "add", person.name, public).output
        assert person.key.fingerprint in told
    return Desk(console, spools)
