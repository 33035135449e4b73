"""The import, page by page: upload, map, look through, draft, and another person approves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from intelligence.imports.uploads import MAX_UPLOAD_BYTES
from intelligence.staff.roles import Role
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD, Browser, Console, forms_of, multipart
from tests.harness.slow import slow_but_first
from tests.harness.template import Template
from tests.importers.written_workbook import xlsx
from tests.intelligence.console.matrix_staff import add, main_of

PHONES = ("+12025550142", "+12025550143")
TABLE = (f"Handy,Was\n{PHONES[0]},driver\n{PHONES[1]},the victim\n+1202,canary-of-input\n").encode()


@dataclass(frozen=True)
class Two:
    console: Console
    curator: Browser
    approver: Browser


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, channel: Template) -> Iterator[Two]:
    """A curator and an approver, at a console of this module's own."""
    console = Console(tmp_path_factory.mktemp("imports"), None, template=channel)
    token = console.initialise()
    console.serve()
    browsers = {Role.ADMINISTRATOR: console.browser()}
    browsers[Role.ADMINISTRATOR].set_up(token, "ada@gen.example")
    for role in (Role.CURATOR, Role.APPROVER):
        name = f"{role.value}@gen.example"
        token = add(browsers, name, role.value, role)
        browsers[role] = console.browser()
        browsers[role].accept(name, token)
        browsers[role].enrol()
        browsers[role].visit("/signing-key")
        browsers[role].send("/signing-key", password=PASSWORD)
    yield Two(console, browsers[Role.CURATOR], browsers[Role.APPROVER])
    console.stop()


def uploaded(browser: Browser, content: bytes, name: str = "case.csv", **fields: str) -> str:
    """Have a file uploaded; return the path of its page."""
    browser.visit("/imports")
    assert browser.upload("/imports", name, content, **fields).status_code == 200
    return browser.page.url.path


def dropped(browser: Browser, path: str) -> None:
    browser.visit(path)
    assert browser.send(f"{path}/drop").url.path == "/imports"
    assert "The file was dropped" in browser.page.text
    assert browser.client.get(path).status_code == 404


def test_from_a_file_to_a_change_that_waits_for_another_person(two: Two) -> None:
    cora = two.curator
    path = uploaded(cora, TABLE, role="facilitator")
    assert "<dt>To be drafted</dt><dd>0</dd>" in cora.page.text
    cora.send(f"{path}/told", **{"column-1": "reason"}, source="case-9", role="facilitator")
    page = main_of(cora.page.text)
    assert "<dt>To be drafted</dt><dd>1</dd>" in page
    assert "+12*******42" in page
    assert "As found: phone" in page
    for secret in (*PHONES, "the victim", "canary-of-input"):
        assert secret not in page
    assert "then drop it here, and upload it again" in page
    rows = re.findall(r'<th scope="row"[^>]*>(\d+)</th>', page)
    assert rows == ["2", "3", "4"]
    assert page.count("<strong>A victim's</strong>: it protects nobody") == 1
    assert cora.send(f"{path}/draft").status_code == 422
    assert "rows of victims" in cora.page.text
    cora.send(f"{path}/draft", unprotected="yes")
    change = cora.page.url.path
    assert change.startswith("/changes/")
    assert "case-9" in cora.page.text
    assert cora.client.get(path).status_code == 404
    two.approver.visit(change)
    assert "driver" in two.approver.page.text


def test_what_is_typed_is_in_the_draft_or_no_draft_is_kept(two: Two) -> None:
    cora = two.curator
    said = {"source": "case-9", "reason": "seen", "role": "buyer"}
    path = uploaded(cora, b"", "", pasted=PHONES[0])
    cora.send(f"{path}/told", **said)
    last_day = datetime.now(UTC).date() + timedelta(days=7)
    answer = cora.send(f"{path}/draft", confidence="10", last_day=str(last_day))
    assert (answer.status_code, "press Read it so" in answer.text) == (422, True)
    assert '<a href="#confidence">' in answer.text
    assert 'value="10"' in answer.text
    assert flaws_of(answer.text) == []
    cora.send(f"{path}/told")
    draft = cora.send(f"{path}/draft")
    assert draft.url.path.startswith("/changes/")
    assert "<dd>10</dd>" in draft.text
    assert f"<dt>Listed until</dt><dd>the end of {last_day} UTC</dd>" in draft.text


