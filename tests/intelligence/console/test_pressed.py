"""Each form that is pressed twice at once is done once, and what is shown once is shown to both."""

import re

import httpx
import pytest

from intelligence.staff.roles import Role
from screening.spools.issued_kit import IssuedKit, seal_kit
from screening.spools.order import Admit, PartnerOrder, parse_signed
from tests.harness.console import PASSWORD, forms_of, token_of
from tests.intelligence.console.inside import Inside
from tests.intelligence.console.newcomers import Newcomer
from tests.intelligence.console.pressing import pressed_at_once
from tests.intelligence.console.staffed import Staffed

KIT = b'{"format":"screening-kit/1","api_key":"a secret of the partner"}'


def pressed(staffed: Staffed, browser: Inside, action: str, **fields: str) -> str:
    """Press a form twice at once; return where both lead."""
    answers = pressed_at_once(staffed.desk, browser, action, **fields)
    first, second = ((one.status_code, one.headers.get("location")) for one in answers)
    assert first == second
    assert first[0] == 303
    return str(first[1])


def drafts(browser: Inside) -> int:
    found = re.findall(r"Your drafts</h2>\n<table>\n<caption>(\d+),", browser.visit("/review").text)
    return int(found[0]) if found else 0


def test_two_presses_make_one_draft(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    before = drafts(curator)
    curator.visit("/check")
    curator.send("/check", value="+1 202 555 0151")
    look, fields = curator.page.url.path, {"role": "buyer", "source": "case-7", "reason": "seen"}
    draft = pressed(staffed, curator, "/changes", **fields)
    assert drafts(curator) == before + 1
    curator.visit(look)  # by Back, and once more
    assert pressed(staffed, curator, "/changes", **fields) == draft
    assert drafts(curator) == before + 1
    curator.visit(look)
    assert pressed(staffed, curator, "/changes", **{**fields, "source": "case-8"}) != draft
    assert drafts(curator) == before + 2


@pytest.mark.slow
def test_a_file_that_is_drafted_twice_is_one_draft(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/imports")
    table = b"phone,role,source,reason\n+12025550152,buyer,case-7,seen\n"
    path = curator.upload("/imports", "case.csv", table).url.path
    assert pressed(staffed, curator, f"{path}/draft").startswith("/changes/")


def kit_that_came(staffed: Staffed) -> str:
    """Have a partner be ordered and its kit be told; return the page of the order."""
    manager, approver = (staffed.browsers[one] for one in (Role.PARTNER_MANAGER, Role.APPROVER))
    manager.visit("/new-partner")
    said = {"name": "beta", "reason": "agreed on", "api_url": "https://screening.example"}
    kinds: dict[str, str | list[str]] = {"mode": "live", "kinds": ["phone"], "roles": ["buyer"]}
    path = manager.send("/partners", **said, **kinds, password=PASSWORD).url.path
    assert path.startswith("/orders/"), re.findall(r"<p class=.problem.*", manager.page.text)
    approver.visit(path)
    approver.send(f"{path}/approval", password=PASSWORD)
    staffed.desk.curation.take_turn()
    indexer = staffed.indexer
    (sequence,) = indexer.down.sequences()
    signed = parse_signed(indexer.export(sequence).batches[0].batch)
    assert isinstance(signed, PartnerOrder)
    assert isinstance(signed.order, Admit)
    names = {"deployment": signed.deployment, "batch": signed.batch}
    of = (sequence, signed.batch, "beta", seal_kit(KIT, signed.order.sealed_to, **names))
    indexer.write(lambda head: IssuedKit("screening-issued-kit/1", *head, *of))
    indexer.apply(sequence)
    staffed.desk.curation.take_turn()
    return path


def test_a_kit_is_handed_to_both_presses_and_to_nobody_after(staffed: Staffed) -> None:
    path = kit_that_came(staffed)
    manager = staffed.browsers[Role.PARTNER_MANAGER]
    page = manager.visit(path)
    assert "Until a first list is in force, it is answered <code>503</code>" in page.text
    for one in pressed_at_once(staffed.desk, manager, f"{path}/kit", password=PASSWORD):
        assert (one.status_code, one.content) == (200, KIT)
        assert one.headers["content-disposition"] == 'attachment; filename="beta.kit.json"'
    manager.page = page  # by Back, and once more
    assert manager.send(f"{path}/kit", password=PASSWORD).content == KIT
    manager.page = page
    other = manager.send(f"{path}/kit", password=PASSWORD, once="of another window")
    assert (other.status_code, "no kit is here" in other.text) == (422, True)
    auditor = staffed.browsers[Role.AUDITOR].visit("/audit?person=&event=kit+taken&day=").text
    assert auditor.count(">kit taken</th>") == 1


def codes_of(page: httpx.Response) -> list[str]:
    codes = re.findall(r"<li><code>([^<]+)", page.text)
    assert len(codes) == 10, page.text
    return codes


@pytest.mark.slow
def test_the_codes_of_an_enrolment_are_shown_to_both_presses(newcomer: Newcomer) -> None:
    olga = newcomer.at_enrolment("olga")
    before = newcomer.recovery_codes()
    answers = pressed_at_once(newcomer.desk, olga, "/enrolment", code=olga.code())
    codes, again = map(codes_of, answers)
    assert codes == again
    tickets = {one.cookies["console"] for one in answers}
    assert len(tickets) == 1, "both browsers have the session that has begun"
    assert newcomer.recovery_codes() == before + 10
    olga.client.cookies.set("console", tickets.pop(), domain="127.0.0.1", path="/")
    assert olga.visit("/account").url.path == "/account"


def enrolled(olga: Inside) -> dict[str, list[str]]:
    """Set an app up; return what was sent."""
    (form,) = (one for one in forms_of(olga.page.text) if one.action == "/enrolment")
    sent = {**form.fields, "code": [olga.code()]}
    olga.page = olga.client.post("/enrolment", data=sent)
    return sent


@pytest.mark.slow
def test_they_are_shown_again_to_the_session_before_and_to_the_one_after(
    newcomer: Newcomer,
) -> None:
    olga = newcomer.at_enrolment("olga")
    ticket = olga.client.cookies["console"]
    sent = enrolled(olga)
    codes = codes_of(olga.page)
    assert codes_of(olga.client.post("/enrolment", data=sent)) == codes, "by Back, and once more"
    olga.client.cookies.set("console", ticket, domain="127.0.0.1", path="/")
    assert codes_of(olga.client.post("/enrolment", data=sent)) == codes, "by a press before that"
    olga.client.cookies.set("console", "another", domain="127.0.0.1", path="/")
    assert "<li><code>" not in olga.client.post("/enrolment", data=sent).text


def test_they_are_shown_to_nobody_once_the_session_has_ended(newcomer: Newcomer) -> None:
    olga = newcomer.at_enrolment("olga")
    sent = enrolled(olga)
    codes_of(olga.page)
    ticket = olga.client.cookies["console"]
    olga.visit("/")
    olga.send("/log-out")
    olga.client.cookies.set("console", ticket, domain="127.0.0.1", path="/")
    assert "<li><code>" not in olga.client.post("/enrolment", data=sent).text


def put_out(newcomer: Newcomer, name: str) -> None:
    """Have an administrator disable somebody."""
    ada = newcomer.ada
    people = re.findall(r'<a href="(/staff/[0-9a-f-]{36})"><bdi>(\w+)', ada.visit("/staff").text)
    (path,) = (path for path, shown in people if shown == name)
    ada.visit(path)
    ada.send(f"{path}/state", to="disable")


@pytest.mark.slow
def test_they_are_shown_to_nobody_once_an_administrator_has_ended_it(newcomer: Newcomer) -> None:
    olga = newcomer.at_enrolment("olga")
    sent = enrolled(olga)
    codes_of(olga.page)
    put_out(newcomer, "olga")
    assert "<li><code>" not in olga.client.post("/enrolment", data=sent).text
    assert olga.visit("/account").url.path == "/log-in"


@pytest.mark.slow
def test_a_token_that_is_asked_for_twice_is_the_same(newcomer: Newcomer) -> None:
    ada = newcomer.ada
    page = ada.visit("/staff/new")
    said = {"name": "olga", "display_name": "Olga", "roles": "auditor"}
    for one in pressed_at_once(newcomer.desk, ada, "/staff", **said):
        ada.page = one
        first = token_of(ada)
    ada.page = page
    ada.send("/staff", **said)
    assert token_of(ada) == first


@pytest.mark.slow
def test_nothing_is_kept_of_whoever_has_logged_out(newcomer: Newcomer) -> None:
    ada = newcomer.ada
    ada.visit("/staff/new")
    before = ada.memory.size_bytes
    ada.send("/staff", name="olga", display_name="Olga", roles="auditor")
    assert ada.memory.size_bytes - before > len(ada.page.content), "its page counts as it is"
    ada.send("/log-out")
    assert ada.memory.size_bytes == 0


@pytest.mark.slow
def test_nothing_is_kept_of_whom_an_administrator_has_put_out(newcomer: Newcomer) -> None:
    olga = newcomer.at_enrolment("olga")
    enrolled(olga)
    find_live = newcomer.desk.sessions.find_live
    olga.memory.let_go(find_live)
    assert olga.memory.size_bytes
    put_out(newcomer, "olga")
    olga.memory.let_go(find_live)
    assert olga.memory.size_bytes == 0
