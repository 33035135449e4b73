"""From a partner manager's form to what the API says to the partner: as they are run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.console import PASSWORD, Browser
from tests.harness.deployment import Deployed
from tests.harness.office import Office
from tests.harness.processes import eventually

NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
PHONE = ("phone", "+12025550142")


@pytest.fixture
def office(deployed: Deployed, tmp_path: Path) -> Iterator[Office]:
    opened = Office(deployed, tmp_path)
    yield opened
    opened.console.stop()


def ordered(browser: Browser, page: str, action: str, **fields: str) -> str:
    """Send a form of a page; return the order's path."""
    browser.visit(page)
    browser.send(action, reason="its kit was seen in a public place", password=PASSWORD, **fields)
    return browser.page.url.path


def test_a_partner_that_one_person_suspends_is_refused_until_two_have_it_answered(
    office: Office, deployed: Deployed
) -> None:
    acme = deployed.add_partner("acme", *NO_STRETCH)
    pam, per = (office.colleague(name, "partner_manager") for name in ("pam", "per"))
    api = deployed.serve()

    def is_refused() -> bool:
        return acme.ask(api, PHONE).status_code == 401

    eventually(lambda: not is_refused(), what="an API that knows the partner")
    watching = office.watch()
    eventually(lambda: "/partners/acme" in pam.visit("/partners").text, what="a partner")

    path = ordered(pam, "/partners/acme", "/partners/acme/suspension")
    eventually(is_refused, within_s=20, what="a 401")
    eventually(lambda: "applied" in pam.visit(path).text, what="an applied order")
    per.visit(path)
    per.send(f"{path}/review")
    eventually(
        lambda: re.search("<dd>suspended</dd>", pam.visit("/partners/acme").text), what="a state"
    )

    path = ordered(pam, "/partners/acme", "/partners/acme/resumption")
    assert is_refused()
    per.visit(path)
    per.send(f"{path}/approval", password=PASSWORD)
    eventually(lambda: not is_refused(), within_s=20, what="an answer")
    assert "Traceback" not in watching.logged() + office.console.logged()
