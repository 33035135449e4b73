"""From a curator's form to a partner's answer: console, indexer and API as they are run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.console import PASSWORD, Browser
from tests.harness.deployment import Deployed
from tests.harness.office import HAS_LEFT, Office, approve, check, draft, retract, state, submit
from tests.harness.processes import eventually
from tests.harness.template import Template

PHONE = ("phone", "+12025550142")
OTHER = ("email", "jane@booking.example")
NO_STRETCH = ("--stretch", "none", "--allow-unstretched")


@pytest.fixture
def office(deployed: Deployed, tmp_path: Path, channel: Template) -> Iterator[Office]:
    opened = Office(deployed, tmp_path, channel)
    yield opened
    opened.console.stop()


def test_what_one_adds_and_another_approves_matches_and_what_one_retracts_does_not(
    office: Office, deployed: Deployed, tmp_path: Path
) -> None:
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    acme = deployed.add_partner("acme", *NO_STRETCH)
    watching = office.watch()
    deployed.environment["INDEXER_PRODUCTION"] = "1"
    assert check(cora, "+1 (202) 555-0142") == "Not on the list"

    path = draft(cora, "+1 (202) 555-0142")
    submit(cora, path)
    assert state(cora, path) == "submitted"
    abel.visit("/review")
    assert path in abel.page.text
    approve(abel, path)
    eventually(lambda: state(abel, path) == "applied", what="an applied change")
    assert re.search(r"file 1, applied as release \d+", abel.page.text)
    api = deployed.serve()
    deployed.wait_ready(api)
    assert acme.results(api, PHONE, OTHER) == ["match", "no_match"]
    assert check(cora, "+1 (202) 555-0142") == "On the list"

    other = draft(cora, OTHER[1], role="buyer")
    submit(cora, other)
    approve(abel, other)
    eventually(lambda: acme.results(api, PHONE, OTHER) == ["match", "match"], what="a match")

    gone = retract(cora, PHONE[1])
    eventually(lambda: acme.results(api, PHONE, OTHER) == ["no_match", "match"], what="no match")
    eventually(lambda: state(cora, gone) == "applied", what="an applied retraction")
    assert gone in abel.visit("/review").text
    abel.visit(gone)
    abel.send(f"{gone}/review")
    assert gone not in abel.visit("/review").text
    assert check(cora, PHONE[1]) == "Taken off the list"
    require_same_seen(office, deployed)
    assert "Traceback" not in watching.logged() + office.console.logged()


def require_same_seen(office: Office, deployed: Deployed) -> None:
    """Fail unless both hosts show the same of the spools, once all is in force and heard."""

    def seen() -> tuple[dict[str, Any], dict[str, Any]]:
        return (
            json.loads(office.console.run("spool", "status", "--json").stdout),
            json.loads(deployed.indexer("spool", "status", "--json").stdout),
        )

    def are_same() -> bool:
        here, there = seen()  # the indexer may tell more between the two looks
        names = ("deployment", "console", "statements", "digest", "up_sequence")
        return all(here[name] == there[name] for name in names) and here["unread"] == 0

    eventually(are_same, what="the same on both hosts")
    here, there = seen()
    last = there["next_sequence"] - 1
    assert (here["last_written"]["sequence"], here["last_written"]["state"]) == (last, "applied")
    assert (here["last_told"]["of"], here["last_told"]["outcome"]) == (last, "applied")
    assert (here["is_held"], here["waiting"], here["to_do"]) == (True, 0, [])


def require_watched(browser: Browser, path: str) -> None:
    """Fail unless a change on its way has a page that looks again, for a while."""
    watched = browser.client.get(f"{path}/progress")
    assert watched.headers["refresh"] == f"2; url={path}/progress?look=2"
    assert "Left for the indexer in file 1" in watched.text
    assert "refresh" not in browser.client.get(f"{path}/progress?look=100").headers


@pytest.mark.slow
def test_nobody_approves_their_own_and_what_comes_back_is_shown_until_it_is_noted(
    office: Office, deployed: Deployed
) -> None:
    bo = office.colleague("bo", "curator", "approver")
    abel = office.colleague("abel", "approver", registered=False)
    path = draft(bo, PHONE[1])
    submit(bo, path)
    page = bo.visit(path)
    assert "/approval" not in page.text
    (token,) = set(re.findall(r'name="csrf" value="([^"]+)"', page.text))
    sent = {"csrf": token, "password": PASSWORD, "shown": ""}
    forced = bo.client.post(f"{path}/approval", data=sent)
    assert forced.status_code == 422
    assert "nobody approves what they have written" in forced.text
    assert state(bo, path) == "submitted"
    assert bo.client.get(f"{path}/progress").status_code == 404

    approve(abel, path)
    eventually(lambda: state(bo, path) == HAS_LEFT, what="a file that has left")
    require_watched(bo, path)
    assert "nobody has registered" in deployed.indexer("spool", "apply", expect=4).stderr
    eventually(lambda: state(bo, path) == "refused", what="a change that came back")
    assert "refresh" not in bo.visit(f"{path}/progress").headers
    assert "It came back" in bo.page.text
    assert "nobody has registered" in bo.visit(path).text
    assert "Nothing comes of 1 that was signed" in bo.visit("/").text
    bo.visit(path)
    bo.send(f"{path}/note")
    assert "Nothing comes of" not in bo.visit("/").text
    abel.visit("/signing-key")
    (public,) = re.findall(r'class="secret">([^<]{44})<', abel.page.text)
    deployed.indexer("spool", "approver", "add", "abel", public)
    again = draft(bo, PHONE[1])
    submit(bo, again)
    approve(abel, again)
    eventually(lambda: state(bo, again) == HAS_LEFT, what="a file that has left")
    deployed.indexer("spool", "apply")
    eventually(lambda: state(bo, again) == "applied", what="an applied change")
    assert "own approval refused" in office.console.events()
    assert "Traceback" not in office.console.logged()


@pytest.mark.slow
def test_a_refusal_of_a_file_is_shown_until_its_cause_is_gone(
    office: Office, deployed: Deployed
) -> None:
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    path = draft(cora, PHONE[1])
    submit(cora, path)
    approve(abel, path)
    eventually(lambda: state(cora, path) == HAS_LEFT, what="a file that has left")
    deployed.indexer("spool", "apply")
    eventually(lambda: state(cora, path) == "applied", what="an applied change")
    deployed.indexer("add", "phone:+12025550144", "--role", "buyer", "--by-hand")  # by hand
    gone = retract(cora, PHONE[1])
    eventually(lambda: state(cora, gone) == HAS_LEFT, what="a file that has left")
    deployed.indexer("spool", "apply", expect=4)
    eventually(lambda: "The indexer refuses file" in abel.visit("/").text, what="the refusal")
    deployed.indexer("rollback", "--by-hand")
    deployed.indexer("spool", "apply")
    eventually(lambda: state(cora, gone) == "applied", what="an applied retraction")
    assert "The indexer refuses file" not in abel.visit("/").text
