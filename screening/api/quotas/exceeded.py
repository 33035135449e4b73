"""What is said to who asks for more than it may."""

from typing import Final

from screening.vocabulary.errors import QuotaExceeded

_A_PERSON_LOOKS_S: Final = 3_600
"""Nothing changes by itself: to be asked again before a person has looked is no use."""


class TooFast(QuotaExceeded):
    """Who asks faster than its rate; for `wait_s` any other question is refused, too."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(
            "too many selectors a second; wait as Retry-After says, or ask your operator for a "
            "higher rate",
            policy="second",
            retry_after_s=int(wait_s) + 1,
        )
        self.wait_s = wait_s


def too_often(retry_after_s: int) -> QuotaExceeded:
    """Refuse who asks more often than its rate for what costs no selector."""
    return QuotaExceeded(
        "asked too often; wait as Retry-After says", policy="second", retry_after_s=retry_after_s
    )


def too_fast_with_this_key(retry_after_s: int) -> QuotaExceeded:
    """Refuse who asks faster than the rate of its API key."""
    return QuotaExceeded(
        "too many selectors a second with this API key; wait as Retry-After says",
        policy="key",
        retry_after_s=retry_after_s,
    )


def day_is_used_up(retry_after_s: int) -> QuotaExceeded:
    """Refuse who asks about more different selectors than are left of a day."""
    return QuotaExceeded(
        "the budget of different selectors a day does not cover this; ask about fewer, wait until "
        "Retry-After has passed, or ask your operator for more",
        policy="day",
        retry_after_s=retry_after_s,
    )


def held() -> QuotaExceeded:
    """Refuse who has used up its matches, until a person has lifted that."""
    return QuotaExceeded(
        "so many different selectors have matched that a person has to look at it; write to your "
        "operator",
        policy="matches",
        retry_after_s=_A_PERSON_LOOKS_S,
    )


def too_many_match(retry_after_s: int = _A_PERSON_LOOKS_S) -> QuotaExceeded:
    """Keep an answer back that tells of more matches than are left."""
    return QuotaExceeded(
        "more of these have matched than the budget of different matches has left; ask about fewer "
        "at a time where there were several, or write to your operator",
        policy="matches",
        retry_after_s=retry_after_s,
    )
