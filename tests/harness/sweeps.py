"""How far a sweep goes that kills a command before each of its steps while a service answers.

Tests try a sample of the steps, both ends among them; `make sweeps` tries all. What a kill
leaves is found at every step in any case, by the sweeps of `tests/indexer` that need no service.
"""

import os
import random
import sys
from typing import Final

_IS_WHOLE: Final = os.environ.get("SWEEPS") == "whole"
_FIRST, _BETWEEN, _LAST = 1, 8, 3


def swept(count: int) -> list[int]:
    """Return which of `count` steps are tried, from 0 on; `SWEEP_SEED` has the same tried again.

    A failure shows the seed with what it has captured.
    """
    first, last = range(_FIRST), range(count - _LAST, count)
    between = range(_FIRST, count - _LAST)
    if _IS_WHOLE or len(between) <= _BETWEEN:
        return list(range(count))
    seed = int(os.environ.get("SWEEP_SEED") or random.SystemRandom().getrandbits(32))
    sys.stderr.write(f"a sample of {count} steps: SWEEP_SEED={seed}\n")
    drawn = random.Random(seed).sample(between, _BETWEEN)  # noqa: S311 - to be drawn again
    return [*first, *sorted(drawn), *last]
