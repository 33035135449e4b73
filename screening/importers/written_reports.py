"""What reports of MISP and STIX say of the selectors they name: "+1 202-555-0134 is the victim's".

A report is a page, of Markdown perhaps, about many people. It is read by lines, not by sentences:
one says "her number" of whom the sentence before it tells.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from screening.importers.finding import without_findings
from screening.importers.selector_finder import find_selectors
from screening.importers.spoken import Line, Spoken
from screening.importers.told_below import told_below
from screening.importers.whom import Whom, whom_told

_TAIL_DIGITS: Final = 7
"""By which a number is known in a text, written with its country's code or without."""
_BETWEEN_WORDS: Final = re.compile(r"[\s<>()\[\]{},;:\"'|*`]+")
_AROUND_A_WORD: Final = ".!?_-"


def told_in_report(title: str, content: str, *, today: date) -> Iterator[tuple[str, Whom]]:
    """Yield what a line of a report names, and whom this line, or what stands above it, tells of.

    Named are addresses, the ends of numbers, and UUIDs, as in `@[attribute](...)`. By a birth
    somebody has to be of age `today`.
    """
    titled = whom_told([title], today=today)
    spoken = Spoken(today)
    lines = [
        _line_of(number, text)
        for number, text in enumerate(content.splitlines(), start=1)
        if text.strip()
    ]
    for line, below in zip(lines, told_below(lines, today), strict=True):
        told = spoken.whom_told(line, below)
        for whom in titled if told is None else {*titled, told}:
            yield from ((name, whom) for name in _names_in(line.text))


def selector_name(value: str) -> str:
    """Return how a selector is named among what a report names; empty where it cannot be known."""
    if "@" in value:
        return value.strip().lower()
    digits = _digits_of(value)
    return digits[-_TAIL_DIGITS:] if len(digits) >= _TAIL_DIGITS else ""


def _line_of(number: int, text: str) -> Line:
    """Return a line with the kinds of what it may name; days and papers are none."""
    if not selector_name(text):
        return Line(number, text, frozenset(), is_empty=True, beside=text)
    found = find_selectors(text)
    kinds = frozenset(str(one.kind) for one in found if one.outcome != "no_phone_label")
    return Line(number, text, kinds, is_empty=False, beside=without_findings(text, found))


def _names_in(line: str) -> Iterator[str]:
    for word in _BETWEEN_WORDS.split(line.lower()):
        yield word.strip(_AROUND_A_WORD)
    digits = _digits_of(line)
    # Where one number ends and another begins is not asked: each end is looked for everywhere.
    for start in range(len(digits) - _TAIL_DIGITS + 1):
        yield digits[start : start + _TAIL_DIGITS]


def _digits_of(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())
