"""In which country a booking is made, as far as the partner knows: for matches alone.

A country and nothing finer: all that it is for is to see one phone in places far apart. It is
no part of what a phone is completed by, which is called `region` and leaves no partner's machine.
"""

from typing import Annotated, Final

import msgspec

from screening.vocabulary.errors import InvalidRequest

# ISO 3166-1 alpha-2, by the first letter; the codes that ISO has assigned in November 2026, and
# XK, by which Kosovo goes with the European Union and in phone metadata.
_SECOND_LETTERS: Final = {
    "A": "DEFGILMOQRSTUWXZ",
    "B": "ABDEFGHIJLMNOQRSTVWYZ",
    "C": "ACDFGHIKLMNORUVWXYZ",
    "D": "EJKMOZ",
    "E": "CEGHRST",
    "F": "IJKMOR",
    "G": "ABDEFGHILMNPQRSTUWY",
    "H": "KMNRTU",
    "I": "DELMNOQRST",
    "J": "EMOP",
    "K": "EGHIMNPRWYZ",
    "L": "ABCIKRSTUVY",
    "M": "ACDEFGHKLMNOPQRSTUVWXYZ",
    "N": "ACEFGILOPRUZ",
    "O": "M",
    "P": "AEFGHKLMNRSTWY",
    "Q": "A",
    "R": "EOSUW",
    "S": "ABCDEGHIJKLMNORSTVXYZ",
    "T": "CDFGHJKLMNORTVWZ",
    "U": "AGMSYZ",
    "V": "ACEGINU",
    "W": "FS",
    "X": "K",
    "Y": "ET",
    "Z": "AMW",
}
BOOKING_REGIONS: Final = frozenset(
    first + second for first, seconds in _SECOND_LETTERS.items() for second in seconds
)
_SPELLING: Final = (
    "^(" + "|".join(f"{first}[{seconds}]" for first, seconds in _SECOND_LETTERS.items()) + ")$"
)

BookingRegionText = Annotated[
    str,
    # The length too: `$` alone would let a line feed through.
    msgspec.Meta(pattern=_SPELLING, min_length=2, max_length=2, examples=["DE"]),
]


def require_booking_region(text: str) -> str:
    """Return `text` where it may be a booking's region; raises `InvalidRequest`, without it."""
    if text in BOOKING_REGIONS:
        return text
    raise InvalidRequest(
        "a booking's region is a country by its ISO 3166-1 alpha-2 code in capitals, such as DE;"
        " leave it out where you do not know it"
    )
