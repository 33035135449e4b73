"""The permanent test selectors, and what an answer to them comes to."""

from typing import Final

import httpx

from indexer.index.list_for_test_keys import TEST_SELECTORS

Selector = tuple[str, str]

SELECTORS: Final[dict[str, tuple[Selector, ...]]] = {
    outcome: tuple((one.kind.value, one.text) for one in selectors)
    for outcome, selectors in TEST_SELECTORS.items()
}
"""Outcome -> phone, card, e-mail."""
REASONS: Final = ("index", "stale", "audit", "overloaded", "store")
AT_ONCE: Final = tuple(outcome for outcome in SELECTORS if outcome != "slow")


def outcome_of(response: httpx.Response) -> str:
    """Name what came back: the result, the code, or the reason of a 503."""
    document = response.json()
    name = {200: "result", 429: "code", 503: "reason"}[response.status_code]
    return str(document[name])
