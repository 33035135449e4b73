"""Of those who wait for a first press few are let wait who are not in."""

from concurrent.futures import ThreadPoolExecutor

from intelligence.console.keeping import Memory
from intelligence.console.once import MOST_WAITING_OUTSIDE, Once
from tests.harness.processes import eventually
from tests.intelligence.console.test_once import NEXT, TICKET, Counted, Held, all_busy, visit
from tests.intelligence.staff.services import HandClock


def test_who_is_not_in_keeps_nobody_from_waiting_who_is() -> None:
    once = Once[str](Memory(HandClock()), begun_by=lambda _: NEXT, wait_s=60)
    do = Counted()
    held = [Held() for _ in range(3)]
    strange = [visit(once=str(name), who=None) for name in range(2)]
    forms = [*strange, visit(once="in")]
    with ThreadPoolExecutor(MOST_WAITING_OUTSIDE + 6) as pool:
        for form, one in zip(forms, held, strict=True):
            pool.submit(once.answer, form, one)
            assert one.has_begun.wait(30)
        for number in range(MOST_WAITING_OUTSIDE):
            pool.submit(once.answer, strange[number % 2], do)
        eventually(lambda: once.waiting == MOST_WAITING_OUTSIDE, what="those who are not in")
        assert all_busy(pool, lambda: once.answer(strange[0], do))
        assert all_busy(pool, lambda: str(once.find_again(TICKET, strange[1].form)))
        second = pool.submit(once.answer, forms[2], do)
        eventually(lambda: once.waiting == MOST_WAITING_OUTSIDE + 1, what="who is in")
        for one in held:
            one.may_end.set()
        assert second.result(30) == "/changes/held"
    assert (do.times, once.waiting) == (0, 0)
    assert once.answer(strange[0], do) == "/changes/held"
