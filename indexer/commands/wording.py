"""How commands word numbers, days, moments, ages and roles."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import rich_click as click

from screening.vocabulary.unix_time import duration

if TYPE_CHECKING:
    from screening.registry.record import Scope

ROLE: Final = click.Choice(
    ("trafficker", "facilitator", "buyer", "business", "victim", "disputed", "unknown"),
    case_sensitive=False,
)
"""The values of `Role`, which takes longer to import than --help to be shown."""


def scopes_of(text: str) -> "list[Scope]":
    """Read the scopes of a key; raises `click.BadParameter`."""
    from screening.registry.record import SCOPES

    wanted = [scope.strip() for scope in text.split(",")]
    if not set(wanted) <= set(SCOPES):
        raise click.BadParameter(
            "the scopes are check and bulk, separated by a comma", param_hint="'--scopes'"
        )
    return [scope for scope in SCOPES if scope in wanted]


def counted(number: int, one: str, many: str) -> str:
    """Return a number with what it counts, `one` where it is 1: `1 entry has`, `2 entries have`."""
    return f"{number:,} {one if number == 1 else many}"


def rate_in_words(per_second: int, burst: int | None) -> str:
    """Return a rate, whose burst is a second's where None: `50 selectors a second, 50 at once`."""
    return (
        f"{counted(per_second, 'selector', 'selectors')} a second, {burst or per_second:,} at once"
    )


def matches_counted_anew(whose: str, partner: str) -> str:
    """Return what new keys or a new pepper mean for the budget of matches of `partner`."""
    return (
        f"matches {whose} are counted anew beside those before: who is found again with the new "
        "keys counts twice for 30 days; where that could pass the budget, run indexer partner "
        f"limits {partner} --matches N, or indexer partner lift {partner} once it is held"
    )


def day(seconds: int) -> str:
    """Return the UTC day of Unix `seconds`: `2026-12-31`."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def moment(seconds: int) -> str:
    """Return Unix `seconds` in full: `2026-12-31 12:00:00 UTC`."""
    return f"{datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)} UTC"


def age(seconds: int) -> str:
    """Return how long ago Unix `seconds` was, or how far it lies in the future: `5 min ago`."""
    passed = int(time.time()) - seconds
    return f"{duration(passed)} ago" if passed >= 0 else f"{duration(-passed)} in the future"
