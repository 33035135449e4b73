"""Partners, what they say, who is told, the record, and whoever comes from outside."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from screening.vocabulary.kit import parse_kit
from tests.harness.chromium import Screens, Window
from tests.harness.console import PASSWORD, Browser
from tests.harness.deployment import Api, Partner
from tests.harness.office import (
    Office,
    approved,
    comes_into_force,
    retract,
    tell_matches,
)
from tests.harness.processes import eventually

SIGNED: Final = {"Your password": PASSWORD}
CASE: Final = {"Purpose": "Investigation of a crime", "Case number": "K 7/26"}
NO_STRETCH: Final = ("--stretch", "none", "--allow-unstretched")
PHONES: Final = ("+12025550142", "+12025550143", "+12025550144")


@dataclass(frozen=True)
class World:
    """An office with a partner whose matches have come up, and the receipt of each."""

    office: Office
    chromium: Screens
    api: Api
    acme: Partner
    cora: Browser
    abel: Browser
    receipts: dict[str, str]

    def window_of(self, name: str, *roles: str) -> Window:
        return self.chromium.window_of(self.office.colleague(name, *roles))


@pytest.fixture(scope="module")
def world(
    office: Office, chromium: Screens, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    deployed = office.deployed
    acme = deployed.add_partner("acme", *NO_STRETCH)
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    changes = [
        approved(cora, abel, phone, source="case 17", reason="seen in an advertisement")
        for phone in PHONES
    ]
    for change in changes:
        comes_into_force(abel, change)
    api = deployed.serve()
    deployed.wait_ready(api)
    receipts = {phone: matched(acme, api, phone) for phone in PHONES}
    for phone, outcome in zip(PHONES, ("confirmed", "false"), strict=False):
        say(acme, api, receipts[phone], outcome)
    tell_matches(deployed, tmp_path_factory.mktemp("copy") / "journal", records=5)
    deployed.indexer("spool", "map")
    eventually(lambda: receipts[PHONES[0]] in cora.visit("/feedback").text, what="feedback")
    yield World(office, chromium, api, acme, cora, abel, receipts)


def matched(acme: Partner, api: Api, phone: str) -> str:
    def is_match() -> str | None:
        answer = acme.ask(api, ("phone", phone)).json()
        return str(answer["receipt"]) if answer["results"] == ["match"] else None

    return eventually(is_match, what="a match")


def say(acme: Partner, api: Api, receipt: str, outcome: str) -> None:
    """Say what came of a match, once the log of the host is there."""

    def is_taken() -> bool:
        said = {"receipt": receipt, "outcome": outcome}
        url = f"{api.url}/v1/feedback"
        return httpx.post(url, json=said, headers=acme.headers, timeout=10).is_success

    eventually(is_taken, what="feedback that is on record")


def proved(window: Window, somebody: Browser, act: Callable[[], object]) -> None:
    """Do something, once more where both factors are asked for first: five minutes have passed."""
    act()
    if window.title == "Is it you?":
        window.send("Continue", {**SIGNED, "Code": somebody.codes.pop()})
        act()


@pytest.mark.slow
def test_a_partner_is_ordered_by_one_approved_by_another_and_its_kit_given_once(
    world: World,
) -> None:
    pam = world.window_of("pam", "partner_manager")
    per = world.window_of("per", "partner_manager")
    pam.visit("/")
    pam.follow("Partners")
    pam.follow("New partner")
    said = {"Name": "beta", "Where it asks": world.api.url, "Reason": "agreed on", **SIGNED}
    pam.send("Sign and order", {**said, "Name": "No Name"}, status=422)
    pam.send("Sign and order", said)
    order = pam.path
    per.visit("/partners")
    per.turn(per.page.locator(f'a[href="{order}"]').click)
    per.send("Sign and approve", SIGNED)

    def has_kit() -> bool:
        pam.visit(order)
        return pam.form("Take the kit").count() > 0

    eventually(has_kit, what="a kit")
    kit = pam.take("Take the kit", SIGNED)
    assert kit.suggested_filename == "beta.kit.json"
    assert parse_kit(Path(kit.path()).read_bytes()).partner == "beta"
    pam.visit(order)
    assert not pam.form("Take the kit").count()
    pam.visit("/partners/acme")
    pam.send(
        "Sign and suspend",
        {"Reason": "its kit was seen in public", "Your password": "wrong"},
        status=422,
    )


@pytest.mark.slow
def test_what_partners_say_is_looked_at_and_who_was_told_of_what_was_false_hears_of_it(
    world: World,
) -> None:
    cora = world.chromium.window_of(world.cora)
    cora.visit("/")
    assert "Feedback of partners to look at" in cora.text
    cora.follow("Feedback of partners to look at")
    cora.picture("feedback")
    assert "false" in cora.text
    cora.turn(cora.page.locator("tbody a").first.click)
    assert "What partners say of its matches" in cora.text
    cora.visit("/feedback")
    cora.turn(cora.form("I have looked at it").first.get_by_role("button").click)
    gone = retract(world.cora, PHONES[1])
    comes_into_force(world.cora, gone)
    cora.visit("/notices")
    assert "acme: 1 match" in cora.text
    cora.picture("notices", part="Taken off by this change")
    told = "It was false: sign, and have them told"
    cora.send(told, {"Reason": "given to somebody else", **SIGNED})
    assert "Nobody waits to be told" in cora.text


@pytest.mark.slow
def test_an_auditor_filters_takes_away_and_verifies_the_record(world: World) -> None:
    ida = world.window_of("ida", "auditor")
    ida.visit("/")
    ida.follow("Audit")
    ida.send("Show", {"Kind": "change approved", "Person": "Abel"})
    ida.picture("audit", part="What is shown")
    taken = Path(ida.take("Export").path()).read_text()
    rows = [*csv.DictReader(io.StringIO(taken))]
    assert len(rows) == len(PHONES)
    ida.send("Verify")
    assert "records follow from one another" in ida.text
    ida.visit("/audit?day=2020-01-01")
    ida.visit("/versions")


@pytest.mark.slow
def test_somebody_is_admitted_by_two(world: World) -> None:
    administrator = world.office.administrator
    ada, abel = world.chromium.window_of(administrator), world.chromium.window_of(world.abel)
    ada.visit("/staff/new")
    said = {"Log-in name": "new@gen.example", "Name": "Newcomer", "Analyst": "yes"}
    proved(ada, administrator, lambda: ada.send("Add", said))
    assert ada.title == "Hand over this half of a token"
    abel.visit("/")
    abel.follow("People who wait for a second person")
    proved(abel, world.abel, lambda: abel.send("Turn down"))
    assert "Nothing waits" in abel.text


@pytest.mark.slow
def test_an_authorised_user_resolves_a_receipt_follows_it_and_takes_a_file_by_two(
    world: World,
) -> None:
    olga = world.chromium.window_of(world.office.authorised("olga", "Police of Examplia"))
    receipt = world.receipts[PHONES[2]]
    olga.visit("/")
    olga.follow("Resolve a receipt")
    olga.send("Show", {"Receipt": "k4q7", **CASE}, status=422)
    olga.fill("Show", {"Receipt": receipt, **CASE})
    olga.picture("resolve")
    olga.send("Show", {"Receipt": f"{receipt}.0", **CASE})
    assert PHONES[2] in olga.text
    assert "seen in an advertisement" not in olga.text
    olga.picture("disclosed")
    olga.send(f"Follow: tell me of new sightings of match {receipt}.0")
    assert "nothing new" in olga.text
    olga.picture("following")
    olga.follow("Exports")
    olga.send("Ask for it", {"Receipts (if any)": f"{receipt}.0", **CASE})
    olga.picture("exports")
    abel = world.chromium.window_of(world.abel)
    abel.visit("/exports")
    proved(abel, world.abel, lambda: abel.send("Approve"))
    olga.visit("/exports")
    file = Path(olga.take("Download, this once").path()).read_text()
    (row,) = csv.DictReader(io.StringIO(file))
    assert row["asked"] == f"{receipt}.0"
