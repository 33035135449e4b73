"""Pages say what holds for the one who looks, and offer what can be done."""

import pytest

from intelligence.staff.roles import Role
from tests.harness.accessibility import flaws_of
from tests.harness.console import forms_of
from tests.intelligence.console.staffed import Staffed


@pytest.mark.slow
def test_an_auditor_s_start_page_offers_nothing_that_they_may_not_do(staffed: Staffed) -> None:
    pages = {role: browser.visit("/").text for role, browser in staffed.browsers.items()}
    for offered in ("Your drafts, what waits", "suspend one"):
        assert offered not in pages[Role.AUDITOR]
    assert "Your drafts, what waits" in pages[Role.APPROVER]
    assert "suspend one" in pages[Role.PARTNER_MANAGER]
    assert flaws_of(pages[Role.AUDITOR]) == []


@pytest.mark.slow
def test_what_is_not_on_the_list_is_kept_off_it(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/check")
    page = curator.send("/check", value="+1 202 555 0162").text
    assert "<h2>Keep it off the list</h2>" in page
    assert "Take it off" not in page


@pytest.mark.slow
def test_a_file_of_which_nothing_can_be_drafted_offers_no_draft(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/imports")
    table = b"Phone,Mail\n+12025550142,ann@desk.example\n+12025550143,\n"
    path = curator.upload("/imports", "case.csv", table).url.path
    page = curator.page.text
    assert "<dt>Rows</dt><dd>2, some with several selectors" in page
    assert "Nothing of it can be drafted as it stands." in page
    assert "are drafted, and the file is forgotten" not in page
    assert f'formaction="{path}/draft"' not in page
    assert f"{path}/told" in {one.action for one in forms_of(page)}
    assert flaws_of(page) == []
