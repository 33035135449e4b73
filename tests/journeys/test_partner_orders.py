"""From a partner manager's form to what the API says to the partner: as they are run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.private_files import create_private
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, Browser
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.office import Office
from tests.harness.processes import eventually
from tests.harness.template import Template

NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
PHONE = ("phone", "+12025550142")


@pytest.fixture
def office(deployed: Deployed, tmp_path: Path, channel: Template) -> Iterator[Office]:
    opened = Office(deployed, tmp_path, channel)
    yield opened
    opened.console.stop()


def whole(browser: Browser, path: str) -> str:
    """Return a page, whose markup has no flaw that keeps somebody out."""
    page = browser.visit(path).text
    assert flaws_of(page) == []
    return page


def ordered(browser: Browser, page: str, action: str, **fields: str) -> str:
    """Send a form of a page; return the order's path."""
    browser.visit(page)
    browser.send(action, reason="its kit was seen in a public place", password=PASSWORD, **fields)
    return browser.page.url.path


def admitted(name: str, api: Api, managers: tuple[Browser, Browser], folder: Path) -> Partner:
    """Have a new partner ordered by one and approved by another; return it with the kit."""
    author, other = managers
    whole(author, "/partners/acme")
    whole(author, "/new-partner")
    said: dict[str, str | list[str]] = {"name": name, "api_url": api.url, "mode": "live"}
    author.send("/partners", **said, reason="agreed on", password=PASSWORD)
    path = author.page.url.path
    other.visit(path)
    other.send(f"{path}/approval", password=PASSWORD)
    eventually(lambda: "Take the kit" in author.visit(path).text, within_s=60, what="a kit")
    assert "Partners" in whole(author, "/")
    whole(author, path)
    kit = author.send(f"{path}/kit", password=PASSWORD)
    assert kit.headers["content-disposition"] == f'attachment; filename="{name}.kit.json"'
    assert "Take the kit" not in whole(author, path)
    file = folder / f"{name}.kit.json"
    create_private(file, kit.content)
    return Partner(file)


@pytest.mark.slow
def test_one_person_has_a_partner_refused_and_two_have_it_answered_and_another_added(
    office: Office, deployed: Deployed, tmp_path: Path
) -> None:
    acme = deployed.add_partner("acme", *NO_STRETCH)
    pam, per = (office.colleague(name, "partner_manager") for name in ("pam", "per"))
    api = deployed.serve()

    def is_refused() -> bool:
        return acme.ask(api, PHONE).status_code == 401

    eventually(lambda: not is_refused(), what="an API that knows the partner")
    deployed.environment["INDEXER_PRODUCTION"] = "1"  # by hand no partner is added any more
    watching = office.watch()
    eventually(lambda: "/partners/acme" in pam.visit("/partners").text, what="a partner")

    path = ordered(pam, "/partners/acme", "/partners/acme/suspension")
    eventually(is_refused, within_s=20, what="a 401")
    eventually(lambda: "applied" in pam.visit(path).text, what="an applied order")
    whole(per, path)
    per.send(f"{path}/review")
    eventually(
        lambda: re.search("<dd>suspended</dd>", pam.visit("/partners/acme").text), what="a state"
    )

    path = ordered(pam, "/partners/acme", "/partners/acme/resumption")
    assert is_refused()
    assert path in whole(per, "/partners")
    whole(per, path)
    per.send(f"{path}/approval", password=PASSWORD)
    eventually(lambda: not is_refused(), within_s=20, what="an answer")

    beta = admitted("beta", api, (pam, per), tmp_path)
    eventually(lambda: beta.ask(api, PHONE).status_code != 401, within_s=20, what="an answer")
    assert "Traceback" not in watching.logged() + office.console.logged()
