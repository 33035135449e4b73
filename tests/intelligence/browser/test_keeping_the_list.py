"""Curators and approvers at their windows: what is proposed, approved, in force, and undone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.harness.chromium import Screens, Window
from tests.harness.console import PASSWORD, Browser
from tests.harness.office import Office, draft, in_force, submit
from tests.harness.processes import eventually

SIGNED: Final = {"Your password": PASSWORD}
SAID: Final = {"Role": "trafficker", "Source": "case 17", "Reason": "seen in an advertisement"}
REGION: Final = "Country of a phone without + (if any)"
WATCH: Final = "Watch it come into force"
TABLE: Final = """Handy,E-mail,Was,Notiz
+1 202 555 0160,,trafficker,hotel in Examplia
,eve@listed.example,facilitator,answers advertisements
+1 202 555 0161,,the victim,
+1 202,,trafficker,
"""


@dataclass(frozen=True)
class Desk:
    """A curator and an approver, each at a browser of the harness and at a window."""

    office: Office
    cora: Browser
    abel: Browser
    at_cora: Window
    at_abel: Window


@pytest.fixture(scope="module")
def desk(office: Office, chromium: Screens) -> Iterator[Desk]:
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    in_force(cora, abel, "+1 202 555 0150")
    yield Desk(office, cora, abel, chromium.window_of(cora), chromium.window_of(abel))


def comes_into_force(window: Window, *, picture: str = "") -> None:
    """Watch a change until it is in force; leave it at its page."""
    watch = window.page.get_by_role("link", name=WATCH)
    if watch.count():
        watch.click()
    else:  # it was in force before anybody could look
        window.page.goto(f"{window.page.url}/progress")
    window.await_title("Came into force")
    if picture:
        window.picture(picture)
    window.follow("The change")
    assert "applied as release" in window.text


def test_what_is_checked_is_proposed_by_one_and_approved_by_another(desk: Desk) -> None:
    cora, abel = desk.at_cora, desk.at_abel
    cora.visit("/")
    cora.follow("Check one")
    cora.send("Check", {"Phone, card or e-mail": "+1 (202) 555-01"}, status=422)
    cora.send("Check", {"Phone, card or e-mail": "+1 (202) 555-0142"})
    assert cora.title == "Not on the list"
    cora.picture("checked")
    cora.send("Keep as a draft", SAID)
    cora.picture("draft")
    cora.send("Sign and submit", {"Your password": "wrong"}, status=422)
    cora.send("Sign and submit", SIGNED)
    assert not cora.form("Sign and approve").count()
    change = cora.path
    abel.visit("/")
    abel.picture("home")
    abel.follow("Changes to approve")
    abel.picture("changes")
    abel.turn(abel.page.locator(f'a[href="{change}"]').click)
    abel.send("Reveal", {"Purpose": "To approve or refuse a change"})
    assert "+12025550142" in abel.text
    abel.visit(change)
    abel.picture("approve")
    abel.send("Sign and approve", SIGNED)
    comes_into_force(abel, picture="in-force")
    cora.visit("/check")
    cora.send("Check", {"Phone, card or e-mail": "(202) 555-0142", REGION: "US"})
    assert cora.title == "On the list"


@pytest.mark.slow
def test_a_file_is_uploaded_looked_through_and_drafted(desk: Desk, tmp_path: Path) -> None:
    cora = desk.at_cora
    file = tmp_path / "case 18.csv"
    file.write_text(TABLE)
    cora.visit("/imports")
    cora.picture("import")
    cora.send("Upload", {"File (or paste below)": file})
    cora.send(
        "Read it so",
        {
            "Was": "role",
            "Notiz": "reason",
            "Source of all that name none (if any)": "case 18",
        },
    )
    cora.picture("look-through", part="Rows")
    assert "+12*******60" in cora.text
    assert "2025550160" not in cora.text
    cora.send("Keep as a draft", status=422)
    ticked = cora.form("Keep as a draft").get_by_role("checkbox")
    ticked.check()
    cora.send("Keep as a draft")
    assert "2 to add" in cora.text
    cora.send("Sign and submit", SIGNED)
    assert "submitted" in cora.text


@pytest.mark.slow
def test_a_selector_is_seen_whole_for_a_purpose_and_taken_off_for_a_reason(desk: Desk) -> None:
    cora, abel = desk.at_cora, desk.at_abel
    change = in_force(desk.cora, desk.abel, "+1 202 555 0143")
    cora.visit(change)
    cora.follow("All that is known of it")
    cora.picture("selector")
    cora.send("Reveal", {"Purpose": "To put an entry right", "Case (if any)": "case 17"})
    assert "+12025550143" in cora.text
    cora.visit(cora.path.removesuffix("/reveal"))
    assert "+12025550143" not in cora.text
    cora.picture("take-off", part="Take it off the list")
    cora.send("Take it off now", {"Reason": "given to somebody else", **SIGNED})
    comes_into_force(cora)
    gone = cora.path
    abel.visit("/review")
    assert gone in abel.page.content()
    abel.visit(gone)
    abel.send("I have looked at it")
    abel.visit("/review")
    assert gone not in abel.page.content()


@pytest.mark.slow
def test_a_version_is_compared_and_gone_back_to(desk: Desk) -> None:
    cora = desk.at_cora
    in_force(desk.cora, desk.abel, "+1 202 555 0144")
    cora.visit("/versions")
    cora.picture("versions")
    cora.turn(cora.page.locator("tbody a").first.click)
    cora.send("Compare", {"Version": "0"})
    cora.visit("/versions/1")
    cora.send("Write the drafts")
    assert "to take off" in cora.text
    cora.send("Take back", {"Reason": "a look alone"})


@pytest.mark.slow
def test_what_a_colleague_has_submitted_is_refused(desk: Desk) -> None:
    path = draft(desk.cora, "+1 202 555 0145")
    submit(desk.cora, path)
    abel = desk.at_abel
    abel.visit(path)
    abel.send("Refuse", {"Reason": "the source says otherwise"})
    desk.at_cora.visit(path)
    assert "the source says otherwise" in desk.at_cora.text


@pytest.mark.slow
def test_a_signing_key_is_shown(desk: Desk) -> None:
    cora = desk.at_cora
    cora.visit("/")
    cora.follow("Your signing key")
    assert "Fingerprint" in cora.text


@pytest.mark.slow
def test_a_rule_of_the_safety_lists_is_ordered_by_one_and_approved_by_another(desk: Desk) -> None:
    cora, abel = desk.at_cora, desk.at_abel
    cora.visit("/safety-lists")
    rule = {
        "Covers": "this one",
        "Value": "+1 202 555 0190",
        "Category": "shelter",
        "What it is": "a shelter in Examplia",
        "Reason": "the shelter has written",
    }
    cora.send("Sign and order", {**rule, "Your password": "wrong"}, status=422)
    cora.send("Sign and order", {**rule, **SIGNED})
    order = cora.path
    abel.visit("/")
    abel.follow("Orders of the safety lists, to approve")
    abel.turn(abel.page.locator(f'a[href="{order}"]').click)
    abel.send("Sign and approve", SIGNED)

    def is_told() -> bool:
        cora.visit("/safety-lists")
        return "+12025550190" in cora.text

    eventually(is_told, what="a rule that is in force")
    cora.visit("/check")
    cora.send("Check", {"Phone, card or e-mail": "+1 202 555 0190"})
    assert cora.title == "On a safety list, never listed"


@pytest.mark.slow
def test_a_challenge_is_recorded_by_one_who_learns_nothing_and_looked_into_by_another(
    desk: Desk,
) -> None:
    cora, abel = desk.at_cora, desk.at_abel
    cora.visit("/challenges")
    letter = {
        "Phones, cards, e-mail addresses": "+1 202 555 0163",  # of none that one here has listed
        "Reference": "letter 12",
        "Ground": "has had the number since last month",
    }
    cora.send("Record it", {**letter, "Reference": "+1 202 555 0150"}, status=422)
    cora.send("Record it", letter)
    assert "it will be reviewed" in cora.text
    abel.visit("/")
    abel.follow("Challenges to look into")
    abel.follow("letter 12")
    abel.picture("challenge")
    abel.form("Conclude").get_by_label("Nothing is to be done").check()
    abel.send("Conclude", {"Reason": "the source has been asked", **SIGNED})
    abel.visit("/challenges")
    assert "Nothing is to be reviewed" in abel.text


@pytest.mark.slow
def test_back_shows_what_was_told_and_a_double_click_makes_one_draft(desk: Desk) -> None:
    cora = desk.at_cora
    cora.visit("/check")
    cora.send("Check", {"Phone, card or e-mail": "+1 202 555 0168"})
    told, path = cora.text, cora.path
    cora.follow("Check another one")
    cora.page.go_back()
    cora.await_title("Not on the list")
    assert (cora.text, cora.path) == (told, path)
    cora.fill("Keep as a draft", SAID)
    cora.form("Keep as a draft").get_by_role("button").dblclick()
    cora.await_title("Change: draft")
    change = cora.path
    cora.visit("/review?show=drafts")
    assert cora.text.count("+12*******68") == 1
    cora.visit(change)
    cora.send("Take back", {"Reason": "a double click"})
