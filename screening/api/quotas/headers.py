"""`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).

Numbers that change have leading zeros, which a structured field may have (RFC 9651, section 3.3.1):
an answer is as long as any other to the same number of selectors.
"""

from typing import Final

from screening.api.quotas.budgets import MATCHES_WINDOW_DAYS, Given
from screening.vocabulary.errors import QuotaExceeded
from screening.vocabulary.unix_time import DAY_S

Header = tuple[bytes, bytes]

_MATCHES_WINDOW_S: Final = MATCHES_WINDOW_DAYS * DAY_S


def policy_header(given: Given) -> Header:
    """Return what a partner was given."""
    policies = (
        b'"second";q=%d;w=1' % given.rate.per_second,
        b'"day";q=%d;w=%d' % (given.seen.selectors, DAY_S),
        b'"matches";q=%d;w=%d' % (given.matched.selectors, _MATCHES_WINDOW_S),
    )
    return b"ratelimit-policy", b", ".join(policies)


def limit_header(left_today: int, day_ends_in_s: int) -> Header:
    """Return what is left of the day; never what is left of the matches."""
    return b"ratelimit", b'"day";r=%012d;t=%05d' % (left_today, day_ends_in_s)


def refusal_headers(error: QuotaExceeded) -> list[Header]:
    """Return which budget is used up, and when to come again."""
    if error.policy is None:
        return []
    limit = b'"%b";r=0;t=%d' % (error.policy.encode(), error.retry_after_s)
    return [(b"ratelimit", limit)]