@pytest.mark.slow
def test_a_text_is_pasted_and_a_workbook_is_chosen(two: Two) -> None:
    cora = two.curator
    text = f"call {PHONES[0]} or {PHONES[1]}"
    for path in (
        uploaded(cora, b"", "", pasted=text, role="buyer"),
        uploaded(cora, xlsx([["Phone"], *([one] for one in PHONES)]), "a.xlsx", role="buyer"),
    ):
        assert main_of(cora.visit(path).text).count("fill in the source") == 3  # a sum and two rows
        cora.send(f"{path}/told", source="case-9", reason="seen", role="buyer")
        assert "<dt>To be drafted</dt><dd>2</dd>" in cora.page.text
        dropped(cora, path)


def test_a_column_that_is_not_recognised_is_chosen(two: Two) -> None:
    cora = two.curator
    table = b"Number,Was\n2025550142,driver\n2025550143,driver\n"
    path = uploaded(cora, table, role="buyer", region="US")
    page = main_of(cora.page.text)
    assert "No column was recognised" in page
    assert "Keep as a draft" not in page
    assert flaws_of(cora.page.text) == []
    assert "no column was recognised: choose there" in cora.visit("/imports").text
    cora.visit(path)
    said = {"source": "case-9", "role": "buyer", "region": "US"}
    cora.send(f"{path}/told", **{"column-1": "reason"}, **said)
    assert "No column was recognised" in cora.page.text
    cora.send(f"{path}/told", **{"column-0": "phone", "column-1": "reason"}, **said)
    assert "No column was recognised" not in cora.page.text
    assert "<dt>To be drafted</dt><dd>2</dd>" in cora.page.text
    dropped(cora, path)


def test_that_no_column_is_taken_for_the_role_is_said_once(two: Two) -> None:
    cora = two.curator
    path = uploaded(cora, f"Phone,Who\n{PHONES[0]},buyer\n{PHONES[1]},victim\n".encode())
    page = main_of(cora.page.text)
    assert page.count("choose which column is the role") == 1
    assert "one role of all that name none (column <bdi>Who</bdi>)" in page
    assert page.count("no role is named, see above (column <bdi>Who</bdi>)") == 2
    cora.send(f"{path}/told", **{"column-1": "role"}, source="case-9", reason="seen")
    assert "<dt>To be drafted</dt><dd>2</dd>" in cora.page.text
    dropped(cora, path)


def test_what_lists_nobody_and_what_is_said_of_no_day_is_told(two: Two) -> None:
    cora = two.curator
    seen = "2026-03-14"
    rows = f"{PHONES[0]},disputed,{seen},\n{PHONES[1]},buyer,,12345678901\n"
    path = uploaded(cora, f"Phone,Role,Last seen,Id\n{rows}".encode())
    cora.send(f"{path}/told", source="case-9", reason="seen")
    page = main_of(cora.page.text)
    assert "<dt>To be drafted</dt><dd>2; 1 of these lists nobody, by its role</dd>" in page
    assert page.count("New; with this role it lists nobody") == 1
    assert page.count("New, until") == 1
    assert "<dt>Without a day</dt><dd>1 of these names no day of last seen" in page
    assert "<li>1 number is left out" in page
    dropped(cora, path)


def test_a_misspelt_role_is_not_taken_for_the_role_of_all(two: Two) -> None:
    cora = two.curator
    words = ("trafficker", "buyer", "vicitm", "survivor", "Traficker", "boss", "wittness")
    rows = "".join(f"+1202555014{at},{word}\n" for at, word in enumerate(words))
    said = {"source": "case-9", "reason": "seen", "role": "facilitator"}
    path = uploaded(cora, f"Phone,Who\n{rows}".encode(), role="facilitator")
    for choice, taken, seems in (("", 0, True), ("role", 2, False), ("ignored", 3, False)):
        cora.send(f"{path}/told", **{"column-1": choice}, **said)
        page = main_of(cora.page.text)
        assert f"<dt>To be drafted</dt><dd>{taken}</dd>" in page
        assert (
            "The column <bdi>Who</bdi> seems to hold roles: choose role for it" in page
        ) is seems
        assert flaws_of(cora.page.text) == []
    dropped(cora, path)


