"""What test keys are told on demand, so that a partner can rehearse all that its checkout may meet.

The permanent test selectors (docs/test-mode.md) are listed in the generations of test keys, and the
manifests of these say which of them are told as something else than a match. No live key's has any.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from screening.api.certain import Certain
from screening.generations.manifest import TestOutcome
from screening.vocabulary.errors import QuotaExceeded, Unavailable
from screening.vocabulary.selector import IndexDigest

RETRY_AFTER_S: Final = 5
SLOW_S: Final = 3.0
"""Longer than the SDK waits for a check, shorter than the 10 s and more of most HTTP clients."""
SLOW_AT_ONCE: Final = 4
"""Answers of one route and worker that are held back side by side."""
_ASKED_FOR: Final = "a test selector asks for this"


class Rehearsed(Unavailable):
    """Nothing is known, because a test selector asks for that: no sign that too much is asked."""


def rehearse(outcomes: Mapping[IndexDigest, TestOutcome], told: Certain) -> Certain:
    """Do what the test selectors among the matches stand for; the first one decides.

    Raises what leaves nothing certain when it happens in earnest: `QuotaExceeded`, or `Rehearsed`
    where no list is loaded, the journal cannot be written, or too much is asked. What truly
    keeps others from being known stays the trouble, beside whatever is returned.
    """
    asked = {row: outcomes[digest] for row, digest in told.matches.items() if digest in outcomes}
    certain = {row: digest for row, digest in told.matches.items() if row not in asked}
    for outcome in asked.values():
        match outcome:
            case "slow":
                continue
            case "quota_exceeded":
                raise QuotaExceeded(
                    f"{_ASKED_FOR}; wait", policy="second", retry_after_s=RETRY_AFTER_S
                )
            case "index" | "audit" | "overloaded":
                raise Rehearsed(_ASKED_FOR, reason=outcome)
            case "stale" | "store":
                return Certain(certain, told.trouble or outcome)
    return Certain(certain, told.trouble, is_slow=bool(asked))


class SlowAnswers:
    """Holds answers back without holding anything else: past `SLOW_AT_ONCE` they go at once."""

    def __init__(self) -> None:
        self._held = 0

    async def hold(self) -> None:
        """Return after `SLOW_S`, or at once."""
        if self._held >= SLOW_AT_ONCE:
            return
        self._held += 1
        try:
            await asyncio.sleep(SLOW_S)
        finally:
            self._held -= 1
