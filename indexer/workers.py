"""Processes that share long work; they end with the one that started them, however it ends."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice, starmap
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from screening.vocabulary.errors import OperatorError

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers:
    """One process for each core, or this process alone where the work is not `worth_it`."""

    def __init__(self, *, worth_it: bool) -> None:
        count = (os.cpu_count() or 1) if worth_it else 0
        self._ahead = 2 * count
        self._pool: ProcessPoolExecutor | None = None
        if count:
            # Spawned, not forked: a fork would inherit the locks and connections of this process.
            self._pool = ProcessPoolExecutor(count, get_context("spawn"), _depend_on_parent)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def starmap(
        self, function: Callable[..., Result], calls: Iterable[tuple[object, ...]]
    ) -> Iterator[Result]:
        """Yield the results in order; calls are drawn only as workers become free."""
        if self._pool is None:
            yield from starmap(function, calls)
            return
        running: deque[Future[Result]] = deque()
        try:
            for call in calls:
                running.append(self._pool.submit(function, *call))
                if len(running) > self._ahead:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        except BrokenProcessPool:
            raise OperatorError(
                "a process that shared the work died, perhaps for lack of memory; run it again"
            ) from None


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield `items` in lists of `size`; the last may be shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _depend_on_parent() -> None:
    # Ctrl-C reaches every process of a terminal: the parent is the one to end in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parent that is killed closes nothing that a worker waits for.
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
