"""Selectors, versions and the record by their pages; console and indexer as they are run."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, Browser
from tests.harness.deployment import Deployed
from tests.harness.office import HAS_LEFT, Office, approve, check, draft, in_force, state, submit
from tests.harness.processes import eventually
from tests.harness.template import Template

WHOLE, MASK = "+12025550142", "+12*******42"


@pytest.fixture
def office(deployed: Deployed, tmp_path: Path, channel: Template) -> Iterator[Office]:
    opened = Office(deployed, tmp_path, channel)
    yield opened
    opened.console.stop()


def _whole(page: str) -> str:
    assert flaws_of(page) == []
    return page


@pytest.mark.slow
def test_a_change_is_masked_and_revealed_for_whoever_signs_it(office: Office) -> None:
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    path = draft(cora, WHOLE)
    submit(cora, path)
    assert WHOLE not in _whole(abel.visit(path).text)
    assert MASK in abel.page.text
    abel.send(f"{path}/reveal", purpose="approval", case="case 7")
    assert WHOLE in _whole(abel.page.text)
    abel.send(f"{path}/approval", password=PASSWORD)
    assert WHOLE not in abel.page.text
    assert state(abel, path) in ("approved", HAS_LEFT)
    assert office.console.events().count("change revealed") == 1
    _assert_not_written(office, WHOLE)


@pytest.mark.slow
def test_a_selector_is_revealed_taken_off_and_brought_back_by_pages(office: Office) -> None:
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    office.watch()
    path = in_force(cora, abel, WHOLE)
    (selector,) = set(re.findall(r"/selectors/[0-9a-f-]{36}", abel.visit(path).text))
    page = _whole(abel.visit(selector).text)
    assert (MASK in page, WHOLE in page) == (True, False)
    refused = abel.send(f"{selector}/reveal", purpose="review", case=WHOLE)
    assert refused.status_code == 422
    assert WHOLE not in _whole(refused.text), "its own echo"
    assert WHOLE in _whole(abel.send(f"{selector}/reveal", purpose="review").text)
    abel.visit(selector)
    abel.send(f"{selector}/retraction", reason="somebody else's", password=PASSWORD)
    gone = abel.page.url.path
    eventually(lambda: state(abel, gone) == "applied", what="an applied retraction")
    assert check(cora, WHOLE) == "Taken off the list"
    _whole(cora.page.text)

    for address in ("/versions", "/versions/2?since=0", "/review", "/", "/versions/1"):
        _whole(cora.visit(address).text)
    cora.send("/versions/1/rollback")
    back = cora.page.url.path
    submit(cora, back)
    assert state(cora, back) == "submitted"
    approve(abel, back)
    eventually(lambda: state(cora, back) == "applied", what="an applied rollback")
    assert check(cora, WHOLE) == "On the list"
    assert office.console.events().count("selector revealed") == 1
    _assert_not_written(office, WHOLE)


@pytest.mark.slow
def test_a_change_leaves_when_its_approver_has_it_leave(office: Office) -> None:
    cora, abel = office.colleague("cora", "curator"), office.colleague("abel", "approver")
    office.watch()
    path = draft(cora, WHOLE)
    submit(cora, path)
    abel.visit(path)
    late = abel.send(f"{path}/approval", password=PASSWORD, leaves_at="2020-01-01T08:00")
    assert late.status_code == 422
    assert "over already" in late.text
    odd = abel.send(f"{path}/approval", password=PASSWORD, leaves_at="tomorrow")
    assert odd.status_code == 422
    assert "tomorrow" not in odd.text
    other = draft(cora, "+12025550143")
    submit(cora, other)
    assert _in_days(abel, path, 3) == "scheduled"
    approve(abel, other)
    eventually(lambda: state(abel, other) == "applied", what="another that was not kept waiting")
    assert path in _whole(abel.visit("/review").text)
    cora.visit(path)
    cora.send(f"{path}/withdrawal", reason="a slip")
    assert state(cora, path) == "refused"


@pytest.mark.slow
def test_an_auditor_filters_takes_away_and_verifies_the_record(office: Office) -> None:
    cora = office.colleague("cora", "curator")
    office.administrator.visit("/staff/new")
    office.administrator.send("/staff", name="olga", display_name="Olga", roles=["auditor"])
    (token,) = re.findall(r'class="secret">(\w+)', office.administrator.page.text)
    olga = office.console.browser()
    olga.accept("olga", token)
    olga.enrol()
    check(cora, WHOLE)
    page = _whole(olga.visit("/audit?event=selector+checked").text)
    assert page.count(">selector checked</th>") == 1
    assert ">Cora</td>" in page
    taken = olga.send("/audit/export")
    assert taken.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in taken.headers["content-disposition"]
    assert [line.count("selector checked") for line in taken.text.splitlines()] == [0, 1]
    olga.visit("/audit")
    assert re.search(r"All \d+ records follow from one another", _whole(_verified(olga)))
    segment = max((office.console.home / "ledger").glob("*.open"))
    segment.write_bytes(segment.read_bytes().replace(b"selector checked", b"selector Checked"))
    olga.visit("/account")
    assert "The record is damaged: segment" in _whole(_verified(olga, "/audit"))
    for query in ("person=%2B12025550142", "event=%2B12025550142", "day=yesterday"):
        odd = olga.visit(f"/audit?{query}")
        assert odd.status_code == 422
        assert "2025550142" not in odd.text
    assert cora.visit("/audit").status_code == 403


def _verified(auditor: Browser, path: str | None = None) -> str:
    if path is not None:
        auditor.visit(path)
    return auditor.send("/audit/verification").text


def _in_days(abel: Browser, path: str, days: int) -> str:
    abel.visit(path)
    at = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")
    abel.send(f"{path}/approval", password=PASSWORD, leaves_at=at)
    return state(abel, path)


def _assert_not_written(office: Office, value: str) -> None:
    """Neither log nor ledger of the console holds a selector."""
    ledger = b"".join(path.read_bytes() for path in (office.console.home / "ledger").glob("*Z-*"))
    assert value.encode() not in ledger
    assert value not in office.console.logged()
