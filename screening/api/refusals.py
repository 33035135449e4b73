"""Refusals of those whom nobody knows: so many a second, and what is more waits its turn.

A flood of wrong keys costs what is answered of it. Until its refusal is sent, a connection asks
nothing more; and no other question waits for it, not that of a partner behind the same address or
proxy either: nothing here is counted by address.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

from litestar.types import HTTPScope, Send

from screening.api.metrics import Metrics
from screening.api.problems import problem_of
from screening.api.sending import send_problem
from screening.vocabulary.errors import Unauthenticated

CONNECTION: Final = "screening.connection"
"""In the `state` of a request: the `Refusable` on which it came."""
MAX_WAIT_S: Final = 2.0
"""What would wait for longer is ended unanswered: else a flood would fill the memory."""
_AT_ONCE_S: Final = 0.2
"""As many as come in so much time are refused at once, where there were none before."""
_FLOOD_S: Final = 0.5
"""Who waits for longer waits behind a flood."""
_TOLD_EVERY_S: Final = 10.0


class Refusable(Protocol):
    """A connection, where there are too many of which those that wait here are ended first."""

    def refuse_later(self) -> None:
        """Take note that its request waits to be refused."""
        ...

    def give_up(self) -> None:
        """End it at once, without an answer."""
        ...


class Refusals:
    """Sends the refusals of one worker."""

    def __init__(
        self,
        metrics: Metrics,
        per_second: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics = metrics
        self._interval_s = 1 / per_second
        self._monotonic = monotonic
        self._free_at = float("-inf")
        self._told_at = float("-inf")

    async def send(self, route: str, scope: HTTPScope, send: Send, error: Exception) -> None:
        """Answer with the problem that an error is, in its turn where nobody knows who asks."""
        if isinstance(error, Unauthenticated) and not await self.has_turn(route, scope):
            return
        response = problem_of(error)
        self._metrics.refused(route, response.problem, error)
        await send_problem(send, response)

    async def has_turn(self, route: str, scope: HTTPScope) -> bool:
        """Wait for the turn of a refusal; False where the connection is ended instead.

        By GCRA (ITU-T I.371, virtual scheduling): one place in a line costs no more than a number.
        """
        now = self._monotonic()
        turn = max(self._free_at, now - _AT_ONCE_S)
        wait_s = turn - now
        if wait_s > _FLOOD_S and now - self._told_at > _TOLD_EVERY_S:
            self._told_at = now
            self._metrics.raised("unknown_keys", route)
        connection: Refusable | None = scope["state"].get(CONNECTION)
        if wait_s > MAX_WAIT_S:
            self._metrics.shed(route)
            if connection is not None:
                connection.give_up()
            return False
        self._free_at = turn + self._interval_s
        if wait_s > 0:
            if connection is not None:
                connection.refuse_later()
            await asyncio.sleep(wait_s)
        return True
