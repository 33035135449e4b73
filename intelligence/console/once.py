"""A form that is sent twice is done once: by a double click, or by who is impatient.

Each page that is made gives its forms a token (`Visit.once`). Of whatever was sent with the same
token by the same browser to the same address, and says the same, the answer to the first is the
answer to all that come before it or soon after it.
"""

import hashlib
import secrets
import sys
import threading
from collections.abc import Callable, Set
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
MOST_WAITING_OUTSIDE: Final = 4
"""Of these, for whoever has no session: strangers' presses keep nobody waiting who is in."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that a form has begun, in place of the one that it came from, if that was one."""

    ticket: str = field(repr=False)
    session_hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Again(Generic[_Answer]):
    answer: _Answer = field(repr=False)
    begun: Begun | None = field(repr=False)


@dataclass(slots=True)
class _Press(Generic[_Answer]):
    is_over: threading.Event = field(default_factory=threading.Event)
    came: _Again[_Answer] | None = field(default=None, repr=False)
    waiting: int = 0


def _begins_none(_: object) -> None:
    """Tell of an answer that it begins no session."""


def _all_last(hashes: Set[bytes]) -> Set[bytes]:
    """Tell of sessions that none has ended."""
    return hashes


class Once(Generic[_Answer]):
    """Remembers for a while what came of forms; what was refused may be sent again.

    A browser is known by its ticket, which it has before it is let in as well. `size_of` gives the
    bytes of an answer, `begun_by` the session that one begins, and `find_live` those of sessions,
    by their hashes, that have not ended: what began another is told of no more.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        size_of: Callable[[_Answer], int] = sys.getsizeof,
        begun_by: Callable[[_Answer], Begun | None] = _begins_none,
        find_live: Callable[[Set[bytes]], Set[bytes]] = _all_last,
        wait_s: float = WAIT_S,
    ) -> None:
        def size_of_kept(one: _Again[_Answer]) -> int:
            return size_of(one.answer)

        self._answers: Kept[_Again[_Answer]] = Kept(memory, "once", SOON_S, size_of_kept)
        self._begun_by = begun_by
        self._find_live = find_live
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._under_way: dict[bytes, _Press[_Answer]] = {}
        self._waiting = self._waiting_outside = 0
        # What was sent is remembered by a hash that nobody outside can compute.
        self._secret = secrets.token_bytes(32)

    def answer(self, visit: Visit, do: Callable[[], _Answer]) -> _Answer:
        """Return what `do` returns, or has returned for the same form before.

        Raises what it raises, and `Busy` where the first is not done in time, or too many wait.
        """
        key = self._key(visit.ticket, visit.form)
        if key is None:
            return do()
        while (found := self._find_or_await(key, is_in=visit.signed_in is not None)) is None:
            press = self._begin(key)
            if press is not None:
                return self._first(visit, key, press, do)
        return found.answer

    def find_again(self, ticket: str, form: Form) -> _Answer | None:
        """Return what came just now of a form that has begun a session, None of any other.

        Where it came from one, that has ended by it: the same form comes again from either. Raises
        `Busy` as `answer` does.
        """
        try:
            key = self._key(ticket, form)
        except FormRefused:  # no page of ours gives such a token
            return None
        found = None if key is None else self._find_or_await(key, is_in=False)
        return None if found is None or found.begun is None else found.answer

    def _find_or_await(self, key: bytes, *, is_in: bool) -> _Again[_Answer] | None:
        """Return what came of a form, None of one that was refused, or that nobody has sent.

        Nor of one that has begun a session which has ended.
        """
        found = self._awaited(key, is_in=is_in)
        if found is None or found.begun is None:
            return found
        begun = found.begun.session_hash
        if self._find_live({begun}):
            return found
        self._answers.forget(begun)
        return None

    def _awaited(self, key: bytes, *, is_in: bool) -> _Again[_Answer] | None:
        with self._lock:
            kept, press = self._answers.find(key), self._under_way.get(key)
            if kept is not None or press is None:
                return kept
            self._let_wait(press, is_in=is_in)
        try:
            if not press.is_over.wait(self._wait_s):
                raise Busy
        finally:
            with self._lock:
                press.waiting -= 1
                self._waiting -= 1
                self._waiting_outside -= not is_in
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

    def _let_wait(self, press: _Press[_Answer], *, is_in: bool) -> None:
        if not is_in and self._waiting_outside >= MOST_WAITING_OUTSIDE:
            raise Busy
        if press.waiting >= MOST_WAITING or self._waiting >= MOST_WAITING_IN_ALL:
            raise Busy
        press.waiting += 1
        self._waiting += 1
        self._waiting_outside += not is_in

    def _first(
        self, visit: Visit, key: bytes, press: _Press[_Answer], do: Callable[[], _Answer]
    ) -> _Answer:
        try:
            answer = do()
            press.came = _Again(answer, self._begun_by(answer))
            with self._lock:
                self._keep(visit, key, press.came)
            return answer
        finally:
            with self._lock:
                del self._under_way[key]
            press.is_over.set()

    def _keep(self, visit: Visit, key: bytes, came: _Again[_Answer]) -> None:
        begun = came.begun
        if begun is None:
            self._answers.keep(key, came, of=visit.who.session_hash)
            return
        if visit.signed_in is not None:  # it has ended by this
            self._answers.forget(visit.signed_in.session_hash)
        for one in {key, self._key(begun.ticket, visit.form) or key}:
            self._answers.keep(one, came, of=begun.session_hash)

    def _key(self, ticket: str, form: Form) -> bytes | None:
        """Return what stands for a form that was sent; None of one without a token."""
        if not form.all(ONCE_FIELD):
            return None
        hashed = hashlib.blake2b(key=self._secret, digest_size=32)
        for part in (ticket.encode(), *form.parts()):
            hashed.update(len(part).to_bytes(8, "big") + part)
        return hashed.digest()
