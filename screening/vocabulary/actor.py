"""Who asks on a partner's behalf: an opaque id of the partner's own, which goes on record.

Never a name, an address or a number that somebody could be found by: the journal must not become a
register of a partner's staff. That cannot be told of any text, but what would most easily slip in
is refused: an address by its `@`, words by having no digit, numbers by having no letter.
"""

import re
from typing import Annotated, Final

import msgspec

from screening.vocabulary.errors import InvalidRequest

ACTOR_MAX_CHARACTERS: Final = 64
# A letter and a digit at least, in either order, among letters, digits, and the marks . _ and -.
# The line feed that `$` would let through is refused first, in the contract as well.
_SPELLING: Final = (
    r"^(?!.*\n)([._-]*[A-Za-z][A-Za-z._-]*[0-9]|[._-]*[0-9][0-9._-]*[A-Za-z])[A-Za-z0-9._-]*$"
)

ActorText = Annotated[
    str,
    msgspec.Meta(
        pattern=_SPELLING, min_length=2, max_length=ACTOR_MAX_CHARACTERS, examples=["desk-7f3a"]
    ),
]


def require_actor(text: str) -> str:
    """Return `text` where it may be an actor; raises `InvalidRequest`, which does not repeat it."""
    if len(text) <= ACTOR_MAX_CHARACTERS and re.fullmatch(_SPELLING.rstrip("$"), text):
        return text
    raise InvalidRequest(
        "an actor has a letter and a digit at least, and no more than 64 of A-Z a-z 0-9 . _ and -;"
        " give an id of your own, and never a name, an address or a number"
    )
