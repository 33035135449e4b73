"""What several do at the same moment, each in a thread of their own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

DoneT = TypeVar("DoneT")


def at_once(
    tries: Sequence[Callable[[], DoneT]], *refused: type[Exception]
) -> tuple[list[DoneT], list[Exception]]:
    """Do all at once; return what was done, and with which of the `refused` errors others ended.

    Any other error is raised.
    """
    together = threading.Barrier(len(tries), timeout=10)

    def run(one: Callable[[], DoneT]) -> DoneT:
        together.wait()
        return one()

    done, ended = list[DoneT](), list[Exception]()
    with ThreadPoolExecutor(len(tries)) as threads:
        for running in [threads.submit(run, one) for one in tries]:
            try:
                done.append(running.result())
            except refused as error:
                ended.append(error)
    return done, ended
