"""Whom hands have taken off, at the console's pages, which are asked in this process."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, event, update

from intelligence.curation.safety_lists import keep_told
from intelligence.curation.tables import SafetyListsRow
from intelligence.disclosure.tables import ToldYesRow
from intelligence.staff.roles import Role
from screening.spools.exclusions_told import MOST_TAKEN_OFF, ExclusionsTold, ToldTakenOff
from screening.spools.export import FIRST_PREVIOUS
from tests.harness.console import PASSWORD, forms_of
from tests.intelligence.console.canaries import SAID
from tests.intelligence.console.staffed import Staffed
from tests.intelligence.console.test_home import MOST_STATEMENTS

MANY = 203
AT = datetime(2026, 11, 18, 11, 15, tzinfo=UTC)


SECOND = int(AT.timestamp())
NO_MORE = "Nobody is named as off by hand since that second any more"


def tell(staffed: Staffed, many: int, *, at: datetime = AT, left_out: int = 0) -> None:
    of = sorted(ToldTakenOff("phone", f"+1202555{number:04}", at) for number in range(many))
    staffed.indexer.write(
        lambda head: ExclusionsTold("screening-exclusions/2", *head, [], [], of, left_out)
    )
    staffed.desk.curation.take_turn()


@contextmanager
def due(staffed: Staffed) -> Iterator[None]:
    """Have a partner be due to hear of what hands took off at that second."""
    told_yes = ToldYesRow(by_hand_at=SECOND, partner="acme", receipt="r" * 26, row=1, at=1)
    told_yes.bound = b"as it is"
    with staffed.desk.log_in.database.writing() as session:
        session.add(told_yes)
    yield
    with staffed.desk.log_in.database.writing() as session:
        session.execute(delete(ToldYesRow))


def test_home_tells_of_them_and_all_are_listed_masked_page_by_page(staffed: Staffed) -> None:
    curator, auditor = staffed.browsers[Role.CURATOR], staffed.browsers[Role.AUDITOR]
    assert "Nobody, as the indexer has told last" in curator.visit("/by-hand").text
    tell(staffed, MANY)
    said = f"while entries stand here: {MANY}, the latest at 2026-11-18 11:15 UTC"
    assert said in curator.visit("/").text
    assert 'href="/by-hand"' in curator.page.text
    assert said in auditor.visit("/").text
    assert 'href="/by-hand"' not in auditor.page.text
    rows = [
        row
        for page in (1, 2)
        for row in re.findall(
            r"<code>([^<]*)</code></th>", curator.visit(f"/by-hand?page={page}").text
        )
    ]
    assert len(rows) == MANY
    assert not any(re.search(r"[0-9]{6}", row) for row in rows)
    tell(staffed, 0)
    assert "by hand" not in curator.visit("/").text


@pytest.mark.slow
def test_how_many_the_indexer_has_left_out_is_said(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    tell(staffed, 3)
    for path in ("/", "/by-hand"):
        assert "left out" not in curator.visit(path).text
    tell(staffed, 3, left_out=7)
    for path in ("/", "/by-hand"):
        assert "has left out 7 earlier ones" in curator.visit(path).text


def test_however_many_they_are_the_start_page_asks_the_database_little(staffed: Staffed) -> None:
    database = staffed.desk.log_in.database
    of = sorted(ToldTakenOff("phone", f"+120{n:08}", AT) for n in range(MOST_TAKEN_OFF))
    head = ("0123456789abcdef", 1, FIRST_PREVIOUS, AT)
    told = ExclusionsTold("screening-exclusions/2", *head, [], [], of)
    with database.writing() as session:
        keep_told(session, staffed.desk.curation.overview.seals, told)
    asked = list[object]()

    def note(*said: object) -> None:
        asked.append(said)

    event.listen(database.engine, "before_cursor_execute", note)
    page = staffed.browsers[Role.CURATOR].visit("/").text
    event.remove(database.engine, "before_cursor_execute", note)
    assert f"while entries stand here: {MOST_TAKEN_OFF}" in page
    assert len(asked) <= MOST_STATEMENTS, len(asked)


@pytest.mark.slow
def test_a_notice_says_of_whom_hands_have_taken_off_it_is(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    tell(staffed, 2)
    with due(staffed):
        page = curator.visit("/notices").text
    assert "hand at the indexer, 2026-11-18 11:15:00 UTC</h2>" in page
    assert f'<a href="/by-hand?since={SECOND}">2 taken off then</a>' in page
    assert "You sign that all matches named here were false, whoever of those" in page
    assert NO_MORE not in page
    for since, many in ((SECOND, 2), (SECOND + 1, 0), (-1, 0), (10**40, 0)):
        of_it = curator.visit(f"/by-hand?since={since}").text
        assert of_it.count("<code>") == many
        assert "Nobody, as the indexer has told last" not in of_it, "of others nothing is said"


@pytest.mark.parametrize(
    ("many", "left_out"), [(0, 0), (2, 0), (2, 3)], ids=["lifted or a victim's", "again", "many"]
)
def test_who_is_off_by_hand_since_then_no_more_is_not_called_lifted(
    staffed: Staffed, many: int, left_out: int
) -> None:
    tell(staffed, 2)
    tell(staffed, many, at=AT + timedelta(seconds=9), left_out=left_out)
    if left_out:  # whom it had not named before they were left out nobody here knows
        tell(staffed, 0)
        tell(staffed, many, at=AT + timedelta(seconds=9), left_out=left_out)
    with due(staffed):
        page = staffed.browsers[Role.CURATOR].visit("/notices").text
    assert "Lifted since" not in page
    assert f"{NO_MORE}, as the indexer has told last: lifted, taken off again later" in page
    assert ("among those whom the indexer has left out" in page) is bool(left_out)
    assert "said to be a victim" in page


def test_what_the_indexer_told_and_does_not_open_is_not_told_as_nobody(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    tell(staffed, 2)
    with staffed.desk.log_in.database.writing() as session:
        session.execute(update(SafetyListsRow).values(told=bytes(60)))
    with due(staffed):
        pages = [curator.visit(path).text for path in ("/notices", "/by-hand", "/")]
    for page in pages:
        assert "cannot be read" in page
        assert "indexer spool exclusions --again" in page
        assert not re.search("Lifted since|lifted by hand|Nobody|nobody who|is named", page)
    tell(staffed, 0)
    for path in ("/notices", "/by-hand", "/"):
        assert "exclusions --again" not in curator.visit(path).text


@pytest.mark.slow
def test_whom_a_refusal_is_of_stands_below_it_masked(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    tell(staffed, 1)
    curator.visit("/check")
    curator.send("/check", kind="phone", value="+12025550000")
    said = {"role": "trafficker", "source": "case-7", "reason": "seen"}
    page = curator.send("/changes", **said, last_day="2099-01-01").text
    assert "this selector was taken off by hand at the indexer (the start page leads" in page
    assert "Named are" not in page, "for all are"
    assert "<li><code>phone +12*******00</code></li>" in page


@pytest.mark.parametrize("of", ["by-hand-", "by-hand-1x", "by-hand-" + "9" * 40, "by-hand-1", "x"])
@pytest.mark.parametrize("what", ["", "/dismissal"])
def test_what_nobody_has_taken_off_is_not_there(staffed: Staffed, of: str, what: str) -> None:
    curator = staffed.browsers[Role.CURATOR]
    (form, *_) = forms_of(curator.visit("/account").text)
    typed = {**form.fields, "reason": "a reason", "password": PASSWORD}
    assert curator.client.post(f"/notices/{of}{what}", data=typed).status_code == 404


@pytest.mark.slow
def test_the_page_of_a_change_says_when_hands_have_taken_off_whom_it_lists(
    staffed: Staffed,
) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/check")
    curator.send("/check", value="+12025550142", kind="phone")
    curator.send("/changes", **SAID)
    path = curator.page.url.path
    assert "By hand at the indexer" not in curator.visit(path).text
    tell(staffed, 143)
    page = curator.visit(path).text
    assert "<dt>By hand at the indexer</dt><dd>2026-11-18 11:15 UTC</dd>" in page
    assert "<dt>By</dt>" not in page
