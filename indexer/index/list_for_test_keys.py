"""The list that test keys read: permanent, fictional selectors, so that a checkout can be tested.

A `gsk_test_` key never reads a real list (docs/architecture.md, "API keys"). Each outcome has a
reserved number (+1 555-01xx), a card scheme's test card, and an address under `.example`. Partners
have them in their tests: selectors may be added here, and never changed or taken away.
"""

from typing import Final, Literal

from screening.generations.manifest import TestOutcome
from screening.vocabulary.normalise import normalise

_SPELLED: Final[tuple[tuple[Literal["match", "no_match"] | TestOutcome, str, str, str], ...]] = (
    ("match", "+12025550199", "4000000000000002", "listed@screening.example"),
    ("no_match", "+12025550198", "4242424242424242", "clear@screening.example"),
    ("quota_exceeded", "+12025550197", "4000000000009995", "quota@screening.example"),
    ("index", "+12025550196", "4000000000009987", "index@screening.example"),
    ("stale", "+12025550195", "4000000000009979", "stale@screening.example"),
    ("audit", "+12025550194", "4000000000000069", "audit@screening.example"),
    ("overloaded", "+12025550193", "4000000000000127", "overloaded@screening.example"),
    ("store", "+12025550192", "4000000000000119", "store@screening.example"),
    ("slow", "+12025550191", "4000000000000341", "slow@screening.example"),
)

TEST_SELECTORS: Final = {
    outcome: (normalise("phone", phone), normalise("card", card), normalise("email", email))
    for outcome, phone, card, email in _SPELLED
}
"""What is told of them -> phone, card, e-mail; docs/test-mode.md has them in a table."""

LISTED_FOR_TEST_KEYS: Final = {
    one: outcome
    for outcome, selectors in TEST_SELECTORS.items()
    if outcome != "no_match"
    for one in selectors
}
"""What an index of a test key lists, and what is told of it."""
