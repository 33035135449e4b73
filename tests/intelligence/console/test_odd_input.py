"""Whatever is typed in any form of any page: a clear sentence, on the page of that form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from intelligence.commands.setting_up import initialise
from intelligence.console.forms import PASSWORDS
from intelligence.console.own_pages import PAGE_FIELD
from intelligence.deployment import Desk
from intelligence.staff.roles import Role
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, Form, added, forms_of
from tests.harness.slow import slow_but_first
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside, open_desk_inside

NOT_TYPED: Final = (
    *("csrf", "once", PAGE_FIELD, "kind", "canonical", "to", "back", "roles", "since"),
)
"""What is hidden, ticked, or asked for by its address."""
ODD: Final = {
    "nothing": "",
    "a blank": "  ",
    "much": "x" * 2_100,
    "a sign that ends lines": "case\r\n7",
    "no sign at all": "case\x007",
    "marks that turn lines round": "case\u202e7",
    "a tag": '"><b>x</b>',
}


@dataclass
class People:
    desk: Desk
    ada: Inside
    cora: Inside

    @property
    def both(self) -> tuple[Inside, Inside]:
        return self.ada, self.cora


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    settings = settings_for(Path(tmp_path_factory.mktemp("odd")))
    token = initialise(settings)
    assert token is not None
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        found = People(desk, ada, Inside(desk, beside=ada))
        ada.set_up(token, "ada@gen.example")
        roles = [Role.CURATOR.value, Role.APPROVER.value, Role.PARTNER_MANAGER.value]
        cora = found.cora
        cora.accept("cora", added(ada, [], name="cora", display_name="cora", roles=roles))
        cora.enrol()
        cora.visit("/signing-key")
        cora.send("/signing-key", password=PASSWORD)
        cora.visit("/imports")
        cora.upload("/imports", "a.csv", b"Phone,Role\n+1 202 555 0142,buyer\n")
        cora.visit("/check")
        cora.send("/check", value="+1 202 555 0143")
        cora.send("/changes", role="buyer", source="case 7", reason="seen")
        yield found


def pages(browser: Inside) -> dict[str, str]:
    """Return all pages that links lead to from the start page, by their paths."""
    found: dict[str, str] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        if path in found or len(found) > 60:
            continue
        answer = browser.client.get(path)
        found[path] = answer.text
        waiting += re.findall(r'<a[^>]* href="(/[^"#?]*)"', answer.text)
    return found


def forms(browser: Inside) -> list[Form]:
    """Return every form of these pages once, but for those in which nothing is typed."""
    every = {one.action: one for page in pages(browser).values() for one in forms_of(page)}
    return [form for form in every.values() if not form.files and any(map(is_typed, form.fields))]


def is_typed(name: str) -> bool:
    return name not in (*NOT_TYPED, *PASSWORDS)


@slow_but_first(1, "odd", ODD)
def test_odd_input_is_refused_on_the_page_of_its_form(people: People, odd: str) -> None:
    found = [(browser, form) for browser in people.both for form in forms(browser)]
    assert len(found) >= 8
    for browser, form in found:
        typed = {name: [ODD[odd]] for name in form.fields if is_typed(name)}
        fields = {**form.fields, **typed}
        if fields.get("kind") == []:  # a browser sends the first that there is
            fields["kind"] = ["phone"]
        answer = browser.client.post(form.action, data=fields)
        at = f"{form.action} with {odd}"
        assert answer.status_code in (200, 422), at
        assert flaws_of(answer.text) == [], at
        assert "<b>x</b>" not in answer.text, at
        if answer.status_code == 422:
            assert answer.text.count('id="problem"') == 1, at
            assert f'action="{form.action}"' in answer.text, at


@pytest.mark.slow
def test_a_country_in_words_is_refused_by_each_form_that_asks_for_one(people: People) -> None:
    cora = people.cora
    every = {one.action: one for page in pages(cora).values() for one in forms_of(page)}
    asking = [form for form in every.values() if "region" in form.fields]
    assert len(asking) == 5
    chosen = {"kind": ["phone"], "match": ["exact"], "category": ["shelter"], "note": ["a house"]}
    for form in asking:
        fields = {**form.fields, **chosen, "region": ["Denmark"], "value": ["030 12345678"]}
        files = {"file": ("a.csv", b"Phone\n030 12345678\n")} if form.files else None
        answer = cora.client.post(form.action, data=fields, files=files)
        assert answer.status_code == 422, form.action
        assert '<a href="#region">no country has this code' in answer.text, form.action
        assert answer.text.count("Denmark") == answer.text.count('value="Denmark"') == 1


@pytest.mark.slow
def test_one_wrong_day_costs_nothing_else_of_an_addition(people: People) -> None:
    cora = people.cora
    cora.visit("/check")
    cora.send("/check", value="+1 202 555 0144")
    typed = {"role": "facilitator", "source": "case 9", "reason": "seen <at> work"}
    answer = cora.send("/changes", **typed, last_day="2001-01-01", jurisdictions="DE, US")
    assert answer.status_code == 422
    assert '<a href="#last_day">' in answer.text
    (form,) = (one for one in forms_of(answer.text) if one.action == "/changes")
    assert {name: form.fields[name] for name in (*typed, "jurisdictions")} == {
        **{name: [value] for name, value in typed.items()},
        "jurisdictions": ["DE, US"],
    }
    assert cora.send("/changes", last_day="").url.path == "/changes"
