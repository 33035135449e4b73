"""From a partner's match to what an authorised user is shown of it, by real processes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.console import PASSWORD, Browser
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.office import (
    HAS_LEFT,
    Office,
    approve,
    draft,
    retract,
    state,
    submit,
    tell_matches,
)
from tests.harness.processes import eventually
from tests.harness.template import Template

PHONE = ("phone", "+12025550142")
OTHER = ("email", "jane@booking.example")
NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
UNKNOWN = "no match of this receipt is known here"


@pytest.fixture
def office(deployed: Deployed, tmp_path: Path, channel: Template) -> Iterator[Office]:
    opened = Office(
        deployed, tmp_path, channel, INTELLIGENCE_DISCLOSURE_KEYS=str(deployed.disclosure)
    )
    yield opened
    opened.console.stop()


def resolve(browser: Browser, receipt: str, case_number: str = "K 7/26") -> str:
    """Ask what lies behind a receipt; return the page."""
    browser.visit("/disclosures")
    fields = {"receipt": receipt, "purpose": "investigation", "case_number": case_number}
    return str(browser.send("/disclosures", **fields).text)


def in_force(office: Office) -> Browser:
    """Have a selector be listed, with a source and a reason; return the curator."""
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    path = draft(cora, PHONE[1], source="case-7", reason="seen at a hotel")
    submit(cora, path)
    approve(abel, path)
    eventually(lambda: state(abel, path) == HAS_LEFT, what="a file that has left")
    office.deployed.indexer("spool", "apply")
    eventually(lambda: state(abel, path) == "applied", what="an applied change")
    return cora


def ask_from_afar(acme: Partner, api: Api) -> str:
    """Ask in three countries, in the last about nobody; return the first receipt."""
    answer = acme.ask(api, OTHER, PHONE, booking_region="DE").json()
    assert answer["results"] == ["no_match", "match"]
    assert acme.ask(api, PHONE, booking_region="TH").json()["results"] == ["match"]
    assert acme.ask(api, OTHER, booking_region="ZW").json()["results"] == ["no_match"]
    return str(answer["receipt"])


def require_region_nowhere(deployed: Deployed, region: str) -> None:
    """Fail where journal, cache, logs or spools tell a country, or that one was told."""
    paths = [path for path in deployed.folder.rglob("*") if path.is_file()]
    assert any("journal" in path.parts for path in paths)
    for path in paths:
        content = path.read_bytes()
        assert json.dumps(region).encode() not in content, path
        # The console's database has a column of that name.
        assert b"booking_region" not in content or path.suffix == ".sqlite", path


def matched(office: Office, deployed: Deployed) -> tuple[Browser, str]:
    """Have a curator's entry matched from afar; return the curator, and the receipt."""
    acme = deployed.add_partner("acme", *NO_STRETCH)
    cora = in_force(office)
    api = deployed.serve()
    deployed.wait_ready(api)
    receipt = ask_from_afar(acme, api)
    return cora, receipt


def on_record(office: Office, event: str) -> list[str]:
    """Return what the console's ledger says of an event."""
    segments = sorted((office.console.home / "ledger").glob("*Z-*"))
    ledger = "".join(path.read_text() for path in segments)
    assert PHONE[1] not in ledger
    return re.findall(rf'"event":"{event}",(.*)', ledger)


def test_a_receipt_leads_an_authorised_user_to_the_entry_and_is_on_record(
    office: Office, deployed: Deployed, tmp_path: Path
) -> None:
    cora, receipt = matched(office, deployed)
    require_region_nowhere(deployed, "ZW")

    olga = office.authorised("olga", "Police of Examplia")
    assert UNKNOWN in resolve(olga, receipt)
    tell_matches(deployed, tmp_path / "copy", records=2)
    eventually(lambda: "what it is of has not" in resolve(olga, receipt), what="the record")
    assert on_record(office, "disclosed") == []
    assert "map of acme-" in deployed.indexer("spool", "map").stdout
    page = eventually(lambda: _shown(resolve(olga, f"{receipt}.1")), what="the map")
    assert (PHONE[1] in page, "trafficker" in page, "2 sightings" in page) == (True, True, True)
    rows = re.findall(r"<td[^>]*>phone</td><td[^>]*>(..)</td><td[^>]*>(yes|)</td>", page)
    # Moments are whole seconds: two of one stand in the order of their receipts, which are random.
    assert sorted(rows) == [("DE", "yes"), ("TH", "yes")]
    assert "Too far apart" in page
    assert ("seen at a hotel" in page, "case-7" in page) == (False, False)
    assert UNKNOWN in resolve(olga, f"{receipt}.0")
    (disclosed,) = on_record(office, "disclosed")
    assert f'"receipt":"{receipt}.1","purpose":"investigation","case_number":"K 7/26"' in disclosed
    assert '"organisation":"Police of Examplia"' in disclosed

    assert "Others work on the same" not in olga.visit("/").text
    assert "Another organisation works on this, too" in resolve(
        office.authorised("pia", "Prosecutor of Elsewhere"), receipt
    )
    assert "K 7/26" in olga.visit("/").text

    retract(cora, PHONE[1])
    eventually(lambda: "1 batch" in deployed.indexer("spool", "apply").stdout, what="a retraction")
    eventually(lambda: UNKNOWN in resolve(olga, receipt), what="no sightings")
    assert '"sightings":2' in on_record(office, "sightings deleted")[0]
    assert "Traceback" not in office.console.logged()


def test_what_hands_take_off_is_off_in_the_console_and_partners_hear_of_it(
    office: Office, deployed: Deployed, tmp_path: Path
) -> None:
    cora, receipt = matched(office, deployed)
    tell_matches(deployed, tmp_path / "copy", records=2)
    deployed.indexer("spool", "map")
    deployed.indexer("spool", "partners")
    olga = office.authorised("olga", "Police of Examplia")
    eventually(lambda: _shown(resolve(olga, receipt)), what="what lies behind it")
    assert "by hand" not in cora.visit("/").text

    deployed.indexer("retract", ":".join(PHONE), "--reason", "given to somebody else")
    deployed.indexer("spool", "exclusions")
    eventually(lambda: "Taken off by hand at the indexer" in cora.visit("/").text, what="the news")
    (selector,) = re.findall(r'href="(/selectors/[^"]+)"', cora.visit("/by-hand").text)
    page = cora.visit(selector).text
    assert "Taken off by hand at the indexer at 2" in page
    assert PHONE[1] not in page
    assert UNKNOWN in resolve(olga, receipt)
    assert '"sightings":2' in on_record(office, "sightings deleted")[0]
    assert len(on_record(office, "taken off by hand")) == 1
    assert "acme: 2 matches" in cora.visit("/notices").text
    (notice,) = re.findall(r'action="(/notices/by-hand-[0-9]+)"', cora.page.text)
    cora.send(notice, reason="somebody else's by then", password=PASSWORD)
    eventually(lambda: "acme" in deployed.indexer("spool", "apply").stdout, what="a notice")

    cora.visit(selector)
    cora.send(f"{selector}/retraction", reason="as the indexer has", password=PASSWORD)
    eventually(lambda: "1 batch" in deployed.indexer("spool", "apply").stdout, what="a retraction")
    deployed.indexer("spool", "exclusions")
    eventually(lambda: "by hand" not in cora.visit("/").text, what="a list that is one again")
    assert "Nobody waits to be told" in cora.visit("/notices").text
    assert "Traceback" not in office.console.logged()


def _shown(page: str) -> str | None:
    return page if "<h1>Disclosed</h1>" in page else None