@pytest.mark.slow
def test_what_waits_is_found_again(two: Two) -> None:
    waits = re.compile(r'<a href="/imports">Files of yours to look through[^<]*</a>: ([0-9]+)')
    assert not waits.search(two.curator.visit("/").text)
    path = uploaded(two.curator, TABLE)
    page = two.curator.visit("/imports").text
    assert f'<a href="{path}"><bdi>case.csv</bdi></a>, uploaded 20' in page
    assert flaws_of(page) == []
    assert waits.findall(two.curator.visit("/").text) == ["1"]
    assert not waits.search(two.approver.visit("/").text)
    dropped(two.curator, path)
    nothing = uploaded(two.curator, b"Phone,Role\n+1202,buyer\n")
    assert (
        "none of 1 row can be taken as it stands: see there why"
        in two.curator.visit("/imports").text
    )
    dropped(two.curator, nothing)
    assert not waits.search(two.curator.visit("/").text)


@slow_but_first(
    2,
    ("name", "content", "fields", "said"),
    [
        ("", b"", {}, "nothing was chosen"),
        ("a.csv", b" ", {}, "nothing in it"),
        ("a.csv", b"canary-of-input,\nx,Phone\n1,2\n", {}, "is a title"),
        ("a.xlsx", b"PK\x03\x04canary-of-input", {}, "damaged"),
        ("a.csv", b"a" * (MAX_UPLOAD_BYTES + 1), {}, "4 MiB"),
        ("a.csv", TABLE, {"role": "canary-of-input"}, "choose a role"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(
    two: Two, name: str, content: bytes, fields: dict[str, str], said: str
) -> None:
    two.curator.visit("/imports")
    answer = two.curator.upload("/imports", name, content, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "canary-of-input" not in answer.text
    assert len(re.findall(r'role="alert"', answer.text)) == 1


def test_a_country_in_words_is_refused_and_stands_there_to_be_shortened(two: Two) -> None:
    two.curator.visit("/imports")
    answer = two.curator.upload("/imports", "a.csv", b"Phone\n030 12345678\n", region="Denmark")
    assert (answer.status_code, "use two letters" in answer.text) == (422, True)
    assert 'value="Denmark"' in answer.text
    assert answer.text.count("Denmark") == 1
    assert flaws_of(answer.text) == []


def test_who_has_chosen_too_large_a_file_has_typed_the_rest_for_good(two: Two) -> None:
    two.curator.visit("/imports")
    large, said = b"a" * (4 * MAX_UPLOAD_BYTES), {"role": "buyer", "region": "GB", "sheet": "Two"}
    answer = two.curator.upload("/imports", "a.csv", large, **said)
    assert answer.status_code == 422
    assert '<a href="#file">the file has more than 4 MiB; upload it in several' in answer.text
    assert '<option value="buyer" selected="">' in answer.text
    assert all(f'value="{one}"' in answer.text for one in ("GB", "Two"))
    assert flaws_of(answer.text) == []


def test_a_stranger_s_file_is_not_read(two: Two) -> None:
    stranger = two.console.browser()
    token = forms_of(stranger.visit("/log-in").text)[0].fields["csrf"][0]
    body, content_type = multipart({"csrf": token}, {"file": ("a", b"a" * (8 << 20))})
    headers = {"content-type": content_type}
    answer = stranger.client.post("/imports", content=body, headers=headers)
    assert answer.status_code == 403
    assert "your session has ended, and what you sent was not read" in answer.text
    assert flaws_of(answer.text) == []


def test_an_upload_carries_the_visitor_s_own_token(two: Two) -> None:
    body, content_type = multipart({"csrf": "x"}, {"file": ("a", b"a")})
    headers = {"content-type": content_type}
    answer = two.curator.client.post("/imports", content=body, headers=headers)
    assert answer.status_code == 400


def test_every_field_has_a_label_and_no_page_a_script(two: Two) -> None:
    path = uploaded(two.curator, TABLE)
    for page in (two.curator.visit("/imports").text, two.curator.visit(path).text):
        main = main_of(page)
        fields = set(re.findall(r'<(?:input|select|textarea)[^>]*? id="([^"]+)"', main))
        assert fields
        assert fields == set(re.findall(r'<label for="([^"]+)"', main))
        assert not re.search(r"<script|<style|\son\w+=|\sstyle=|javascript:", page)
    dropped(two.curator, path)


def test_the_log_and_the_record_hold_nothing_of_a_file(two: Two) -> None:
    dropped(two.curator, uploaded(two.curator, TABLE, "rosa@b.example.csv"))
    segments = (two.console.home / "ledger").glob("*Z-*")
    kept = "".join(one.read_text() for one in segments) + two.console.logged()
    assert '"event":"file uploaded"' in kept
    for secret in (*PHONES, "driver", "canary-of-input", "rosa"):
        assert secret not in kept
