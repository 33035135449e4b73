"""Says that a command waits, where that takes long: else it looks as though it hangs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from screening.streams import tell

_TOLD_AFTER_S: Final = 2.0


@contextmanager
def waiting_told(timeout_ms: int) -> Iterator[None]:
    """Say after two seconds that the API has not answered yet, and how long it has time to."""
    sentence = f"gen-screen: waiting for the API to answer, up to {timeout_ms / 1000:g} s in all"
    timer = threading.Timer(_TOLD_AFTER_S, tell, [sentence])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # what it says stands before what comes of it
