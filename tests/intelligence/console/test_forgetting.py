"""The service that people use lets go by itself of what it keeps for them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.harness.console import Console
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.intelligence.console.newcomers import ADA

_FAILED = "which sessions have ended cannot be looked up: OperationalError"


def test_a_console_that_serves_looks_again_and_again_for_what_is_over(
    tmp_path: Path, channel: Template
) -> None:
    console = Console(tmp_path, None, template=channel)
    token = console.initialise()
    console.serve()
    try:
        ada = console.browser()
        ada.set_up(token, ADA)  # the codes of which are kept for a second press
        with closing(sqlite3.connect(console.home / "intelligence.sqlite")) as database:
            database.execute("ALTER TABLE staff_session RENAME TO not_here")
        eventually(lambda: _FAILED in console.logged(), what="a look at what sessions have ended")
    finally:
        console.stop()
