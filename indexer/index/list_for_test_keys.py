"""The list that test keys read: permanent, fictional selectors, so that a checkout can be tested.

A `gsk_test_` key never reads a real list (docs/architecture.md, "API keys"). A
reserved number (+1 555-01xx), a card scheme's test card, and an address under `.example`.
"""

from typing import Final

from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical

TEST_SELECTORS: Final[tuple[Canonical, ...]] = (
    normalise("phone", "+1 202 555 0199"),
    normalise("card", "4000 0000 0000 0002"),
    normalise("email", "listed@screening.example"),
)
