"""Numbers within a text: which may be phones, by how they are written and by what names them."""

import re
from collections.abc import Iterator
from typing import Final

from screening.vocabulary.column_names import kinds_named
from screening.vocabulary.measures import is_measure
from screening.vocabulary.other_columns import names_id
from screening.vocabulary.plain_text import count_digits, plain
from screening.vocabulary.selector import SelectorKind

_UNMISTAKABLE_PHONE: Final = re.compile(
    r"(?=[0(])(?:[ ().\-/]{0,3}[0-9]){10,15}"
    r"|(?:1[ .\-])?(?:[0-9]{3}[ .\-]|\([0-9]{3}\) ?)[0-9]{3}[ .\-][0-9]{4}"
)
"""One that nothing else looks like, though nobody says of which country."""
_DIGIT_RUN: Final = re.compile(r"[+(]{0,2}[0-9](?:[ ().\-/]{0,3}[0-9]){6,}")
_GROUP: Final = re.compile(r"[+(]{0,2}[0-9](?:[().\-/]{0,3}[0-9])*")
"""What no space parts: in `9-17 020 7946 0958` the first is none of a phone."""
_OF_CARDS: Final = 4
"""Digits in each group of cards and accounts, of which no part is a phone."""
_MOST_DIGITS: Final = 15
_TAX_NUMBER: Final = re.compile(r"[0-9]{2,3}/[0-9]{3}/[0-9]{4,5}")
"""As German tax offices write theirs; no phone has two strokes there."""
_AIRLINE: Final = re.compile(r"(?<![^\W\d_])[A-Z]{2}\Z")
"""Before the number of a flight, `BA0123 14.05.26`; people's names are longer."""
_HUNG_BEFORE: Final = re.compile(r"[^\W_][\-_/#]?\Z")
_HANGING: Final = re.compile(r"[\w\-/.]+")
_LONGEST_LABEL: Final = 20


def lacks_only_region(value: str) -> bool:
    """Tell whether `value` is a phone as people write them, of a country that nobody says."""
    text = plain(value)
    is_written_so = bool(_UNMISTAKABLE_PHONE.fullmatch(text)) and not is_measure(text)
    return is_written_so and not _TAX_NUMBER.fullmatch(text)


def phone_runs(text: str) -> Iterator[re.Match[str]]:
    """Yield the digits in `text` that may be a phone: not those of `BK-2025-044852`.

    Letters at which digits hang name them, and only those of a phone do so: `Tel02079460958`.
    Where spaces part a run, any of its groups may begin or end one: `Room 12 020 7946 0958`.
    """
    place = 0
    while run := _DIGIT_RUN.search(text, place):
        before = words_before(text, run)
        if not _is_hung(run[0], before) or is_labelled(before):
            yield from _phones_within(run)
            place = run.end()
        else:
            hanging = _HANGING.match(text, run.start())
            place = run.end() if hanging is None else hanging.end()


def _phones_within(run: re.Match[str]) -> Iterator[re.Match[str]]:
    """Yield the groups of a run, and those that follow each other, of as many digits as a phone."""
    groups = list(_GROUP.finditer(run.string, run.start(), run.end()))
    if len(groups) > 2 and all(len(group[0]) == _OF_CARDS for group in groups):
        groups = [run]
    for first, begin in enumerate(groups):
        digits = 0
        for end in groups[first : first + _MOST_DIGITS]:
            digits += count_digits(end[0])
            if digits > _MOST_DIGITS:
                break
            found = _DIGIT_RUN.fullmatch(run.string, begin.start(), end.end())
            if found is not None:
                yield found


def _is_hung(run: str, before: str) -> bool:
    if run.startswith(("(", "+")) or not _HUNG_BEFORE.search(before):
        return False
    is_written_as_none = run.isdecimal() or not lacks_only_region(run) or _AIRLINE.search(before)
    return bool(is_written_as_none) or not before[-1].isalpha()  # unlike `Ann202-555-0142`


def is_called_id(text: str, run: re.Match[str]) -> bool:
    """Tell whether the last word before a number says that it is none of a phone: `invoice 12`."""
    words = words_before(text, run).split()
    return bool(words) and names_id(words[-1])


def words_before(text: str, run: re.Match[str]) -> str:
    """Return what stands before a number, as far as a label of it may reach."""
    return text[max(0, run.start() - _LONGEST_LABEL) : run.start()]


def is_labelled(before: str) -> bool:
    """Tell whether the last word before a number says that it is a phone: `Tel. 2025550142`."""
    words = before.split()
    return bool(words) and SelectorKind.PHONE in kinds_named(words[-1])
