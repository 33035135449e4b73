"""How many connections a worker holds, and which one ends for another."""

import asyncio
import resource
from collections.abc import Iterable
from operator import itemgetter
from typing import Final, Protocol, TypeVar

MAX_CONNECTIONS: Final = 1024
"""As many as the requests that a worker takes in by default, half of which it works on at once."""
_TAKES_NOTHING_S: Final = 1.0
"""So long somebody on a slow line may take nothing of a large answer, and is no flood."""


class Held(Protocol):
    """A connection, and since when or until when nothing has to become of it.

    Its request waits to be refused, or its peer takes nothing of its answers or not all of its last
    one, since then; or it may idle until then.
    """

    refused_since: float | None
    untaken_since: float | None
    timeout_keep_alive_task: asyncio.TimerHandle | None


_Held = TypeVar("_Held", bound=Held)


def whom_to_end(held: Iterable[_Held], now: float) -> _Held:
    """Return who has waited longest to be refused; `now` is of the event loop.

    Without any, who has taken nothing of its answers for longest, or not all of its last one, for a
    second at least; without any of those who idles longest. So floods of unknown keys, of unread
    answers and of idle connections end themselves, and take no place from those who ask. There is
    one that idles at least: the new one.
    """
    held = list(held)
    for moments in (
        [(one.refused_since, one) for one in held],
        [(_of_a_flood(one.untaken_since, now), one) for one in held],
        [(_ends_at(one.timeout_keep_alive_task), one) for one in held],
    ):
        known = [(at, one) for at, one in moments if at is not None]
        if known:
            return min(known, key=itemgetter(0))[1]
    raise ValueError("no connection idles, not even the new one")


def _of_a_flood(untaken_since: float | None, now: float) -> float | None:
    is_slow = untaken_since is None or now - untaken_since < _TAKES_NOTHING_S
    return None if is_slow else untaken_since


def _ends_at(timer: asyncio.TimerHandle | None) -> float | None:
    return None if timer is None else timer.when()


def max_connections() -> int:
    """Return the bound, where connections leave half of the process's descriptors to all else."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, descriptors // 2)
