"""Of more than a page shows, the page leads on to the rest."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
import pytest

from intelligence.challenges.tables import ChallengedRow, ChallengeRow
from intelligence.curation.proposals import Typed, addition
from intelligence.curation.recognising import recognise
from intelligence.curation.standing import SHOWN_AT_MOST
from intelligence.curation.tables import (
    ChangeSet,
    ChangeState,
    Concern,
    ExportRow,
    ExportState,
)
from intelligence.days import ONE_DAY
from intelligence.exclusions.tables import RuleOrderRow
from intelligence.partners.tables import OrderRow, PartnerRow
from intelligence.staff.roles import Role
from intelligence.staff.sessions import SignedIn
from intelligence.store.base import Base
from tests.harness.accessibility import flaws_of
from tests.intelligence.console.inside import Inside
from tests.intelligence.console.staffed import Staffed
from tests.intelligence.partners.office import told

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


def all_shown(browser: Inside, path: str, way: str, links: str) -> tuple[list[str], list[str]]:
    """Return the ids that a list of two pages leads to, by page; `way` leads from its first."""
    first, ways = shown(browser, path, links)
    assert way in ways
    rest, back = shown(browser, way, links)
    assert way.replace("page=2", "page=1") in back
    assert "page 2 of 2" in browser.page.text
    return first, rest


def ordered(staffed: Staffed, concern: Concern, make: Callable[[UUID], Base]) -> list[str]:
    """Have more orders wait than a page shows; return their ids, the latest first."""
    author, made = who(staffed, Role.APPROVER).account_id, list[str]()
    with staffed.desk.log_in.database.writing() as session:
        for at in range(WHOLE):
            of = ChangeSet(id=uuid4(), concerns=concern, author_id=author, created_at=at)
            of.state = ChangeState.SUBMITTED
            session.add(of)
            session.flush()
            session.add(make(of.id))
            made.insert(0, str(of.id))
    return made


@pytest.mark.slow
def test_every_order_for_a_partner_is_on_a_page(staffed: Staffed) -> None:
    made = ordered(
        staffed,
        Concern.PARTNERS,
        lambda order_id: OrderRow(id=order_id, operation="Suspend", partner="acme", said=b""),
    )
    approver = staffed.browsers[Role.APPROVER]
    first, rest = all_shown(approver, "/partners", "/partners?page=2", "/orders")
    assert first + rest == made
    with staffed.desk.log_in.database.writing() as session:
        said = msgspec.json.encode(told())
        session.add(PartnerRow(name="acme", told=said, told_at=1))
    first, rest = all_shown(approver, "/partners/acme", "/partners/acme?page=2", "/orders")
    assert first + rest == made


@pytest.mark.slow
def test_every_order_of_the_safety_lists_is_on_a_page(staffed: Staffed) -> None:
    made = ordered(
        staffed,
        Concern.EXCLUSIONS,
        lambda order_id: RuleOrderRow(id=order_id, operation="Exclude", said=b""),
    )
    approver = staffed.browsers[Role.APPROVER]
    path = "/safety-lists"
    first, rest = all_shown(approver, path, f"{path}?page=2", "/safety-orders")
    assert first + rest == made


def challenged(staffed: Staffed, role: Role) -> list[str]:
    """Have more challenges be recorded by somebody than a page shows; return them, by due day."""
    by, made = who(staffed, role).account_id, list[str]()
    seals = staffed.desk.curation.challenges.seals
    with staffed.desk.log_in.database.writing() as session:
        for at in range(1, WHOLE + 1):
            row = ChallengeRow(id=uuid4(), recorded_by=by, recorded_at=at, due_at=at)
            row.reference = row.ground = b""
            one = ChallengedRow(id=uuid4(), challenge_id=row.id, kind="phone")
            one.canonical, one.canonical_term = b"", row.id.bytes
            row.selectors.append(one)
            seals.bind(one)
            seals.bind(row)
            session.add(row)
            made.append(str(row.id))
    return made


@pytest.mark.slow
def test_every_challenge_is_on_a_page(staffed: Staffed) -> None:
    made = challenged(staffed, Role.CURATOR)
    approver, curator = (staffed.browsers[one] for one in (Role.APPROVER, Role.CURATOR))
    way = "/challenges?page=2&show=waiting"
    first, rest = all_shown(approver, "/challenges", way, "/challenges")
    assert first + rest == made
    for name in ("own", "own_waiting"):
        way = f"/challenges?page=2&show={name}"
        assert way in shown(curator, "/challenges", "/challenges")[1]
        shown(curator, way, "/challenges")
        assert curator.page.text.count("page 2 of 2") == 1
        assert "page 1 of 2" in curator.page.text, "of the other list"
