"""An entry ends on time, and nobody need publish for that."""

import sqlite3
import time

from tests.harness.deployment import Deployed
from tests.harness.processes import eventually

STAYING = ("phone", "+12025550100")
ENDING = ("phone", "+12025550101")
ADDED = ("email", "desk@harbour.example")
NO_STRETCH = ("--stretch", "none", "--allow-unstretched")


def age(deployed: Deployed, kind: str) -> None:
    """Let the entries of a kind have ended two minutes ago, as the indexes of before hold them."""
    with sqlite3.connect(deployed.indexer_home / "list.sqlite") as sql:
        sql.execute(
            "UPDATE entries SET expires_at = ? WHERE expires_at IN "
            "(SELECT min(expires_at) FROM entries WHERE kind = ?)",
            (int(time.time()) - 120, kind),
        )
        sql.execute("UPDATE revisions SET as_of = 0")
    sql.close()


def test_what_has_ended_is_no_match_in_generation_and_overlay(deployed: Deployed) -> None:
    path = deployed.folder / "ending.csv"
    path.write_text(
        "kind,value,role,expires_at\n"
        f"phone,{STAYING[1]},buyer,2049-01-01\n"
        f"phone,{ENDING[1]},buyer,2048-01-01\n"
    )
    deployed.indexer("publish", str(path))
    partner = deployed.add_partner("acme", *NO_STRETCH)
    api = deployed.serve(workers=1, SCREENING_POLL_MS="50")
    deployed.wait_ready(api)
    assert partner.results(api, STAYING, ENDING, ADDED) == ["match", "match", "no_match"]
    age(deployed, "phone")
    deployed.indexer("compact", "--all")  # which builds it in all the same, as of then
    ended = ["match", "no_match", "no_match"]
    eventually(lambda: partner.results(api, STAYING, ENDING, ADDED) == ended, what="its end")
    deployed.indexer("add", f"email:{ADDED[1]}", "--role", "buyer", "--expires-at", "2047-01-01")
    listed = ["match", "no_match", "match"]
    eventually(lambda: partner.results(api, STAYING, ENDING, ADDED) == listed, what="an addition")
    age(deployed, "email")
    deployed.indexer("retract", "phone:+12025550177", "--reason", "whoever")
    eventually(lambda: partner.results(api, STAYING, ENDING, ADDED) == ended, what="its end too")
