"""Of more than a page shows, the page leads on to the rest."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from intelligence.curation.proposals import Typed, addition
from intelligence.curation.recognising import recognise
from intelligence.curation.standing import SHOWN_AT_MOST
from intelligence.curation.tables import ExportRow, ExportState
from intelligence.days import ONE_DAY
from intelligence.staff.roles import Role
from intelligence.staff.sessions import SignedIn
from tests.harness.accessibility import flaws_of
from tests.intelligence.console.inside import Inside
from tests.intelligence.console.staffed import Staffed

WHOLE = SHOWN_AT_MOST + 1
PHONE = "+12025550171"


def who(staffed: Staffed, role: Role) -> SignedIn:
    found = staffed.desk.sessions.find(staffed.browsers[role].client.cookies["console"])
    assert found is not None
    return found


@pytest.fixture(scope="module", autouse=True)
def drafts(staffed: Staffed) -> list[UUID]:
    """One selector, in more drafts than a page shows; the oldest first."""
    curator, today = who(staffed, Role.CURATOR), datetime.now(UTC).date()
    empty = dict.fromkeys(Typed.__slots__)
    made = []
    for one in range(WHOLE):
        said = {"role": "buyer", "source": f"case-{one}", "reason": "seen"}
        said["last_day"] = str(today + 9 * ONE_DAY)
        change = addition(recognise(PHONE), Typed(**{**empty, **said}), today)
        made.append(staffed.desk.curation.changes.draft(curator, change))
    return made


def shown(browser: Inside, path: str, links: str) -> tuple[list[str], list[str]]:
    """Return the ids that a page leads to, and the ways on and back that it has."""
    page = browser.visit(path)
    assert page.status_code == 200
    assert flaws_of(page.text) == []
    ways = re.findall(r'<a href="([^"]+)">(?:Next page|Page before)<', page.text)
    rows = re.findall(rf'<th scope="row"[^>]*><a href="{links}/([0-9a-f-]+)"', page.text)
    return rows, [one.replace("&amp;", "&") for one in ways]


@pytest.mark.slow
def test_every_draft_is_on_a_page(staffed: Staffed, drafts: list[UUID]) -> None:
    curator = staffed.browsers[Role.CURATOR]
    first, ways = shown(curator, "/review", "/changes")
    assert ways == ["/review?page=2&show=drafts"]
    assert (
        f"<caption>{WHOLE}, what takes off first, then the oldest; page 1 of 2</caption>"
        in curator.page.text
    )
    assert "Wait for approval" in curator.page.text
    rest, back = shown(curator, ways[0], "/changes")
    assert back == ["/review?page=1&show=drafts"]
    assert "Wait for approval" not in curator.page.text
    assert '<a href="/review">All changes</a>' in curator.page.text
    assert sorted(first + rest) == sorted(map(str, drafts))
    assert (first[:SHOWN_AT_MOST], len(rest)) == (first, 1)
    for far in ("/review?show=drafts&page=99", "/review?show=drafts&page=-1"):
        assert shown(curator, far, "/changes")[0] in (first, rest)
    assert shown(curator, "/review?show=nothing&page=2", "/changes")[0] == first


@pytest.mark.slow
def test_all_that_was_done_with_a_selector_is_on_a_page(
    staffed: Staffed, drafts: list[UUID]
) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit(f"/changes/{drafts[0]}")
    (path,) = set(re.findall(r'href="(/selectors/[0-9a-f-]+)"', curator.page.text))
    first, ways = shown(curator, path, "/changes")
    assert ways == [f"{path}?page=2"]
    rest, back = shown(curator, ways[0], "/changes")
    assert back == [f"{path}?page=1"]
    assert "Nothing more is said of it." in curator.page.text
    assert sorted(first + rest) == sorted(map(str, drafts))
    revealed = curator.send(f"{path}/reveal", purpose="review")
    assert "Page 2 of 2." in revealed.text
    assert PHONE in revealed.text


@pytest.mark.slow
def test_every_version_is_on_a_page(staffed: Staffed) -> None:
    with staffed.desk.log_in.database.writing() as session:
        for number in range(1, WHOLE + 1):
            row = ExportRow(sequence=number, sha256=f"{number:064x}", written_at=1, told_at=1)
            row.state, row.statements, row.product = ExportState.SKIPPED, 0, b""
            session.add(row)
    curator = staffed.browsers[Role.CURATOR]
    first, ways = shown(curator, "/versions", "/versions")
    assert ways == ["/versions?page=2"]
    rest, _ = shown(curator, ways[0], "/versions")
    assert [*map(int, first + rest)] == [*range(WHOLE, 0, -1)]
