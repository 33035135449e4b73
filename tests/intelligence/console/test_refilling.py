"""A refused form comes back with what was typed, and says at its field what is wrong."""

import re
from html.parser import HTMLParser
from importlib.resources import files

import httpx
import pytest

from intelligence.console.forms import MOST_SHOWN, Form
from intelligence.console.pages.operations import MOST_OF_REASON
from intelligence.console.refilling import HIDDEN, refilled, repeated
from intelligence.errors import FormRefused
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, Browser, Console, forms_of

PAGE = """<p class="problem" id="problem">no</p>
<form method="post" action="/other"><input id="a" name="reason" type="text"></form>
<form method="post" action="/here">
<input id="b" name="reason" type="text" value="before" aria-describedby="b-hint">
<input id="s" name="password" type="password"><input id="c" name="code" type="text">
<select id="r" name="role"><option value="" selected>Choose</option><option value="x">x</option>
</select><input type="checkbox" id="k1" name="kinds" value="phone" checked>
<input type="checkbox" id="k2" name="kinds" value="card">
<input id="d" name="day" type="date"><input id="n" name="region" type="text">
<textarea id="t" name="note"></textarea></form>
"""
ROW = """<form method="post" action="/rows"><input type="hidden" name="csrf" value="{0}">
<input id="reason-{0}" name="reason" type="text"><input type="hidden" name="row" value="{0}">
<input type="radio" id="off-{0}" name="conclusion" value="off"></form>
"""
ROWS = '<p class="problem" id="problem">no</p>' + ROW.format("a") + ROW.format("b")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.by_id: dict[str, dict[str, str | None]] = {}
        self.chosen: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.by_id[given.get("id") or ""] = given
        if tag == "option" and "selected" in given:
            self.chosen.append(given["value"])


def tags_of(page: str) -> _Tags:
    read = _Tags()
    read.feed(page)
    return read


def sent(**fields: str) -> Form:
    return Form([*fields.items()], action="/here")


def test_what_was_typed_stands_in_the_form_that_was_sent_and_in_no_other() -> None:
    form = sent(reason='"><b>why', role="x", kinds="card", day="2026-11-29", note="a\n<b>")
    page = refilled(PAGE, form, FormRefused("no"))
    read = tags_of(page)
    assert "value" not in read.by_id["a"]
    assert read.by_id["b"]["value"] == '"><b>why'
    assert read.chosen == ["x"]
    assert ("checked" in read.by_id["k1"], "checked" in read.by_id["k2"]) == (False, True)
    assert read.by_id["d"]["value"] == "2026-11-29"
    assert ">a\n&lt;b&gt;</textarea>" in page
    assert "<b>" not in page
    assert "aria-invalid" not in page


def test_of_forms_with_one_address_the_one_that_was_sent_is_filled_in_and_no_other() -> None:
    form = Form(
        [("csrf", "old"), ("row", "b"), ("reason", "why"), ("conclusion", "off")], action="/rows"
    )
    page = refilled(ROWS, form, FormRefused("no", "reason"))
    assert ROW.format("a") in page
    read = tags_of(page)
    assert (read.by_id["reason-b"]["value"], "checked" in read.by_id["off-b"]) == ("why", True)
    assert '<a href="#reason-b">' in page
    gone = Form([("row", "c"), ("reason", "why"), ("conclusion", "off")], action="/rows")
    assert refilled(ROWS, gone, FormRefused("no", "reason")) == ROWS


def test_who_wrote_too_much_can_shorten_it_and_no_more_is_looked_through() -> None:
    assert MOST_SHOWN == 2 * MOST_OF_REASON
    for length, is_shown in ((MOST_SHOWN, True), (MOST_SHOWN + 1, False)):
        typed = "x" * length
        assert (typed in refilled(PAGE, sent(reason=typed), FormRefused("no"))) is is_shown
        assert (repeated(sent(reason=typed)) == {"reason": [typed]}) is is_shown


def test_a_page_of_an_error_has_a_bound_however_many_fields_were_sent() -> None:
    long, obscured = "word " * 600, "(1) " * 750
    for many in (long, obscured):
        fields = [(f"field-{number}", many) for number in range(2)]
        shown = repeated(Form([*fields, ("note", long), ("reason", "why")]))
        assert ("note" in shown, shown["reason"]) == (False, ["why"])


def test_what_was_typed_is_made_ready_once() -> None:
    form = sent(reason="a\x01b", pasted="x" * (4 << 20))
    assert form.typed is form.typed
    assert form.typed == {"reason": ["a b"]}


def test_all_that_was_ticked_is_repeated_and_nothing_that_a_page_has_filled_in() -> None:
    form = Form([("roles", "auditor"), ("roles", "curator"), *((name, "x") for name in HIDDEN)])
    assert repeated(form) == {"roles": ["auditor", "curator"]}
    templates = files("intelligence.console") / "templates"
    pages = [one.read_text() for one in templates.iterdir() if one.name.endswith(".html")]
    tags = [tag for page in pages for tag in re.findall(r"<input[^>]*>", page)]
    hidden = [tag for tag in tags if 'type="hidden"' in tag]
    assert {re.findall(r'name="(\w+)"', tag)[0] for tag in hidden} == HIDDEN


def test_no_field_is_cut_by_the_browser_without_a_word() -> None:
    """Of `Denmark` cut to two letters there is left the code of another country."""
    templates = files("intelligence.console") / "templates"
    pages = [one.read_text() for one in templates.iterdir() if one.name.endswith(".html")]
    assert sum('"region"' in page for page in pages) == 5
    assert not any("maxlength" in page for page in pages)
    assert (
        tags_of(refilled(PAGE, sent(region="Denmark"), FormRefused("no"))).by_id["n"]["value"]
        == "Denmark"
    )


