"""Refusals of which a flood may come: so many a second, and what is more waits its turn.

They are those of keys that nobody knows, and those of an overload, each in a line of its own. A
flood costs what is answered of it. Until its refusal is sent, a connection asks nothing more; and
no other question waits for it, not that of a partner behind the same address or proxy either:
nothing here is counted by address.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

from litestar.types import HTTPScope, Send

from screening.api.metrics import Metrics
from screening.api.problems import problem_of
from screening.api.rehearsal import Rehearsed
from screening.api.sending import send_problem
from screening.api.turns import SharedTurns, Turns
from screening.connections.http_connection import CONNECTION
from screening.vocabulary.errors import LedgerFull, Unauthenticated, Unavailable

MAX_WAIT_S: Final = 2.0
"""What would wait for longer is ended unanswered: else a flood would fill the memory."""
ANSWERS_A_REFUSAL: Final = 10
"""In an overload: to refuse costs half of a check (measured), so all that is a twentieth."""
LEAST_OVERLOADED_PER_SECOND: Final = 100
"""However few are answered; of a worker so slow that it does 1,000 checks a second a twentieth."""
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
        *,
        least_overloaded_per_second: float = LEAST_OVERLOADED_PER_SECOND,
    ) -> None:
        """`per_second` is for unknown keys."""
        self._metrics = metrics
        self._unknown = Turns(per_second, monotonic)
        self._overloaded = SharedTurns(
            least_overloaded_per_second, answers_a_turn=ANSWERS_A_REFUSAL, monotonic=monotonic
        )
        self._monotonic = monotonic
        self._told_at = float("-inf")

    def answered(self) -> None:
        """Take note of an answer: what is refused in an overload keeps pace with them."""
        self._overloaded.answered()

    async def send(self, route: str, scope: HTTPScope, send: Send, error: Exception) -> None:
        """Answer with the problem that an error is, in its turn where a flood may come of it."""
        if isinstance(error, Unauthenticated):
            if not await self._has_turn(route, scope):
                return
        elif _is_of_overload(error):
            await self._wait_among_overloaded(scope)
        response = problem_of(error)
        self._metrics.refused(route, response.problem, error)
        await send_problem(send, response)

    async def _has_turn(self, route: str, scope: HTTPScope) -> bool:
        """Wait for the turn of a key that nobody knows; False where the connection is ended."""
        wait_s = self._unknown.wait_s()
        if wait_s > _FLOOD_S and self._monotonic() - self._told_at > _TOLD_EVERY_S:
            self._told_at = self._monotonic()
            self._metrics.raised("unknown_keys", route)
        if wait_s > MAX_WAIT_S:
            self._metrics.shed(route)
            connection: Refusable | None = scope["state"].get(CONNECTION)
            if connection is not None:
                connection.give_up()
            return False
        self._unknown.take(wait_s)
        await _wait(wait_s, scope)
        return True

    async def _wait_among_overloaded(self, scope: HTTPScope) -> None:
        """Wait for the turn of what is refused in an overload, but at most so long.

        Its peer is known, and is told: that it ends here would look to it like a broken network.
        """
        wait_s = min(self._overloaded.wait_s(), MAX_WAIT_S)
        self._overloaded.take(wait_s)
        await _wait(wait_s, scope)


def _is_of_overload(error: Exception) -> bool:
    if isinstance(error, Rehearsed):  # it has cost its key a check, and is refused as it asks to be
        return False
    return isinstance(error, LedgerFull) or (
        isinstance(error, Unavailable) and error.reason == "overloaded"
    )


async def _wait(wait_s: float, scope: HTTPScope) -> None:
    if wait_s > 0:
        connection: Refusable | None = scope["state"].get(CONNECTION)
        if connection is not None:
            connection.refuse_later()
        await asyncio.sleep(wait_s)
