"""A console and its indexer, and the people who keep the list with them."""

import json
import re
from pathlib import Path

from tests.harness.console import PASSWORD, Browser, Console, added
from tests.harness.deployment import BIN, Deployed
from tests.harness.processes import Process, eventually
from tests.harness.template import Template


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
        """Return somebody with these roles and a key."""
        said: dict[str, str | list[str]] = {"name": name, "display_name": name.title()}
        said["roles"] = list(roles)
        token = added(self.administrator, self.approvers, **said)
        browser = self.console.browser()
        browser.accept(name, token)
        browser.enrol()
        if "approver" in roles:
            self.approvers.append(browser)
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


def state(browser: Browser, path: str) -> str:
    """Return how far a change has come."""
    (found,) = re.findall(r"<dt>State</dt><dd>(\w+)", browser.visit(path).text)
    return str(found)