def test_an_emptied_field_stays_empty() -> None:
    assert tags_of(refilled(PAGE, sent(reason=""), FormRefused("no"))).by_id["b"]["value"] == ""


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("password", "canary of input"),
        ("code", "123456"),
        ("reason", "call +1 202 555 0142"),
        ("region", "+1 202 555 0142"),
        ("day", "canary"),
        ("role", "canary"),
    ],
)
def test_no_secret_and_nothing_that_no_browser_sends_is_repeated(name: str, typed: str) -> None:
    page = refilled(PAGE, sent(**{name: typed}), FormRefused("no", name))
    assert typed not in page


def test_what_is_wrong_is_said_at_the_field_and_leads_to_it() -> None:
    page = refilled(PAGE, sent(reason="x"), FormRefused("the reason <is> short", "reason"))
    read = tags_of(page)
    assert '<a href="#b">no</a></p>' in page
    assert '<p class="wrong" id="b-wrong">the reason &lt;is&gt; short</p>' in page
    assert read.by_id["b"]["aria-invalid"] == "true"
    assert read.by_id["b"]["aria-describedby"] == "b-hint b-wrong"
    assert page.count("aria-invalid") == 1


def test_a_page_without_the_form_says_it_above_alone() -> None:
    page = refilled(PAGE, Form([("reason", "x")], action="/gone"), FormRefused("no", "reason"))
    assert page == PAGE


def test_a_refused_person_is_shown_as_they_were_typed(administrator: Browser) -> None:
    administrator.visit("/staff/new")
    answer = administrator.send(
        "/staff", name="rosa@gen.example", display_name="Rosa", roles=["auditor", "curator"]
    )
    assert answer.status_code == 422
    read = tags_of(answer.text)
    assert read.by_id["name"]["value"] == "rosa@gen.example"
    assert read.by_id["display_name"]["value"] == "Rosa"
    assert "checked" in read.by_id["role-auditor"]
    assert "checked" not in read.by_id["role-approver"]
    assert read.by_id["role-curator"] is not None
    assert re.search(r'id="problem"[^>]*><a href="#role-[a-z_]+">', answer.text)
    assert flaws_of(answer.text) == []


def test_a_wrong_password_is_told_at_its_field_and_not_repeated(administrator: Browser) -> None:
    administrator.visit("/account")
    new = "five unrelated words of mine"
    answer = administrator.send("/account/password", old="canary", password=new, again=new)
    assert answer.status_code == 422
    assert '<a href="#old">the password is wrong' in answer.text
    assert "canary" not in answer.text
    assert new not in answer.text


def late(console: Console, browser: Browser, **fields: str) -> httpx.Response:
    """Send what was typed by somebody whose session has ended meanwhile."""
    browser.visit("/staff/new")
    (form,) = (one for one in forms_of(browser.page.text) if one.action == "/staff")
    browser.client.post("/log-out", data={"csrf": browser.csrf()})
    return browser.client.post(
        "/staff", data={**form.fields, **fields}, headers={"origin": console.url}
    )


def test_what_was_typed_in_a_session_that_ended_is_not_lost(
    console: Console, administrator: Browser
) -> None:
    typed = {"name": "rosa@gen.example", "organisation": "Police <of> Examplia"}
    answer = late(console, administrator, **typed)
    assert answer.status_code == 403
    assert "your session has ended, and nothing was done" in answer.text
    assert "<dd>rosa@gen.example</dd>" in answer.text
    assert "Police &lt;of&gt; Examplia" in answer.text
    assert flaws_of(answer.text) == []
    administrator.log_in("ada@gen.example", PASSWORD)
    stale = administrator.client.post(
        "/staff", data={"csrf": "stale", **typed}, headers={"origin": console.url}
    )
    assert (stale.status_code, "<dd>rosa@gen.example</dd>" in stale.text) == (400, True)
    unknown = administrator.client.post("/staff", data={"csrf": "stale", **typed})
    assert (unknown.status_code, "rosa@gen.example" in unknown.text) == (400, False)


def test_whoever_had_typed_nothing_is_sent_to_the_log_in(
    console: Console, administrator: Browser
) -> None:
    stranger = console.browser()
    csrf = forms_of(stranger.visit("/log-in").text)[0].fields["csrf"][0]
    fields = {"csrf": csrf, "feedback": "00000000-0000-4000-8000-000000000000"}
    headers = {"origin": console.url}
    answer = stranger.client.post("/feedback/notes", data=fields, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in")


@pytest.mark.parametrize("path", ["/log-in", "/invitation", "/staff"])
def test_to_strangers_with_an_old_page_nothing_is_repeated(
    console: Console, administrator: Browser, path: str
) -> None:
    stranger = console.browser()
    stranger.visit("/log-in")
    typed = {"csrf": "stale", "name": "rosa@gen.example", "organisation": "canary"}
    answer = stranger.client.post(path, data=typed, headers={"origin": console.url})
    assert answer.status_code == 400
    assert not re.search("rosa|canary", answer.text)


def test_a_name_that_was_tried_too_often_is_not_repeated(
    console: Console, administrator: Browser
) -> None:
    stranger = console.browser()
    csrf = forms_of(stranger.visit("/log-in").text)[0].fields["csrf"][0]
    typed = {"csrf": csrf, "name": "rosa@gen.example", "password": "canary"}
    for _ in range(10):
        answer = stranger.client.post("/log-in", data=typed, headers={"origin": console.url})
        assert "rosa" not in answer.text
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
