"""A form that is pressed twice is done once, and both presses lead to what came of it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from intelligence.console.forms import Form, SentFile
from intelligence.console.keeping import Memory
from intelligence.console.once import MOST_WAITING, MOST_WAITING_IN_ALL, SOON_S, Begun, Once
from intelligence.console.visits import Visit
from intelligence.errors import Busy, FormRefused
from intelligence.staff.privileges import Privileges
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Stage
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.intelligence.staff.services import HandClock

WHO = SignedIn(uuid4(), "cora", "Cora", Stage.FULL, Privileges(frozenset()), b"a session")
TICKET = "the ticket"
NEXT = Begun("the next ticket", b"the next session")


def visit(
    *fields: tuple[str, str],
    ticket: str = TICKET,
    who: SignedIn | None = WHO,
    action: str = "/changes",
    once: str = "x",
) -> Visit:
    """Return that somebody has sent a form."""
    given = [("once", once), *fields] if once else [*fields]
    return Visit(ticket, False, who, "127.0.0.1", Form(given, action=action))


class Counted:
    """What is done, and how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return f"/changes/{self.times}"


def test_the_second_press_leads_to_what_came_of_the_first() -> None:
    once, do = Once[str](Memory(HandClock())), Counted()
    sent = visit(("reason", "seen"), ("password", "one"))
    assert [once.answer(sent, do) for _ in range(2)] == ["/changes/1", "/changes/1"]


def test_a_press_that_comes_late_is_another_form() -> None:
    clock = HandClock()
    once, do = Once[str](Memory(clock)), Counted()
    told = []
    for wait_s in (0, SOON_S / 2, SOON_S, SOON_S / 2):
        clock.move(wait_s)
        told.append(once.answer(visit(), do))
    assert told == ["/changes/1", "/changes/1", "/changes/2", "/changes/2"]


def test_soon_is_counted_from_the_answer_however_long_it_took() -> None:
    clock = HandClock()
    once = Once[str](Memory(clock))

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
        visit(("reason", "seen"), ticket="another"),
        visit(("reas", "onseen")),
    ],
)
def test_what_says_something_else_is_another_form(other: Visit) -> None:
    once, do = Once[str](Memory(HandClock())), Counted()
    assert once.answer(visit(("reason", "seen")), do) == "/changes/1"
    assert once.answer(other, do) == "/changes/2"


def test_another_file_is_another_form() -> None:
    once, do = Once[str](Memory(HandClock())), Counted()
    for content in (b"one", b"two", b"one"):
        form = Form([("once", "x")], {"file": SentFile("a.csv", content)}, action="/imports")
        once.answer(Visit(TICKET, False, WHO, "127.0.0.1", form), do)
    assert do.times == 2


def test_what_was_refused_may_be_sent_again() -> None:
    once, do = Once[str](Memory(HandClock())), Counted()

    def refused() -> str:
        raise FormRefused("your password is wrong", "password")

    for _ in range(2):
        with pytest.raises(FormRefused):
            once.answer(visit(), refused)
    assert once.answer(visit(), do) == "/changes/1"


def test_of_two_presses_at_once_the_second_waits_for_the_first() -> None:
    once, do = Once[str](Memory(HandClock())), Counted()
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
    once = Once[str](Memory(HandClock()), wait_s=0)

    def pressed_twice() -> str:
        with pytest.raises(Busy):
            once.answer(visit(), Counted())
        return "/changes/1"

    assert once.answer(visit(), pressed_twice) == "/changes/1"


class Held:
    """What is done, and comes to its end once it may."""

    def __init__(self, error: Exception | None = None) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()
        self._error = error

    def __call__(self) -> str:
        self.has_begun.set()
        assert self.may_end.wait(30)
        if self._error is not None:
            raise self._error
        return "/changes/held"


def all_busy(pool: ThreadPoolExecutor, press: Callable[[], str]) -> bool:
    with pytest.raises(Busy):
        pool.submit(press).result(30)
    return True


def test_some_wait_for_one_and_no_more_than_there_are_threads_for() -> None:
    once, held, do = Once[str](Memory(HandClock()), wait_s=60), Held(), Counted()
    with ThreadPoolExecutor(MOST_WAITING + 2) as pool:
        first = pool.submit(once.answer, visit(), held)
        assert held.has_begun.wait(30)
        waiting = [pool.submit(once.answer, visit(), do) for _ in range(MOST_WAITING)]
        eventually(lambda: once.waiting == MOST_WAITING, what="those who wait")
        assert all_busy(pool, lambda: once.answer(visit(), do))
        assert pool.submit(once.answer, visit(once="y"), do).result(30) == "/changes/1"
        held.may_end.set()
        assert {one.result(30) for one in (first, *waiting)} == {"/changes/held"}
    assert (do.times, once.waiting) == (1, 0)


