"""How many connections a worker holds, and which one ends for another."""

import asyncio
import resource
from collections.abc import Iterable
from operator import itemgetter
from typing import Final, Protocol, TypeVar

MAX_CONNECTIONS: Final = 1024
"""Twice the requests that a worker works on at a time by default."""


class Held(Protocol):
    """A connection: since when its request waits to be refused, and until when it may idle."""

    refused_since: float | None
    timeout_keep_alive_task: asyncio.TimerHandle | None


_Held = TypeVar("_Held", bound=Held)


def whom_to_end(held: Iterable[_Held]) -> _Held:
    """Return who has waited longest to be refused, or without any who idles longest.

    So floods of unknown keys and of idle connections end themselves, and take no place from those
    who ask. There is one that idles at least: the new one.
    """
    held = list(held)
    refused = [(one.refused_since, one) for one in held if one.refused_since is not None]
    if refused:
        return min(refused, key=itemgetter(0))[1]
    timed = [(one.timeout_keep_alive_task, one) for one in held]
    idle = [(task.when(), one) for task, one in timed if task is not None]
    return min(idle, key=itemgetter(0))[1]


def max_connections() -> int:
    """Return the bound, where connections leave half of the process's descriptors to all else."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, descriptors // 2)
