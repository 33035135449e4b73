"""How far the tests of this folder go: a few seconds each, or as `make fuzz` asks."""

import os
from typing import Final

from hypothesis import HealthCheck, settings

FLIPS: Final = int(os.environ.get("FUZZ_FLIPS", "300"))
EDITS: Final = int(os.environ.get("FUZZ_EDITS", "400"))
EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "40"))

fuzzed = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