def test_of_all_forms_no_more_wait_than_there_are_threads_for() -> None:
    once, do = Once[str](Memory(HandClock()), wait_s=60), Counted()
    forms = MOST_WAITING_IN_ALL // MOST_WAITING
    held = [Held() for _ in range(forms + 1)]
    with ThreadPoolExecutor(MOST_WAITING_IN_ALL + forms + 2) as pool:
        for name, one in enumerate(held):
            pool.submit(once.answer, visit(once=str(name)), one)
            assert one.has_begun.wait(30)
        for _ in range(MOST_WAITING):
            for name in range(forms):
                pool.submit(once.answer, visit(once=str(name)), do)
        eventually(lambda: once.waiting == MOST_WAITING_IN_ALL, what="those who wait")
        assert all_busy(pool, lambda: once.answer(visit(once=str(forms)), do))
        for one in held:
            one.may_end.set()
    assert do.times == 0


def test_of_those_who_wait_for_what_is_refused_one_does_it_anew() -> None:
    once, held, do = Once[str](Memory(HandClock())), Held(FormRefused("it is wrong")), Counted()
    with ThreadPoolExecutor(MOST_WAITING + 1) as pool:
        first = pool.submit(once.answer, visit(), held)
        assert held.has_begun.wait(30)
        waiting = [pool.submit(once.answer, visit(), do) for _ in range(MOST_WAITING)]
        eventually(lambda: once.waiting == MOST_WAITING, what="those who wait")
        held.may_end.set()
        with pytest.raises(FormRefused):
            first.result(30)
        assert {one.result(30) for one in waiting} == {"/changes/1"}
    assert do.times == 1


@pytest.mark.parametrize("who", [WHO, None])
def test_what_begins_another_session_comes_again_from_either(who: SignedIn | None) -> None:
    memory, do = Memory(HandClock()), Counted()
    once = Once[str](memory, begun_by=lambda _: NEXT)
    sent = visit(("code", "123456"), who=who)
    assert once.answer(sent, do) == once.answer(sent, do) == "/changes/1"
    for ticket in (TICKET, NEXT.ticket):
        assert once.find_again(ticket, sent.form) == "/changes/1"
    assert once.find_again("another", sent.form) is None
    assert once.find_again(TICKET, visit(("code", "1")).form) is None
    assert once.find_again(TICKET, visit(once="x" * 300).form) is None
    memory.forget(WHO.session_hash)
    assert once.find_again(TICKET, sent.form) is not None
    memory.forget(NEXT.session_hash)
    assert once.find_again(TICKET, sent.form) is None
    assert memory.size_bytes == 0


def test_what_has_begun_a_session_is_told_of_as_long_as_that_lasts() -> None:
    live, do = {NEXT.session_hash}, Counted()
    memory = Memory(HandClock())
    once = Once[str](memory, begun_by=lambda _: NEXT, find_live=live.intersection)
    sent = visit(("password", "one"), who=None)
    assert [once.answer(sent, do) for _ in range(2)] == ["/changes/1"] * 2
    live.clear()
    assert once.find_again(NEXT.ticket, sent.form) is None
    assert memory.size_bytes == 0
    assert once.answer(sent, do) == "/changes/2"


def test_with_a_session_goes_what_is_kept_of_it_where_a_form_begins_the_next() -> None:
    memory, begun = Memory(HandClock()), list[Begun | None]([None, NEXT])
    once, do = Once[str](memory, begun_by=lambda _: begun.pop(0)), Counted()
    once.answer(visit(), do)
    once.answer(visit(action="/second-factor"), do)
    memory.forget(NEXT.session_hash)
    assert memory.size_bytes == 0


def test_nothing_of_it_is_in_a_repr() -> None:
    memory = Memory(HandClock())
    once = Once[str](memory, begun_by=lambda _: NEXT)
    under_way = list[object]()

    def do() -> str:
        under_way.extend(vars(once)["_under_way"].values())
        return "codes for paper"

    once.answer(visit(), do)
    kept = [one.value for one in vars(memory)["_ones"].values()]
    assert (len(under_way), len(kept)) == (1, 2)
    for one in ("codes for paper", NEXT.ticket, "the next session"):
        assert one not in repr([under_way, kept, NEXT])


def test_what_is_sent_again_while_its_session_ends_by_it_waits_for_what_comes() -> None:
    once, held = Once[str](Memory(HandClock()), begun_by=lambda _: NEXT), Held()
    with ThreadPoolExecutor(2) as pool:
        pool.submit(once.answer, visit(), held)
        assert held.has_begun.wait(30)
        second = pool.submit(once.find_again, TICKET, visit().form)
        eventually(lambda: once.waiting == 1, what="who waits")
        held.may_end.set()
        assert second.result(30) == "/changes/held"


def test_what_begins_no_session_is_told_to_nobody_who_has_none() -> None:
    once = Once[str](Memory(HandClock()))
    once.answer(visit(), Counted())
    assert once.find_again(TICKET, visit().form) is None
