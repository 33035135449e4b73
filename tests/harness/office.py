"""A console and its indexer, and the people who keep the list with them."""

import json
import re
from pathlib import Path
from typing import Final

from tests.harness.console import PASSWORD, Browser, Console, added
from tests.harness.deployment import BIN, Deployed
from tests.harness.processes import Process, eventually
from tests.harness.template import Template

SIGNING: Final = frozenset(("curator", "approver", "partner_manager"))


class Office:
    """Everybody signed in, with a key that the indexer knows.

    `channel` is what the console's commands are forked from.
    """

    def __init__(
        self, deployed: Deployed, folder: Path, channel: Template, **settings: str
    ) -> None:
        self.deployed = deployed
        self.folder = folder
        self.spools = folder / "spool"
        self.console = Console(folder, None, template=channel)
        self.console.environment |= {"INTELLIGENCE_SPOOL": str(self.spools), **settings}
        deployed.environment["INDEXER_SPOOL"] = str(self.spools)
        token = self.console.initialise()
        self._introduce()
        self.console.serve()
        self.administrator = self.console.browser()
        self.approvers: list[Browser] = []
        self.administrator.set_up(token, "ada@gen.example")

    def watch(self) -> Process:
        """Have the indexer apply what comes."""
        watching = Process(
            [str(BIN / "indexer"), "spool", "apply", "--watch"],
            self.folder / "watch.log",
            environment=self.deployed.environment,
            cwd=self.folder,
        )
        self.deployed.keep(watching)
        eventually(lambda: "no file waits" in watching.logged(), what="a watching indexer")
        return watching

    def colleague(self, name: str, *roles: str, registered: bool = True) -> Browser:
        """Return somebody with these roles, and a key where they sign."""
        said: dict[str, str | list[str]] = {"name": name, "display_name": name.title()}
        said["roles"] = list(roles)
        token = added(self.administrator, self.approvers, **said)
        browser = self.console.browser()
        browser.accept(name, token)
        browser.enrol()
        if "approver" in roles:
            self.approvers.append(browser)
        if not SIGNING.intersection(roles):
            return browser
        browser.visit("/signing-key")
        browser.send("/signing-key", password=PASSWORD)
        (public,) = re.findall(r'class="secret">([^<]{44})<', browser.page.text)
        if registered:
            self.deployed.indexer("spool", "approver", "add", name, public)
        return browser

    def authorised(self, name: str, organisation: str, last_day: str = "2066-06-06") -> Browser:
        """Return an authorised user of an organisation."""
        token = added(
            self.administrator,
            self.approvers,
            name=name,
            display_name=name.title(),
            roles=["authorised_user"],
            organisation=organisation,
            legal_basis="section 7 of an act",
            last_day=last_day,
        )
        browser = self.console.browser()
        browser.accept(name, token)
        browser.enrol()
        return browser

    def _introduce(self) -> None:
        told = self.deployed.indexer("spool", "status", "--json").stdout
        self.console.run("spool", "init", "--deployment", json.loads(told)["deployment"])
        key = self.console.home / "console.spool.pub"
        self.deployed.indexer("spool", "init", "--console", str(key))
        self.console.run("spool", "trust", str(self.spools / "indexer.spool.pub"))


def check(browser: Browser, value: str, kind: str = "any") -> str:
    """Ask for a selector; return what the page is called."""
    browser.visit("/check")
    page = browser.send("/check", value=value, kind=kind).text
    (title,) = re.findall(r"<h1>(.*?)</h1>", page)
    return str(title)


def draft(browser: Browser, value: str, **said: str) -> str:
    """Write an addition as a draft; return where it is."""
    check(browser, value)
    browser.send("/changes", **{"role": "trafficker", "source": "case-7", "reason": "seen", **said})
    return browser.page.url.path


def submit(browser: Browser, path: str, password: str = PASSWORD) -> None:
    """Sign a draft, and have it wait."""
    browser.visit(path)
    browser.send(f"{path}/submission", password=password)


def approve(browser: Browser, path: str, password: str = PASSWORD) -> None:
    """Sign what another has submitted."""
    browser.visit(path)
    browser.send(f"{path}/approval", password=password)


def retract(browser: Browser, value: str) -> str:
    """Take a selector off the list; return where the change is."""
    check(browser, value)
    browser.send("/retractions", reason="given to somebody else", password=PASSWORD)
    return browser.page.url.path


HAS_LEFT: Final = "left for the indexer"


def state(browser: Browser, path: str) -> str:
    """Return how far a change has come, in the words of its page."""
    (found,) = re.findall(r"<dt>State</dt><dd>([\w ]+)", browser.visit(path).text)
    return str(found).strip()


def approved(cora: Browser, abel: Browser, value: str, **said: str) -> str:
    """Have a selector be proposed by one and approved by another; return the change."""
    path = draft(cora, value, **said)
    submit(cora, path)
    approve(abel, path)
    return path


def comes_into_force(browser: Browser, path: str) -> None:
    """Wait until an indexer that watches has applied a change."""
    eventually(lambda: state(browser, path) == "applied", what="an applied change")


def in_force(cora: Browser, abel: Browser, value: str, **said: str) -> str:
    """Have a selector be listed, which an indexer that watches applies; return the change."""
    path = approved(cora, abel, value, **said)
    comes_into_force(abel, path)
    return path


def tell_matches(deployed: Deployed, copy: Path, records: int = 1) -> None:
    """Bring a copy of the journal to the indexer's host, until as many records are told."""
    key = deployed.run("screening", "audit", "key").stdout.strip()
    told = 0

    def are_told() -> bool:
        nonlocal told
        deployed.run("screening", "audit", "export", str(copy))
        said = deployed.indexer("spool", "matches", str(copy), "--key", key).stdout
        told += sum(map(int, re.findall(r"^(\d+) records? with matches told", said)))
        return told >= records

    eventually(are_told, what="records in the signed log")
    assert told == records
