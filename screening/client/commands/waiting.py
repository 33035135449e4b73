"""Says that a command waits, where that takes long: else it looks as though it hangs."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from screening.client.answers import BulkAnswer
from screening.client.bulk.asking import Asker
from screening.client.derivation import SelectorToken
from screening.streams import tell
from screening.vocabulary.wire import Parameters

_TOLD_AFTER_S: Final = 2.0
_Answer = TypeVar("_Answer")


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


class WaitingTold:
    """Asks by another, and says of a question that it has no answer yet: once for all that wait."""

    def __init__(self, asker: Asker, timeout_ms: int, say: Callable[[str], None]) -> None:
        self._asker = asker
        self._timeout_s = timeout_ms / 1_000
        self._say = say
        self._silent_until = 0.0

    async def parameters(self) -> Parameters:
        """Return what the API states."""
        return await self._told(self._asker.parameters())

    async def bulk(self, tokens: list[SelectorToken], /) -> BulkAnswer:
        """Ask once; raises as the other does."""
        return await self._told(self._asker.bulk(tokens))

    async def _told(self, answer: Awaitable[_Answer]) -> _Answer:
        timer = asyncio.get_running_loop().call_later(_TOLD_AFTER_S, self._tell)
        try:
            return await answer
        finally:
            timer.cancel()

    def _tell(self) -> None:
        now = time.monotonic()
        if now >= self._silent_until:
            self._say(f"Waiting for the API to answer, up to {self._timeout_s:g} s.")
            self._silent_until = now + self._timeout_s
