"""Ranges of phone or card numbers: their one representation, and how people may write them.

A range is two numbers of equal length, both included. A prefix is not kept as such: E.164 numbers
with one prefix differ in length, so that nobody could say how many it covers. Whoever means one
writes it with its length, `+1 202 555 xxxx`, and gets `+12025550000..+12025559999`. An `x` that is
left inside both ends stands for any digit: `+1xxx5550100..+1xxx5550199` are one hundred numbers in
every area code of the North American plan.
"""

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers

from screening.vocabulary.errors import NotCanonical, OperatorError
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import SelectorKind

Places = tuple[tuple[int, int], ...]
"""Parts of a text: where each begins, and where what follows it does."""

ANY_DIGIT: Final = "x"

_BETWEEN: Final = ".."
_SEPARATORS: Final = re.compile("[ .()\\-\u2010-\u2015]")
_PHONE_END: Final = re.compile(r"\+[0-9x]{4,15}")  # E.164 has fifteen digits at most
_CARD_END: Final = re.compile(r"[0-9x]{12,19}")  # the lengths that the normaliser takes
_PROBE: Final = "2"  # a digit that may stand at every place of a number


@dataclass(frozen=True, slots=True, repr=False)
class DigitRange:
    """All numbers from `first` to `last`, of the same length as both; made by `parse_digit_range`.

    Both are spelled as canonical forms are, with `x` at the same places, none of them at the end.
    """

    first: str
    last: str

    @classmethod
    def of(cls, value: str) -> "DigitRange":
        """Return the range of a rule's `value`, which `text` has written."""
        first, _, last = value.partition(_BETWEEN)
        return cls(first, last)

    @property
    def text(self) -> str:
        """Its one spelling."""
        return f"{self.first}{_BETWEEN}{self.last}"

    @property
    def places(self) -> Places:
        """Where in a number, behind its sign, the digits stand that are no `x`; at least one."""
        return tuple(run.span() for run in re.finditer("[0-9]+", self.first))

    @property
    def bounds(self) -> tuple[int, int]:
        """What the first and the last number are, read at `places` only."""
        return digits_at(self.first, self.places), digits_at(self.last, self.places)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        first, last = self.bounds
        return int((last - first + 1) * 10 ** self.first.count(ANY_DIGIT))

    @property
    def country_code(self) -> str:
        """The digits after the `+` of phones that name the country or plan."""
        number = phonenumbers.parse(self.first.replace(ANY_DIGIT, _PROBE), None)
        return str(number.country_code)


def digits_at(number: str, places: Places) -> int:
    """Return the digits of `number` from each start to before its end, read as one number."""
    return int("".join([number[start:end] for start, end in places]))


def parse_digit_range(kind: SelectorKind, written: str, *, region: str | None) -> DigitRange:
    """Return the range that a person has written, as `FROM..TO` or as one number with `x` in it.

    Raises `OperatorError` with a sentence that says what to write instead.
    """
    ends = [_end(kind, end, region) for end in written.lower().split(_BETWEEN)]
    if len(ends) == 1 and ANY_DIGIT in ends[0]:
        ends *= 2
    if len(ends) != 2:
        raise OperatorError("a range is FROM..TO, or one number with x for any digit; write it so")
    if len(ends[0]) != len(ends[1]):
        raise OperatorError("the ends of a range differ in length; write a range for each length")
    found = DigitRange(_without_tail(ends[0], "0"), _without_tail(ends[1], "9"))
    _check(kind, found)
    return found


def _end(kind: SelectorKind, written: str, region: str | None) -> str:
    if kind is SelectorKind.PHONE and ANY_DIGIT not in written:
        return _normalised(written, region)
    compact = _SEPARATORS.sub("", written)
    if kind is SelectorKind.PHONE and not _PHONE_END.fullmatch(compact):
        raise OperatorError("an end of the range is no number with +; write +, digits and x only")
    # The normaliser has no part in cards: most ends of a range have a wrong check digit.
    if kind is SelectorKind.CARD and not _CARD_END.fullmatch(compact):
        raise OperatorError("an end of the range is no card number; write 12 to 19 digits or x")
    return compact


def _without_tail(end: str, digit: str) -> str:
    return end.rstrip(ANY_DIGIT).ljust(len(end), digit)


def _check(kind: SelectorKind, found: DigitRange) -> None:
    places = [
        [at for at, c in enumerate(end) if c == ANY_DIGIT] for end in (found.first, found.last)
    ]
    if places[0] != places[1]:
        raise OperatorError("the ends of a range have x at different places; write two ranges")
    first, last = found.bounds
    if first > last:
        raise OperatorError("the range ends before it begins; write the smaller number first")
    if kind is not SelectorKind.PHONE:
        return
    for end in (found.first, found.last):
        probe = end.replace(ANY_DIGIT, _PROBE)
        if _normalised(probe, None) != probe:
            raise OperatorError(
                "an end of the range is not as numbers are stored; write its full national number"
            )
    if not all(end.startswith(f"+{found.country_code}") for end in (found.first, found.last)):
        raise OperatorError("the range goes past one country code; write a range for each country")


def _normalised(phone: str, region: str | None) -> str:
    try:
        return normalise(SelectorKind.PHONE, phone, region=region).text
    except NotCanonical as refused:
        raise OperatorError(f"an end of the range is not taken: {refused}") from None
