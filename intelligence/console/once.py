"""A form that is sent twice is done once: by a double click, or by who is impatient.

Each page that is made gives its forms a token (`Visit.once`). Of whatever was sent with the same
token by the same session to the same address, and says the same, the answer to the first is the
answer to all that come before it or soon after it.
"""

import hashlib
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from intelligence.console.forms import Form
from intelligence.console.keeping import Kept, Memory
from intelligence.console.visits import ONCE_FIELD, Visit
from intelligence.errors import Busy, FormRefused

WAIT_S: Final = 5.0
"""For the first to be done; whoever waits has a thread, of which there are few for all."""
SOON_S: Final = 20.0
"""After the answer. Later it is another form, for which all is asked anew: whoever goes back has
seen what came of it, and may want it again, and no proof or password is of use for longer."""
MOST_WAITING: Final = 4
"""For one form; of a double click one waits."""
MOST_WAITING_IN_ALL: Final = 16
"""Of some 40 threads that there are for all pages."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Again(Generic[_Answer]):
    """What came of a form; `begun` is the session that it has begun, by its hash, if any."""

    answer: _Answer = field(repr=False)
    begun: bytes | None = field(repr=False)


@dataclass(slots=True)
class _Press(Generic[_Answer]):
    is_over: threading.Event = field(default_factory=threading.Event)
    came: Again[_Answer] | None = field(default=None, repr=False)
    waiting: int = 0


def _begins_none(_: object) -> None:
    """Tell of an answer that it begins no session."""


class Once(Generic[_Answer]):
    """Remembers for a while what came of forms; what was refused may be sent again.

    `size_of` gives the bytes of an answer, and `begun_by` the session that one begins, by its hash.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        size_of: Callable[[_Answer], int] = sys.getsizeof,
        begun_by: Callable[[_Answer], bytes | None] = _begins_none,
        wait_s: float = WAIT_S,
    ) -> None:
        def size_of_kept(one: Again[_Answer]) -> int:
            return size_of(one.answer)

        self._answers: Kept[Again[_Answer]] = Kept(memory, "once", SOON_S, size_of_kept)
        self._begun_by = begun_by
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._under_way: dict[bytes, _Press[_Answer]] = {}
        self._waiting = 0
        # What was sent is remembered by a hash that nobody outside can compute.
        self._secret = secrets.token_bytes(32)

    def answer(self, visit: Visit, do: Callable[[], _Answer]) -> _Answer:
        """Return what `do` returns, or has returned for the same form before.

        Raises what it raises, and `Busy` where the first is not done in time, or too many wait.
        """
        key = self._key(visit.who.session_hash, visit.form)
        if key is None:
            return do()
        while (found := self._find_or_await(key)) is None:
            press = self._begin(key)
            if press is not None:
                return self._first(visit, key, press, do)
        return found.answer

    def find_again(self, session_hash: bytes, form: Form) -> Again[_Answer] | None:
        """Return what came of a form of a session just now, None of nothing.

        Where that has begun another session, the first has ended by it: the same form comes again
        from either. Raises `Busy` as `answer` does.
        """
        try:
            key = self._key(session_hash, form)
        except FormRefused:  # no page of ours gives such a token
            return None
        return None if key is None else self._find_or_await(key)

    def _find_or_await(self, key: bytes) -> Again[_Answer] | None:
        """Return what came of a form, None of one that was refused, or that nobody has sent."""
        with self._lock:
            kept, press = self._answers.find(key), self._under_way.get(key)
            if kept is not None or press is None:
                return kept
            self._let_wait(press)
        try:
            if not press.is_over.wait(self._wait_s):
                raise Busy
        finally:
            with self._lock:
                press.waiting -= 1
                self._waiting -= 1
        return press.came

    def _begin(self, key: bytes) -> _Press[_Answer] | None:
        """Return the first press of a form, None where another came before it."""
        with self._lock:
            if key in self._under_way or self._answers.find(key) is not None:
                return None
            press = self._under_way[key] = _Press()
            return press

    @property
    def waiting(self) -> int:
        """How many wait for what another press has begun."""
        with self._lock:
            return self._waiting

    def _let_wait(self, press: _Press[_Answer]) -> None:
        if press.waiting >= MOST_WAITING or self._waiting >= MOST_WAITING_IN_ALL:
            raise Busy
        press.waiting += 1
        self._waiting += 1

    def _first(
        self, visit: Visit, key: bytes, press: _Press[_Answer], do: Callable[[], _Answer]
    ) -> _Answer:
        try:
            answer = do()
            begun = self._begun_by(answer)
            press.came = Again(answer, begun)
            keys = {key} if begun is None else {key, self._key(begun, visit.form) or key}
            with self._lock:
                for one in keys:
                    self._answers.keep(one, press.came, of=begun or visit.who.session_hash)
            return answer
        finally:
            with self._lock:
                del self._under_way[key]
            press.is_over.set()

    def _key(self, session_hash: bytes, form: Form) -> bytes | None:
        """Return what stands for a form that was sent; None of one without a token."""
        if not form.all(ONCE_FIELD):
            return None
        hashed = hashlib.blake2b(session_hash, key=self._secret, digest_size=32)
        for part in form.parts():
            hashed.update(len(part).to_bytes(8, "big") + part)
        return hashed.digest()
