"""A form that is sent twice is done once: by a double click, or by who is impatient.

Each page that is made gives its forms a token (`Visit.once`). Of whatever was sent with the same
token by the same session to the same address, and says the same, the answer to the first is the
answer to all that come before it or soon after it.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from intelligence.console.keeping import Kept
from intelligence.console.visits import ONCE_FIELD, Visit
from intelligence.errors import Busy

WAIT_S: Final = 5.0
"""For the first to be done; whoever waits has a thread, of which there are few for all."""
SOON_S: Final = 20.0
"""After the answer. Later it is another form, for which all is asked anew: whoever goes back has
seen what came of it, and may want it again, and no proof or password is of use for longer."""

_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class _Press(Generic[_Answer]):
    is_over: threading.Event = field(default_factory=threading.Event)
    answer: _Answer | None = None
    answered_at: float = 0.0


class Once(Generic[_Answer]):
    """Remembers for a while what came of forms; what was refused may be sent again."""

    def __init__(self, monotonic: Callable[[], float], *, wait_s: float = WAIT_S) -> None:
        self._presses: Kept[_Press[_Answer]] = Kept(monotonic)
        self._monotonic = monotonic
        self._wait_s = wait_s
        # What was sent is remembered by a hash that nobody outside can compute.
        self._secret = secrets.token_bytes(32)

    def answer(self, visit: Visit, do: Callable[[], _Answer]) -> _Answer:
        """Return what `do` returns, or has returned for the same form before.

        Raises what it raises, and `Busy` where the first is not done in time.
        """
        key = self._key(visit)
        while key is not None:
            press, is_first = self._presses.find_or_keep(key, _Press())
            if is_first:
                return self._first(key, press, do)
            if not press.is_over.wait(self._wait_s):
                raise Busy
            if press.answer is not None and self._monotonic() - press.answered_at < SOON_S:
                return press.answer
            self._presses.drop(key, press)
        return do()

    def _first(self, key: bytes, press: _Press[_Answer], do: Callable[[], _Answer]) -> _Answer:
        try:
            press.answer, press.answered_at = do(), self._monotonic()
            return press.answer
        finally:
            if press.answer is None:
                self._presses.drop(key, press)
            press.is_over.set()

    def _key(self, visit: Visit) -> bytes | None:
        """Return what stands for a form that was sent; None of one without a token."""
        if not visit.form.all(ONCE_FIELD):
            return None
        hashed = hashlib.blake2b(visit.who.session_hash, key=self._secret, digest_size=32)
        for part in visit.form.parts():
            hashed.update(len(part).to_bytes(8, "big") + part)
        return hashed.digest()
