"""Values that are kept for a while in memory: of a session's own, and gone with the service."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

KEPT_S: Final = 600
"""As long as somebody may go back to a page, and send its form once more."""
MOST_KEPT: Final = 10_000
"""Of all sessions together; some 50 MB of the largest pages."""

_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """Values by their keys, for several threads; where there are too many, the oldest goes."""

    def __init__(
        self, monotonic: Callable[[], float], *, kept_s: float = KEPT_S, most: int = MOST_KEPT
    ) -> None:
        self._monotonic = monotonic
        self._kept_s = kept_s
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[bytes, tuple[float, _Value]] = OrderedDict()

    def find(self, key: bytes) -> _Value | None:
        """Return what is kept under a key, None of nothing."""
        with self._lock:
            self._let_go()
            found = self._values.get(key)
            return None if found is None else found[1]

    def find_or_keep(self, key: bytes, value: _Value) -> tuple[_Value, bool]:
        """Return what is kept under a key, and whether that is this value, kept from now on."""
        with self._lock:
            self._let_go()
            found = self._values.get(key)
            if found is not None:
                return found[1], False
            if len(self._values) == self._most:
                self._values.popitem(last=False)
            self._values[key] = (self._monotonic(), value)
            return value, True

    def drop(self, key: bytes, value: _Value) -> None:
        """Keep this value no longer; another one of the key stays."""
        with self._lock:
            found = self._values.get(key)
            if found is not None and found[1] is value:
                del self._values[key]

    def _let_go(self) -> None:
        is_over = self._monotonic() - self._kept_s
        while self._values:
            since, _ = next(iter(self._values.values()))
            if since > is_over:
                return
            self._values.popitem(last=False)
