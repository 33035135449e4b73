"""Whom hands have taken off, at the console's pages, which are asked in this process."""

import re
from datetime import UTC, datetime

import pytest

from intelligence.staff.roles import Role
from screening.spools.exclusions_told import ExclusionsTold, ToldTakenOff
from tests.harness.console import PASSWORD, forms_of
from tests.intelligence.console.staffed import Staffed

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


@pytest.mark.parametrize("of", ["by-hand-", "by-hand-1x", "by-hand-" + "9" * 40, "by-hand-1", "x"])
@pytest.mark.parametrize("what", ["", "/dismissal"])
def test_what_nobody_has_taken_off_is_not_there(staffed: Staffed, of: str, what: str) -> None:
    curator = staffed.browsers[Role.CURATOR]
    (form, *_) = forms_of(curator.visit("/account").text)
    typed = {**form.fields, "reason": "a reason", "password": PASSWORD}
    assert curator.client.post(f"/notices/{of}{what}", data=typed).status_code == 404
