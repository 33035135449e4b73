"""A form that is pressed twice is done once, and both presses lead to what came of it."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from intelligence.console.forms import Form, SentFile
from intelligence.console.keeping import KEPT_S, Kept
from intelligence.console.once import SOON_S, Once
from intelligence.console.visits import Visit
from intelligence.deployment import initialise, open_desk
from intelligence.errors import Busy, FormRefused
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import Role
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Stage
from tests.harness.console import forms_of, token_of
from tests.harness.slow import slow_but_first
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside
from tests.intelligence.console.staffed import Staffed
from tests.intelligence.staff.services import HandClock

WHO = SignedIn(uuid4(), "cora", "Cora", Stage.FULL, Privileges(frozenset()), b"a session")


def visit(
    *fields: tuple[str, str], who: SignedIn = WHO, action: str = "/changes", once: str = "x"
) -> Visit:
    """Return that somebody has sent a form."""
    given = [("once", once), *fields] if once else [*fields]
    return Visit("ticket", False, who, "127.0.0.1", Form(given, action=action))


class Counted:
    """What is done, and how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return f"/changes/{self.times}"


def test_the_second_press_leads_to_what_came_of_the_first() -> None:
    once, do = Once[str](HandClock()), Counted()
    sent = visit(("reason", "seen"), ("password", "one"))
    assert [once.answer(sent, do) for _ in range(2)] == ["/changes/1", "/changes/1"]


def test_a_press_that_comes_late_is_another_form() -> None:
    clock = HandClock()
    once, do = Once[str](clock), Counted()
    told = []
    for wait_s in (0, SOON_S / 2, SOON_S, SOON_S / 2):
        clock.move(wait_s)
        told.append(once.answer(visit(), do))
    assert told == ["/changes/1", "/changes/1", "/changes/2", "/changes/2"]


def test_soon_is_counted_from_the_answer_however_long_it_took() -> None:
    clock = HandClock()
    once = Once[str](clock)

    def slowly() -> str:
        clock.move(2 * SOON_S)
        return "/changes/1"

    assert [once.answer(visit(), do) for do in (slowly, Counted())] == ["/changes/1"] * 2


@slow_but_first(
    2,
    "other",
    [
        visit(("reason", "seen again")),
        visit(("reason", "seen"), ("password", "another")),
        visit(("reason", "seen"), once="y"),
        visit(("reason", "seen"), once=""),
        visit(("reason", "seen"), action="/lifts"),
        visit(("reason", "seen"), who=replace(WHO, session_hash=b"another")),
        visit(("reas", "onseen")),
    ],
)
def test_what_says_something_else_is_another_form(other: Visit) -> None:
    once, do = Once[str](HandClock()), Counted()
    assert once.answer(visit(("reason", "seen")), do) == "/changes/1"
    assert once.answer(other, do) == "/changes/2"


def test_another_file_is_another_form() -> None:
    once, do = Once[str](HandClock()), Counted()
    for content in (b"one", b"two", b"one"):
        form = Form([("once", "x")], {"file": SentFile("a.csv", content)}, action="/imports")
        once.answer(replace(visit(), sent=form), do)
    assert do.times == 2


def test_what_was_refused_may_be_sent_again() -> None:
    once, do = Once[str](HandClock()), Counted()

    def refused() -> str:
        raise FormRefused("your password is wrong", "password")

    for _ in range(2):
        with pytest.raises(FormRefused):
            once.answer(visit(), refused)
    assert once.answer(visit(), do) == "/changes/1"


def test_of_two_presses_at_once_the_second_waits_for_the_first() -> None:
    once, do = Once[str](HandClock()), Counted()
    has_begun, may_end = threading.Event(), threading.Event()

    def slowly() -> str:
        has_begun.set()
        assert may_end.wait(30)
        return do()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(once.answer, visit(), slowly)
        assert has_begun.wait(30)
        second = pool.submit(once.answer, visit(), do)
        may_end.set()
        assert (first.result(30), second.result(30)) == ("/changes/1", "/changes/1")


def test_who_waits_too_long_is_told_to_try_again() -> None:
    once = Once[str](HandClock(), wait_s=0)

    def pressed_twice() -> str:
        with pytest.raises(Busy):
            once.answer(visit(), Counted())
        return "/changes/1"

    assert once.answer(visit(), pressed_twice) == "/changes/1"


def test_what_is_kept_is_kept_for_a_while_and_of_much_the_latest() -> None:
    clock = HandClock()
    kept = Kept[str](clock, most=2)
    kept.find_or_keep(b"a", "a")
    clock.move(KEPT_S - 1)
    assert kept.find_or_keep(b"a", "b") == ("a", False)
    clock.move(1)
    assert kept.find(b"a") is None
    for one in ("a", "b", "c"):
        kept.find_or_keep(one.encode(), one)
    assert [kept.find(one) for one in (b"a", b"b", b"c")] == [None, "b", "c"]


def pressed(browser: Inside, action: str, **fields: str) -> str:
    """Press a form, and once more before the first answer is there; return where it leads."""
    (form,) = (one for one in forms_of(browser.page.text) if one.action == action)
    sent = {**form.fields, **fields}
    answers = [browser.client.post(action, data=sent, follow_redirects=False) for _ in range(2)]
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
    draft = pressed(curator, "/changes", **fields)
    assert drafts(curator) == before + 1
    curator.visit(look)  # by Back, and once more
    assert pressed(curator, "/changes", **fields) == draft
    assert drafts(curator) == before + 1
    curator.visit(look)
    assert pressed(curator, "/changes", **{**fields, "source": "case-8"}) != draft
    assert drafts(curator) == before + 2


def test_a_file_that_is_drafted_twice_is_one_draft(staffed: Staffed) -> None:
    curator = staffed.browsers[Role.CURATOR]
    curator.visit("/imports")
    table = b"phone,role,source,reason\n+12025550152,buyer,case-7,seen\n"
    path = curator.upload("/imports", "case.csv", table).url.path
    assert pressed(curator, f"{path}/draft").startswith("/changes/")


def test_a_token_that_is_asked_for_twice_is_the_same(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    token = initialise(settings)
    assert token is not None
    with open_desk(settings) as desk:
        ada = Inside(desk)
        ada.set_up(token, "ada@gen.example")
        page = ada.visit("/staff/new")
        said = {"name": "olga", "display_name": "Olga", "roles": ["auditor"]}
        tokens = []
        for _ in range(2):
            ada.page = page
            ada.send("/staff", **said)  # type: ignore[arg-type]  # a list of roles
            tokens.append(token_of(ada))
        assert tokens[0] == tokens[1]
