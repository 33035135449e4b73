"""What a partner fetches of notices, as it travels."""

from typing import Annotated, Final, Literal

import msgspec

NOTICES_AT_ONCE: Final = 50
NUMBER_MAX: Final = (1 << 53) - 1
"""As large as a number in JSON is the same to everybody (RFC 8259, section 6)."""


class Retracted(msgspec.Struct, frozen=True):
    """That what a row matched was false, and is off the list.

    `receipt` is `RECEIPT.i`, as its partner was given it; `number` grows with each; `at` is
    RFC 3339, UTC.
    """

    number: Annotated[int, msgspec.Meta(ge=1, le=NUMBER_MAX)]
    receipt: str
    notice: Literal["retracted"]
    at: str


class Notices(msgspec.Struct, frozen=True):
    """`GET /v1/notices`: the next ones, and behind which to ask for those after them.

    `has_more` where there are more already. Without any, `next` is what was asked with.
    """

    notices: list[Retracted]
    next: int
    has_more: bool
