"""Which connection ends where there are too many: none of those who are answered."""

import asyncio
from dataclasses import dataclass

from screening.connections.bounds import whom_to_end


@dataclass
class Held:
    """A connection that waits to be refused since then, or may idle until then."""

    refused_since: float | None = None
    timeout_keep_alive_task: asyncio.TimerHandle | None = None


def idles_until(when: float) -> Held:
    loop = asyncio.new_event_loop()
    try:
        return Held(timeout_keep_alive_task=loop.call_at(when, int))
    finally:
        loop.close()


def test_who_waits_longest_to_be_refused_ends_before_anybody_who_idles() -> None:
    late, early = Held(refused_since=7.0), Held(refused_since=3.0)
    assert whom_to_end([idles_until(1.0), late, Held(), early]) is early


def test_without_refusals_who_idles_longest_ends_and_never_one_that_is_answered() -> None:
    longest = idles_until(5.0)
    assert whom_to_end([Held(), idles_until(9.0), longest]) is longest
