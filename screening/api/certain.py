"""What is certain of a question whose digests were confirmed, and what is not known besides."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from screening.vocabulary.errors import UnavailableReason
from screening.vocabulary.selector import IndexDigest


class Certain(NamedTuple):
    """The matches that are certain, by row, and what keeps others from being known, if anything.

    `is_slow` where a test key has asked for an answer that takes long.
    """

    matches: Mapping[int, IndexDigest]
    trouble: UnavailableReason | None
    is_slow: bool = False


NOTHING_CERTAIN: Final = Certain({}, None)
