"""What is kept in memory has its time, its session and its bounds, and says nothing of itself."""

import threading

import pytest

from intelligence.console.keeping import Kept, Memory, forgetting
from intelligence.console.looks import LOOKS_KEPT_S
from tests.harness.processes import eventually
from tests.intelligence.staff.services import HandClock

EACH = 1 << 10
SECRET = "nobody else's"


def kept_in(memory: Memory, name: str = "page") -> Kept[str]:
    return Kept(memory, name, LOOKS_KEPT_S, len)


def none_live(_: object) -> set[bytes]:
    return set()


def test_what_is_kept_is_kept_for_a_while() -> None:
    clock = HandClock()
    kept = kept_in(Memory(clock))
    kept.keep(b"a", "told", of=b"cora")
    clock.move(LOOKS_KEPT_S - 1)
    assert (kept.find(b"a"), kept.find(b"b")) == ("told", None)
    clock.move(1)
    assert kept.find(b"a") is None


def test_of_one_session_and_of_all_no_more_bytes_are_kept_and_the_oldest_goes() -> None:
    memory = Memory(HandClock(), most_bytes=5 * EACH, most_bytes_of_one=3 * EACH)
    kept = kept_in(memory)
    for name in (b"a", b"b", b"c", b"d"):
        kept.keep(name, "", of=b"cora")
    assert [kept.find(name) for name in (b"a", b"b", b"c", b"d")] == [None, "", "", ""]
    for name in (b"e", b"f", b"g"):
        kept.keep(name, "", of=b"bo")
    assert [kept.find(name) for name in (b"b", b"c", b"d", b"e")] == [None, "", "", ""]
    assert memory.size_bytes == 5 * EACH


def kept_of(memory: Memory, sessions: int, *, each_mib: int) -> int:
    """Keep one value of each of so many sessions; return how many are there then."""
    keys = [str(at).encode() for at in range(sessions)]
    for key in keys:
        memory.keep(key, "", of=key, size_bytes=(each_mib << 20) - EACH, kept_s=LOOKS_KEPT_S)
    return sum(memory.find(key) is not None for key in keys)


def test_a_console_keeps_4_mib_of_a_session_and_64_of_all() -> None:
    memory = Memory(HandClock())
    assert kept_of(memory, 20, each_mib=4) == 16
    assert memory.size_bytes == 64 << 20
    assert kept_of(Memory(HandClock()), 1, each_mib=5) == 0
    for name in (b"a", b"b", b"c"):
        memory.keep(name, "", of=b"cora", size_bytes=(2 << 20) - EACH, kept_s=LOOKS_KEPT_S)
    assert [memory.find(name) for name in (b"a", b"b", b"c")] == [None, "", ""]


def test_what_is_too_large_is_not_kept_and_puts_nothing_out() -> None:
    memory = Memory(HandClock(), most_bytes_of_one=3 * EACH)
    kept = kept_in(memory)
    kept.keep(b"a", "x", of=b"cora")
    kept.keep(b"b", "x" * 2 * EACH, of=b"cora")
    assert (kept.find(b"a"), kept.find(b"b")) == (None, "x" * 2 * EACH)
    kept.keep(b"c", "x" * 3 * EACH, of=b"cora")
    assert (kept.find(b"b"), kept.find(b"c")) == ("x" * 2 * EACH, None)
    kept.keep(b"b", "x", of=b"cora")
    assert memory.size_bytes == EACH + 1


def test_what_is_kept_under_one_name_is_found_under_no_other() -> None:
    memory = Memory(HandClock())
    kept_in(memory).keep(b"a", "told", of=b"cora")
    assert kept_in(memory, "look").find(b"a") is None


def test_what_is_of_a_session_goes_with_it() -> None:
    clock = HandClock()
    memory = Memory(clock)
    kept = kept_in(memory)
    for name in (b"cora", b"bo", b"abel"):
        kept.keep(name, "told", of=name)
    memory.forget(b"cora")
    asked = list[set[bytes]]()

    def all_but_bo(sessions: object) -> set[bytes]:
        asked.append(set(sessions))  # type: ignore[call-overload]  # of hashes
        return {b"abel"}

    memory.let_go(all_but_bo)
    assert asked == [{b"bo", b"abel"}]
    assert [kept.find(name) for name in (b"cora", b"bo", b"abel")] == [None, None, "told"]
    clock.move(LOOKS_KEPT_S)
    memory.let_go(all_but_bo)
    assert (memory.size_bytes, len(asked)) == (0, 1), "nobody is asked of where nothing is kept"


def test_a_thread_lets_go_of_what_is_over_without_another_press() -> None:
    clock = HandClock()
    memory = Memory(clock)
    kept_in(memory).keep(b"a", "told", of=b"cora")
    with forgetting(memory, set, every_s=0.01):
        clock.move(LOOKS_KEPT_S)
        eventually(lambda: memory.size_bytes == 0, what="what is over to be gone")
    assert not any(one.name == "forgetting" for one in threading.enumerate())


def test_a_database_that_fails_keeps_nothing_from_going_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    memory, fails = Memory(HandClock()), [True]

    def find_live(_: object) -> set[bytes]:
        if fails[0]:
            raise OSError(SECRET)
        return set()

    kept_in(memory).keep(b"a", "told", of=b"cora")
    with forgetting(memory, find_live, every_s=0.01):
        eventually(lambda: "OSError" in caplog.text, what="that it failed to be said")
        fails[0] = False
        eventually(lambda: memory.size_bytes == 0, what="what is of an ended session to be gone")
    assert caplog.text.count("OSError") == 1
    assert SECRET not in caplog.text


def test_nothing_of_it_is_in_a_repr() -> None:
    memory = Memory(HandClock())
    kept = kept_in(memory)
    kept.keep(SECRET.encode(), SECRET, of=SECRET.encode())
    assert SECRET not in f"{memory!r}{kept!r}{[*vars(memory)['_ones'].values()]!r}"
    memory.let_go(none_live)
    assert kept.find(SECRET.encode()) is None
