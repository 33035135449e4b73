"""Whom hands have taken off, at the console's pages, which are asked in this process."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, event

from intelligence.curation.safety_lists import keep_told
from intelligence.disclosure.tables import ToldYesRow
from intelligence.staff.roles import Role
from screening.spools.exclusions_told import MOST_TAKEN_OFF, ExclusionsTold, ToldTakenOff
from screening.spools.export import FIRST_PREVIOUS
from tests.harness.console import PASSWORD, forms_of
from tests.intelligence.console.staffed import Staffed
from tests.intelligence.console.test_home import MOST_STATEMENTS

MANY = 203
AT = datetime(2026, 11, 18, 11, 15, tzinfo=UTC)


def tell(staffed: Staffed, many: int, *, left_out: int = 0) -> None:
    of = sorted(ToldTakenOff("phone", f"+1202555{number:04}", AT) for number in range(many))
    staffed.indexer.write(
        lambda head: ExclusionsTold("screening-exclusions/2", *head, [], [], of, left_out)
    )
    staffed.desk.curation.take_turn()


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


def test_a_notice_says_of_whom_hands_have_taken_off_it_is_and_who_was_lifted_since(
    staffed: Staffed,
) -> None:
    curator, second = staffed.browsers[Role.CURATOR], int(AT.timestamp())
    told_yes = ToldYesRow(by_hand_at=second, partner="acme", receipt="r" * 26, row=1, at=1)
    told_yes.bound = b"as it is"
    with staffed.desk.log_in.database.writing() as session:
        session.add(told_yes)
    tell(staffed, 2)
    page = curator.visit("/notices").text
    assert "hand at the indexer, 2026-11-18 11:15:00 UTC</h2>" in page
    assert f'<a href="/by-hand?since={second}">2 taken off then</a>' in page
    assert "You sign that all matches named here were false, whoever of those" in page
    for since, many in ((second, 2), (second + 1, 0), (-1, 0), (10**40, 0)):
        of_it = curator.visit(f"/by-hand?since={since}").text
        assert of_it.count("<code>") == many
    assert "Lifted since" not in page
    tell(staffed, 0)
    assert (
        "Lifted since: nobody who was taken off then is off by hand"
        in curator.visit("/notices").text
    )
    with staffed.desk.log_in.database.writing() as session:
        session.execute(delete(ToldYesRow))


def test_whom_a_refusal_is_of_stands_below_it_masked(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    tell(staffed, 1)
    curator.visit("/check")
    curator.send("/check", kind="phone", value="+12025550000")
    said = {"role": "trafficker", "source": "case-7", "reason": "seen"}
    page = curator.send("/changes", **said, last_day="2099-01-01").text
    assert "this selector was taken off by hand at the indexer; take it off here, too" in page
    assert "<li><code>phone +12*******00</code></li>" in page


@pytest.mark.parametrize("of", ["by-hand-", "by-hand-1x", "by-hand-" + "9" * 40, "by-hand-1", "x"])
@pytest.mark.parametrize("what", ["", "/dismissal"])
def test_what_nobody_has_taken_off_is_not_there(staffed: Staffed, of: str, what: str) -> None:
    curator = staffed.browsers[Role.CURATOR]
    (form, *_) = forms_of(curator.visit("/account").text)
    typed = {**form.fields, "reason": "a reason", "password": PASSWORD}
    assert curator.client.post(f"/notices/{of}{what}", data=typed).status_code == 404
