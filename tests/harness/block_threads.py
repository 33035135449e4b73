"""Threads that go on beside a `with` block of a test, and end with it."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

_JOIN_S: Final = 60.0


class BlockThreads:
    """A context manager: one thread for each of `targets`, which goes on until `ending` is set.

    At the end of the block each is waited for: one that does not end is an error.
    """

    def __init__(self, *targets: Callable[[], None]) -> None:
        self.ending = threading.Event()
        self._threads = [threading.Thread(target=target) for target in targets]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ending.set()
        for thread in self._threads:
            thread.join(_JOIN_S)
        assert not any(thread.is_alive() for thread in self._threads), "a thread does not end"
