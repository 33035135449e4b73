"""From questions that an API host answers to what a partner manager sees of who asks them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.accessibility import flaws_of
from tests.harness.console import Browser
from tests.harness.deployment import Deployed, Partner
from tests.harness.office import Office
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.journeys.searching import CANARIES, LISTED

NOBODY = [("email", f"traveller-{number}@booking.example") for number in range(5)]


@pytest.fixture
def office(deployed: Deployed, tmp_path: Path, channel: Template) -> Iterator[Office]:
    opened = Office(deployed, tmp_path, channel)
    yield opened
    opened.console.stop()


def figures(browser: Browser) -> dict[str, str]:
    """Return what a partner's page says in numbers."""
    page = browser.visit("/partners/acme").text
    assert flaws_of(page) == []
    found = re.findall(r"<dt>([^<]*)</dt><dd>\s*(not known|[0-9]+)", page)
    return dict(found)


@pytest.mark.slow
def test_what_a_partner_asks_and_a_canary_that_matched_come_to_its_page(
    deployed: Deployed, acme: Partner, office: Office
) -> None:
    pam = office.colleague("pam", "partner_manager")
    api = deployed.serve()
    deployed.wait_ready(api)
    deployed.indexer("spool", "partners")
    eventually(lambda: "/partners/acme" in pam.visit("/partners").text, what="a partner")
    assert "Nothing is known of the last 30 days" in pam.visit("/partners/acme").text
    assert "Partners in trouble" not in pam.visit("/").text

    assert acme.results(api, LISTED[0], *NOBODY) == ["match"] + 5 * ["no_match"]
    assert acme.results(api, LISTED[0], *NOBODY) == ["match"] + 5 * ["no_match"]
    assert acme.results(api, CANARIES[0]) == ["match"]

    def is_told() -> bool:
        deployed.indexer("spool", "partners")
        told = figures(pam)
        return "Partners in trouble" in pam.visit("/").text and (
            told.get("Selectors asked in 30 days") == "13"
            and told["Of these matched"] == "3"
            and told["Different matches in 30 days"] == "2"
        )

    eventually(is_told, within_s=60, what="what is asked, and that a canary matched")
    home, page = pam.visit("/").text, pam.visit("/partners/acme").text
    assert re.search(r'<a href="/partners/acme">acme</a>: a canary of it matched.*since 20', home)
    assert "It is under suspicion, and answered as before" in page
    assert "Take it for a search until somebody can say who asked" in page
    assert CANARIES[0][1] not in page + home
    assert page.count('<rect class="unknown"') == 29
    assert "answered as ever, and under suspicion" in deployed.indexer("status").stdout

    deployed.indexer("partner", "lift", "acme")
    deployed.indexer("spool", "partners")
    eventually(
        lambda: "Partners in trouble" not in pam.visit("/").text, what="a partner that was let go"
    )
    assert "Traceback" not in office.console.logged()
