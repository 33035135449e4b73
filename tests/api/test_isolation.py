"""What a started API has not loaded (docs/architecture.md): lint is not isolation."""

import re
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from tests.api.standing import TEST_LISTED
from tests.harness.deployment import Deployed
from tests.harness.valkey import Valkey

FORBIDDEN = ("sqlalchemy", "advanced_alchemy", "alembic", "sqlite3", "indexer", "intelligence")
WRITERS = ("screening.generations.writer", "screening.registry.writer")

# An API reads no selector; to import these is a tenth of what a start takes.
NORMALISERS = ("phonenumbers", "email_validator", "screening.vocabulary.normalise")
OPENER = "screening.disclosure.opening"


@pytest.fixture
def imported(deployed: Deployed) -> set[str]:
    """Return every module that the processes of an API that has served requests imported.

    Python itself writes them down; no worker is asked to tell of itself.
    """
    partner = deployed.add_partner("acme", "--test", "--stretch", "none", "--scopes", "check,bulk")
    api = deployed.serve(workers=1, PYTHONPROFILEIMPORTTIME="1")
    deployed.wait_ready(api)
    for route in ("check", "bulk"):
        assert partner.ask(api, *TEST_LISTED, route=route).json()["results"] == ["match"] * 3
    for path in ("/v1/parameters", "/docs", "/openapi.json", "/nowhere"):
        assert httpx.get(api.url + path, headers=partner.headers).status_code in (200, 404)
    api.stop()
    found = set(re.findall(r"^import time:.*\| +(\S+)$", api.process.logged(), re.MULTILINE))
    assert {"screening.api.check", "screening.api.sync", "litestar", "redis"} <= found
    return found


def test_a_started_api_holds_no_sql_no_indexer_no_intelligence_and_no_normaliser(
    imported: set[str],
) -> None:
    # litestar asks for what may be there; what is not installed it did not get.
    found = {
        name
        for name in imported
        if (room := name.partition(".")[0]) in FORBIDDEN and find_spec(room) is not None
    }
    assert found == set()
    assert imported & {*WRITERS, OPENER, *NORMALISERS} == set()


def test_the_check_would_find_a_module_that_is_there(tmp_path: Path, valkey: Valkey) -> None:
    deployed = Deployed(tmp_path, redis_url=valkey.url)  # which starts its commands
    deployed.indexer("init")
    deployed.environment["PYTHONPROFILEIMPORTTIME"] = "1"
    said = deployed.indexer("status").stderr
    assert re.search(r"\| +sqlite3$", said, re.MULTILINE)
    assert Path(deployed.indexer_home).exists()
