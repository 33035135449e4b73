"""What is kept for a while in memory, each of a session, and gone with that or with the service.

Whatever is let go of early is only done anew, or has to be asked for again.
"""

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

MOST_BYTES: Final = 64 << 20
"""Of all sessions together."""
MOST_BYTES_OF_ONE: Final = 4 << 20
"""Of a session: some hundred of the largest pages."""
LOOK_EVERY_S: Final = 5.0
"""So long after its time, or after the end of its session, something may still be in memory."""

_EACH_BYTES: Final = 1 << 10
"""That something is kept at all, its key and its place."""
_JOIN_S: Final = 10.0
_Value = TypeVar("_Value")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _One:
    value: object = field(repr=False)
    of: bytes = field(repr=False)
    size_bytes: int
    ends_at: float


class Memory:
    """All that is kept, for several threads; of what is too much the oldest goes."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        most_bytes: int = MOST_BYTES,
        most_bytes_of_one: int = MOST_BYTES_OF_ONE,
    ) -> None:
        self._monotonic = monotonic
        self._most_bytes = most_bytes
        self._most_bytes_of_one = most_bytes_of_one
        self._lock = threading.Lock()
        self._ones: OrderedDict[bytes, _One] = OrderedDict()
        self._of_each: dict[bytes, OrderedDict[bytes, None]] = {}
        self._bytes_of: Counter[bytes] = Counter()
        self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much is kept."""
        with self._lock:
            return self._bytes

    def keep(self, key: bytes, value: object, *, of: bytes, size_bytes: int, kept_s: float) -> None:
        """Keep a value of a session, by the hash of that, unless it is too large for one."""
        size_bytes += _EACH_BYTES
        with self._lock:
            self._drop(key)
            if size_bytes > self._most_bytes_of_one:
                return
            while self._bytes_of[of] + size_bytes > self._most_bytes_of_one:
                self._drop(next(iter(self._of_each[of])))
            while self._bytes + size_bytes > self._most_bytes:
                self._drop(next(iter(self._ones)))
            self._ones[key] = _One(value, of, size_bytes, self._monotonic() + kept_s)
            self._of_each.setdefault(of, OrderedDict())[key] = None
            self._bytes_of[of] += size_bytes
            self._bytes += size_bytes

    def find(self, key: bytes) -> object | None:
        """Return what is kept under a key, None of nothing."""
        with self._lock:
            found = self._ones.get(key)
            if found is not None and found.ends_at <= self._monotonic():
                self._drop(key)
                return None
            return None if found is None else found.value

    def forget(self, of: bytes) -> None:
        """Keep nothing of a session any longer."""
        with self._lock:
            for key in list(self._of_each.get(of, ())):
                self._drop(key)

    def let_go(self, find_live: Callable[[Set[bytes]], Set[bytes]]) -> None:
        """Drop what is over, and what is of a session that has ended.

        `find_live` is asked which have not, of those of which something is kept.
        """
        with self._lock:
            now = self._monotonic()
            for key in [key for key, one in self._ones.items() if one.ends_at <= now]:
                self._drop(key)
            sessions = set(self._of_each)
        for one in sessions - find_live(sessions) if sessions else ():
            self.forget(one)

    def _drop(self, key: bytes) -> None:
        one = self._ones.pop(key, None)
        if one is None:
            return
        self._bytes -= one.size_bytes
        self._bytes_of[one.of] -= one.size_bytes
        of_it = self._of_each[one.of]
        del of_it[key]
        if not of_it:
            del self._of_each[one.of], self._bytes_of[one.of]


class Kept(Generic[_Value]):
    """Values of one kind in a memory, each kept for so long."""

    def __init__(
        self, memory: Memory, name: str, kept_s: float, size_of: Callable[[_Value], int]
    ) -> None:
        self._memory = memory
        self._name = name.encode() + b"\0"
        self._kept_s = kept_s
        self._size_of = size_of

    def keep(self, key: bytes, value: _Value, *, of: bytes) -> None:
        """Keep a value of a session, in place of the one of that key, if any."""
        size_bytes = self._size_of(value)
        self._memory.keep(
            self._name + key, value, of=of, size_bytes=size_bytes, kept_s=self._kept_s
        )

    def find(self, key: bytes) -> _Value | None:
        """Return what is kept under a key, None of nothing."""
        found: _Value | None = self._memory.find(self._name + key)  # type: ignore[assignment]  # only `keep` puts anything under this name
        return found

    def forget(self, of: bytes) -> None:
        """Keep nothing of a session any longer, of any kind."""
        self._memory.forget(of)


@contextmanager
def forgetting(
    memory: Memory,
    find_live: Callable[[Set[bytes]], Set[bytes]],
    *,
    every_s: float = LOOK_EVERY_S,
) -> Iterator[None]:
    """Have a thread let go of what is over, again and again until the block ends."""
    ended = threading.Event()

    def run() -> None:
        before = None
        while not ended.wait(every_s):
            failed = None
            try:
                memory.let_go(find_live)
            except Exception as error:  # it is tried again: what is over has gone meanwhile
                failed = type(error).__name__
            if failed not in (None, before):
                _log.error("which sessions have ended cannot be looked up: %s", failed)
            before = failed

    thread = threading.Thread(target=run, name="forgetting")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_JOIN_S)
