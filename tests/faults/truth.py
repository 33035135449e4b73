"""What may be answered: the plain model that every answer is held against, and when it may fail."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.harness.list_model import Selectors

Verdict = str
"""`right`, `false no`, `false yes`, or `torn`: rows of an answer that are of different lists."""


class Truth:
    """The lists that may be in force, in the order in which they were made.

    Of `known` selectors, those in `always` are listed whatever is done; `changing` ones now and
    then, and all others never.
    """

    def __init__(self, always: Selectors, changing: Selectors, listed: Selectors) -> None:
        self._always = always
        self._changing = changing
        self._made = [listed]
        self._oldest = 0
        self._lock = threading.Lock()

    def began(self, listed: Selectors) -> int:
        """Take note that a list may be in force from now on; return its number."""
        with self._lock:
            self._made.append(listed)
            return len(self._made) - 1

    def in_force(self, number: int) -> None:
        """Take note that no list before this one is answered from any more."""
        with self._lock:
            self._oldest = max(self._oldest, number)

    def oldest(self) -> int:
        """Return the number that `judge` needs of the moment in which a question was sent."""
        with self._lock:
            return self._oldest

    def judge(self, asked: list[tuple[str, str]], results: list[str], oldest: int) -> Verdict:
        """Say whether these results are those of one list that was in force meanwhile."""
        matched = [result == "match" for result in results]
        if any(result not in ("match", "no_match") for result in results):
            return "torn"
        with self._lock:
            lists = set(self._made[oldest:])
        may_be = [[self._is_listed(one, listed) for one in asked] for listed in lists]
        if matched in may_be:
            return "right"
        for row, is_match in enumerate(matched):
            if not any(listed[row] == is_match for listed in may_be):
                return "false yes" if is_match else "false no"
        return "torn"

    def _is_listed(self, one: tuple[str, str], listed: Selectors) -> bool:
        return one in listed if one in self._changing else one in self._always


class Windows:
    """When refusals are to be expected: from before a fault until all is well again."""

    def __init__(self) -> None:
        self._closed: list[tuple[float, float]] = []
        self._open_since: float | None = None
        self.last = "the start"
        """What the last window was opened for."""
        self._lock = threading.Lock()

    @contextmanager
    def open(self, what: str) -> Iterator[None]:
        with self._lock:
            self.last = what
            self._open_since = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                assert self._open_since is not None
                self._closed.append((self._open_since, time.monotonic()))
                self._open_since = None

    def touch(self, begin: float, end: float) -> bool:
        """Tell whether a fault was going on at any moment between."""
        with self._lock:
            if self._open_since is not None and self._open_since <= end:
                return True
            return any(since <= end and begin <= until for since, until in self._closed[-50:])


@dataclass
class Tally:
    """What came of all questions."""

    answers: Counter[str] = field(default_factory=Counter)
    """By route."""
    rows: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    receipts: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Receipt -> how many rows were told to match, and how many not to."""
    refusals: Counter[str] = field(default_factory=Counter)
    """By reason; `broken` is a connection that ended before an answer."""
    outside: Counter[str] = field(default_factory=Counter)
    """Those that no fault explains, by reason and by what came last."""
    odd: Counter[int] = field(default_factory=Counter)
    """Statuses that nobody should ever have seen here."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_correct(self) -> bool:
        """Tell whether nothing false was said, and nothing said that is no answer at all."""
        return self.verdicts.keys() <= {"right"} and not self.odd

    def falsehoods(self, kind: Verdict) -> int:
        return self.verdicts[kind]


MOST_KEPT: Final = 20
"""Wrong answers that are told in full."""
