"""The authorised channel in short: two people list a selector, and a third learns what matched.

The console knows nothing of a list that came by hand, so that it begins on an empty one: before the
sample list is published, not after it.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from examples.browser import Person
from examples.commands import Environment, output_of, run, serving, step, told, wait_for

SELECTOR: Final = "+1 202-555-0142"
_ROLES: Final = {"cora": "curator", "abel": "approver"}
_CASE: Final = {"purpose": "investigation", "case_number": "K 7/26"}
_ON_RECORD: Final = ("receipt", "purpose", "case number", "organisation", "fields")
_OUTSIDE: Final = {
    "organisation": "Police of Examplia",
    "legal_basis": "section 7 of the Police Act",
    "last_day": str((datetime.now(UTC) + timedelta(days=90)).date()),
}


class Channel:
    """A console that serves, and the people at it."""

    def __init__(self, environment: Environment, folder: Path, url: str) -> None:
        self._environment = environment
        self._folder = folder
        self._url = url
        self._people: dict[str, Person] = {}

    def leave(self) -> None:
        """Close all browsers."""
        for one in self._people.values():
            one.leave()

    def staff(self, token: str) -> None:
        """Let those in who keep the list and who look after that, and register the signing keys."""
        self._person("ada").come_in("/set-up", token=token, display_name="Ada")
        told("ada", "administrator, by the token that intelligence init has printed")
        for name, role in _ROLES.items():
            person = self._invite(name, role)
            person.visit("/signing-key")
            public = person.sign("/signing-key").texts["secret"][0]
            run(self._environment, "indexer", "spool", "approver", "add", name, public)
        self._invite("ida", "auditor")

    def list_selector(self) -> None:
        """Have one person write an entry and another approve it; then the indexer applies it."""
        cora, abel = self._people["cora"], self._people["abel"]
        cora.visit("/check")
        found = cora.send("/check", value=SELECTOR).title
        told("cora", f"looks {SELECTOR} up: {found.lower()}")
        said = {"role": "trafficker", "source": "case 17", "reason": "seen in an advertisement"}
        cora.send("/changes", **said)
        change = cora.path
        cora.sign(f"{change}/submission")
        told("cora", "writes what case 17 says of it, and signs that")
        abel.visit(change)
        abel.sign(f"{change}/approval")
        told("abel", "looks at it, approves it and signs it as well: nobody approves their own")
        wait_for(lambda: _state(abel, change) == "left for the indexer", "the console's file")
        run(self._environment, "indexer", "spool", "apply")
        wait_for(lambda: _state(abel, change) == "applied", "the indexer's word")
        told("abel", "sees that it is in force")

    def resolve(self, receipt: str) -> None:
        """Have an authorised user resolve the receipt of a match, and an auditor look at that."""
        step("\nbringing up the record of the match, sealed as it is, and what digests stand for")
        self._tell_matches()
        run(self._environment, "indexer", "spool", "map")
        ida = self._people["ida"]
        wait_for(lambda: ida.visit("/audit?event=map+told").texts.get("facts"), "the map")
        step("the company hands the receipt to an authorised user, who resolves it")
        olga = self._invite("olga", "authorised_user", **_OUTSIDE)
        olga.visit("/disclosures")
        page = olga.send("/disclosures", receipt=receipt, **_CASE)
        told("olga", f"states an investigation and case {_CASE['case_number']}, and is shown:")
        for term, what in page.facts:
            told("", f"{term:14}{what}")
        told("", f"{'':14}{page.texts['caption'][0]}")
        told("", "(the e-mail and the card came by a file, of which the console knows nothing)")
        (record,) = ida.visit("/audit?event=disclosed").texts["facts"]
        told("ida", "sees on record who was shown what, and what for:")
        for fact in record.split("; "):
            if fact.startswith(_ON_RECORD):
                told("", fact)
        verdict = ida.send("/audit/verification").texts["status"][0]
        told("ida", f"has the record verified: {verdict}")

    def _tell_matches(self) -> None:
        """Bring a copy of the journal to the indexer; its last record is signed a little later."""
        copy = str(self._folder / "journal-copy")
        key = output_of(self._environment, "screening", "audit", "key").strip()

        def is_told() -> str | None:
            output_of(self._environment, "screening", "audit", "export", copy)
            said = output_of(self._environment, "indexer", "spool", "matches", copy, "--key", key)
            return said.strip() if said.startswith("1 record") else None

        told("indexer", wait_for(is_told, "the signed record"))

    def _person(self, name: str) -> Person:
        self._people[name] = Person(self._url, name)
        return self._people[name]

    def _invite(self, name: str, role: str, **outside: str) -> Person:
        """Have Ada let somebody in; once there is an approver, that takes Abel, too."""
        ada, abel = self._people["ada"], self._people.get("abel")
        ada.visit("/staff/new")
        page = ada.send("/staff", name=name, display_name=name.title(), roles=[role], **outside)
        token, by = page.texts["secret"][0], "ada"
        if abel is not None:
            (confirmation,) = (
                one for one in abel.visit("/staff/requests").forms if one.endswith("/confirmation")
            )
            token, by = f"{token} {abel.send(confirmation).texts['secret'][0]}", "ada and abel"
        person = self._person(name)
        person.come_in("/invitation", token=token)
        of = f" of the {outside['organisation']}" if outside else ""
        told(name, f"{role.replace('_', ' ')}{of}, let in by {by}")
        return person


@contextmanager
def channel(environment: Environment, folder: Path) -> Iterator[Channel]:
    """Set the channel up and serve it; it meets the indexer in a folder, and nowhere else."""
    step("setting the authorised channel up: keys, and trust between console and indexer")
    said = output_of(environment, "intelligence", "init")
    (token,) = re.findall(r"valid for three days: (\S+)", said)
    status = json.loads(output_of(environment, "indexer", "spool", "status", "--json"))
    home, spool = Path(environment["INTELLIGENCE_HOME"]), Path(environment["INDEXER_SPOOL"])
    deployment = status["deployment"]
    output_of(environment, "intelligence", "spool", "init", "--deployment", deployment)
    run(environment, "indexer", "spool", "init", "--console", str(home / "console.spool.pub"))
    run(environment, "intelligence", "spool", "trust", str(spool / "indexer.spool.pub"))
    step("starting the console, and letting people in, each with password and second factor")
    log = folder / "console.log"
    port = ("--port", "0")
    with serving(environment, log, "intelligence", *port, live="/static/console.css") as (url, _):
        opened = Channel(environment, folder, url)
        try:
            opened.staff(token)
            yield opened
        finally:
            opened.leave()


def _state(person: Person, change: str) -> str:
    """Return how far a change has come."""
    return dict(person.visit(change).facts[:1])["State"]
