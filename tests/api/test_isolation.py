"""What a started API has not loaded (docs/architecture.md): lint is not isolation."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.api.standing import TEST_LISTED
from tests.harness.deployment import Deployed
from tests.harness.slow import slow_but_first
from tests.harness.valkey import Valkey

FORBIDDEN = ("sqlalchemy", "advanced_alchemy", "alembic", "sqlite3", "indexer", "intelligence")
WRITERS = ("screening.generations.writer", "screening.registry.writer")

# An API reads no selector; to import these is a tenth of what a start takes.
NORMALISERS = ("phonenumbers", "email_validator", "screening.vocabulary.normalise")
OPENER = "screening.disclosure.opening"


def imported_by(said: str) -> set[str]:
    """Return the modules that a process that is verbose has imported, not those it asked for."""
    return set(re.findall(r"^import '(\S+)' # ", said, re.MULTILINE))


@pytest.fixture
def imported(deployed: Deployed) -> set[str]:
    """Return every module that the processes of an API that has served requests imported.

    Python itself writes them down once they are there; no worker is asked to tell of itself.
    """
    partner = deployed.add_partner("acme", "--test", "--stretch", "none", "--scopes", "check,bulk")
    api = deployed.serve(workers=1, PYTHONVERBOSE="1")
    deployed.wait_ready(api)
    for route in ("check", "bulk"):
        assert partner.ask(api, *TEST_LISTED, route=route).json()["results"] == ["match"] * 3
    for path in ("/v1/parameters", "/docs", "/openapi.json", "/nowhere"):
        assert httpx.get(api.url + path, headers=partner.headers).status_code in (200, 404)
    api.stop()
    found = imported_by(api.process.logged())
    assert {"screening.api.check", "screening.api.sync", "litestar", "redis"} <= found
    return found


def test_a_started_api_holds_no_sql_no_indexer_no_intelligence_and_no_normaliser(
    imported: set[str],
) -> None:
    assert {name for name in imported if name.partition(".")[0] in FORBIDDEN} == set()
    assert imported & {*WRITERS, OPENER, *NORMALISERS} == set()


@pytest.mark.slow
def test_the_check_would_find_a_module_that_is_there(tmp_path: Path, valkey: Valkey) -> None:
    deployed = Deployed(tmp_path, redis_url=valkey.url)  # which starts its commands
    deployed.indexer("init")
    deployed.environment["PYTHONVERBOSE"] = "1"
    assert "sqlite3" in imported_by(deployed.indexer("status").stderr)
    assert Path(deployed.indexer_home).exists()


@slow_but_first(1, "command", ["screening", "gen_screen"])
def test_a_command_cannot_import_what_is_kept_out_of_it(command: str) -> None:
    program = (
        "import contextlib, importlib, sys\n"
        "from screening import entry\n"
        "sys.argv[1:] = ['--help']\n"
        f"with contextlib.suppress(SystemExit): entry.{command}()\n"
        "for name in ('sqlalchemy', 'advanced_alchemy.service', 'alembic', 'indexer.cli',\n"
        "             'intelligence'):\n"
        "    try: importlib.import_module(name)\n"
        "    except ModuleNotFoundError: continue\n"
        "    print('imported', name)\n"
        "import litestar\n"
        "print('held', *sorted(name for name, one in sys.modules.items()\n"
        "    if one and name.startswith(('sqlalchemy', 'advanced_alchemy'))))\n"
    )
    arguments = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "held"
    assert "imported" not in done.stdout
