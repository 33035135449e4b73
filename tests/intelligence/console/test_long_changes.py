"""A change of more operations than a page shows: none of them is hidden from whoever signs it."""

import re

import pytest

from intelligence.staff.roles import Role
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, Browser, forms_of
from tests.intelligence.console.staffed import Staffed, answered

BOSS = "boss@ring.example"
TAKEN_OFF = "1 of these takes somebody off the list: shown before all others."


def listed(staffed: Staffed, value: str) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    curator.visit("/check")
    curator.send("/check", value=value)
    curator.send("/changes", role="trafficker", source="case-7", reason="seen")
    path = curator.page.url.path
    curator.send(f"{path}/submission", password=PASSWORD)
    approver.visit(path)
    approver.send(f"{path}/approval", password=PASSWORD)
    answered(staffed)


def submitted(browser: Browser) -> str:
    """Have a file become a change that waits; return where it is."""
    rows = [f"x{one}@ring.example,buyer,case-8,seen" for one in range(201)]
    hidden = f"{BOSS},victim,case-9,a relative called"
    table = "\n".join(["email,role,source,reason", *rows, hidden])
    browser.visit("/imports")
    browser.upload("/imports", "case.csv", table.encode())
    browser.send(f"{browser.page.url.path}/draft")
    path = str(browser.page.url.path)
    assert TAKEN_OFF in browser.page.text
    browser.send(f"{path}/submission", password=PASSWORD)
    return path


def reveal(approver: Browser, path: str) -> None:
    """See it whole page by page; where no purpose is said, the same page is shown again."""
    refused = approver.send(f"{path}/reveal", purpose="")
    assert refused.status_code == 422
    assert "Page 2 of 2." in refused.text
    approver.send(f"{path}/reveal", purpose="approval", page="2")
    assert "See those of the next page whole" not in approver.page.text
    assert len(re.findall("x[0-9]+@ring.example", approver.page.text)) == 2
    approver.visit(path)
    approver.send(f"{path}/reveal", purpose="approval")
    assert BOSS in approver.page.text
    assert "See those of the next page whole" in approver.page.text
    assert flaws_of(approver.page.text) == []


@pytest.mark.slow
def test_a_long_change_is_looked_through_revealed_and_named_page_by_page(staffed: Staffed) -> None:
    listed(staffed, BOSS)
    path, approver = submitted(staffed.browsers[Role.CURATOR]), staffed.browsers[Role.APPROVER]
    page = approver.visit(path).text
    assert TAKEN_OFF in page
    assert "Page 1 of 2." in page
    assert re.findall("<dt>Role</dt><dd>(\\w+)", page)[:2] == ["victim", "buyer"]
    assert f'<a href="{path}?page=2">Next page</a>' in page
    second = approver.visit(f"{path}?page=2").text
    assert f'<a href="{path}?page=1">Page before</a>' in second
    assert len(re.findall("<dt>Role</dt>", second)) == 2
    for shown, one in ((page, "1"), (second, "2")):
        assert flaws_of(shown) == []
        (form,) = (form for form in forms_of(shown) if form.action == f"{path}/reveal")
        assert form.fields["page"] == [one]
    reveal(approver, path)
    approver.visit(path)
    said = dict.fromkeys(("named",), "202")
    refused = approver.send(f"{path}/approval", password=PASSWORD, **said, lessened="2")
    assert refused.status_code == 422
    assert "1 of its 202 operations takes somebody off the list" in refused.text
    assert flaws_of(refused.text) == []
    said["lessened"] = "1"
    refused = approver.send(f"{path}/approval", password=PASSWORD, **said, shown="another")
    assert refused.status_code == 422
    assert "look it over again, and sign it then" in refused.text
    approver.send(f"{path}/approval", password=PASSWORD, **said)
    assert "<dt>State</dt><dd>approved</dd>" in approver.page.text
    answered(staffed)
    version = approver.visit("/versions/2").text
    assert '<a href="/versions/2?page=2&amp;since=1">Next page</a>' in version
    assert flaws_of(version) == []
