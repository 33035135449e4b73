"""Whoever is new here is told what to do first, and what they may do with what they see."""

import re
from typing import Final

from sqlalchemy import delete

from intelligence.curation.purposes import purpose
from intelligence.staff.roles import ROLE_NAMES, ROLE_TASKS, Role
from intelligence.staff.signing_keys import SigningKey
from tests.docs.session import ROOT, cells_of_table
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, forms_of
from tests.intelligence.console.newcomers import Newcomer
from tests.intelligence.console.staffed import Staffed
from tests.intelligence.console.test_rendering import page_of

HERE: Final = 'href="([^"]*)" aria-current="page"'


def test_whoever_has_no_key_is_led_to_it_in_place_of_forms_that_need_it(staffed: Staffed) -> None:
    curator, approver = staffed.browsers[Role.CURATOR], staffed.browsers[Role.APPROVER]
    curator.visit("/imports")
    table = b"phone,role,source,reason\n+1 202 555 0142,buyer,case 9,seen\n"
    curator.upload("/imports", "case.csv", table)
    curator.send(f"{curator.page.url.path}/draft")
    path = str(curator.page.url.path)
    curator.visit(path)
    with staffed.desk.log_in.database.writing() as session:
        session.execute(delete(SigningKey))
    page = curator.visit(path).text
    assert f"{path}/submission" not in {one.action for one in forms_of(page)}
    assert "You cannot sign it: you have no key to sign with yet; make one" in page
    assert '<a class="button" href="/signing-key">' in page
    assert flaws_of(page) == []
    task = '<a href="/signing-key">A signing key of yours, to make</a>: 1, <strong>before you sign'
    for role in (Role.CURATOR, Role.APPROVER, Role.PARTNER_MANAGER):
        assert task in staffed.browsers[role].visit("/").text, role
    assert task not in staffed.browsers[Role.AUDITOR].visit("/").text
    curator.visit("/signing-key")
    curator.send("/signing-key", password=PASSWORD)
    assert task not in curator.visit("/").text
    curator.visit(path)
    curator.send(f"{path}/submission", password=PASSWORD)
    page = approver.visit(path).text
    assert f"{path}/approval" not in {one.action for one in forms_of(page)}
    assert f"{path}/refusal" in {one.action for one in forms_of(page)}
    assert "You cannot sign it: you have no key" in page


def test_the_page_of_a_key_says_who_knows_whether_it_is_registered_and_what_is_signed() -> None:
    key = {"id": "aa bb", "public": b"", "is_lost": False, "is_changed": False}
    page = page_of("signing_key.html", key=key, public="AAAA")
    assert "Whether it is registered there this console cannot know. Ask whoever runs" in page
    assert "It is on record that you did" not in page
    assert "nothing is signed now" in page
    assert flaws_of(page) == []


def test_the_bar_marks_the_page_that_is_shown_also_after_a_form_of_it(newcomer: Newcomer) -> None:
    ada = newcomer.ada
    assert re.findall(HERE, ada.visit("/staff").text) == ["/staff"]
    assert re.findall(HERE, ada.visit("/staff/new").text) == []
    assert re.findall(HERE, ada.visit("/account").text) == ["/account"]
    said = {"old": "a wrong one of mine", "password": PASSWORD, "again": PASSWORD}
    refused = ada.send("/account/password", **said)
    assert refused.status_code == 422
    assert re.findall(HERE, refused.text) == ["/account"]


def test_an_author_may_say_that_they_look_over_what_they_have_written() -> None:
    assert purpose("writing", None).facts == {"purpose": "writing", "case": None}


def test_each_role_is_explained_where_it_is_given_and_in_the_hand_book_alike() -> None:
    page = page_of("staff_new.html", Role.ADMINISTRATOR)
    rows = cells_of_table(ROOT / "docs/curation.md", "role")
    assert [row[:2] for row in rows] == [[ROLE_NAMES[one], ROLE_TASKS[one]] for one in Role]
    for one in Role:
        described = f'id="role-{one.value}-hint">{ROLE_TASKS[one]}</p>'
        assert described in page
        assert f'aria-describedby="role-{one.value}-hint"' in page
    assert flaws_of(page) == []


def test_a_name_that_was_typed_is_repeated_under_the_label_of_its_field() -> None:
    typed = {"display_name": ["Cora Coleman"]}
    page = page_of("error.html", sentence="no", way_on="", typed=typed)
    assert "<dt>New name</dt><dd>Cora Coleman</dd>" in page
    typed = {"name": ["cora"], "display_name": ["Cora"]}
    page = page_of("error.html", sentence="no", way_on="", typed=typed)
    assert "<dt>Name</dt><dd>Cora</dd>" in page
    assert "<dt>Log-in name</dt><dd>cora</dd>" in page
