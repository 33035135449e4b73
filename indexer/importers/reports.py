"""What reports of MISP and STIX say of the selectors they name: "+1 202-555-0134 is the victim's".

A report is a page, of Markdown perhaps, about many people. It is read by lines, not by sentences:
one says "her number" of whom the sentence before it tells.
"""

import re
from collections.abc import Iterator
from typing import Final

from indexer.importers.headings import NO_LEVEL, is_short, marked_level
from indexer.importers.whom import Whom, whom_told

_TAIL_DIGITS: Final = 7
"""By which a number is known in a text, written with its country's code or without."""
_BETWEEN_WORDS: Final = re.compile(r"[\s<>()\[\]{},;:\"'|*`]+")
_AROUND_A_WORD: Final = ".!?_-"


def told_in_report(title: str, content: str) -> Iterator[tuple[str, set[Whom]]]:
    """Yield what a line of a report names, and whom this line, its heading or the title tells of.

    Named are addresses, the ends of numbers, and UUIDs, as in `@[attribute](...)`.
    """
    titled = whom_told([title])
    headings: list[tuple[int, set[Whom]]] = []
    for line in content.splitlines():
        told = whom_told([line])
        level = _level_of(line, told)
        if level is not None:
            headings = [one for one in headings if one[0] < level]
            headings.append((level, told))
        told = titled.union(told, *(above for _, above in headings))
        if told:
            yield from ((name, told) for name in _names_in(line))


def _level_of(line: str, told: set[Whom]) -> int | None:
    """Return how deep a line stands as a heading, from 1; None of a line that is none.

    A short line that names nobody and tells of somebody is one, with marks or without.
    """
    is_heading = bool(told) and is_short(line) and not selector_name(line)
    return marked_level(line) or (NO_LEVEL if is_heading else None)


def selector_name(value: str) -> str:
    """Return how a selector is named among what a report names; empty where it cannot be known."""
    if "@" in value:
        return value.strip().lower()
    digits = _digits_of(value)
    return digits[-_TAIL_DIGITS:] if len(digits) >= _TAIL_DIGITS else ""


def _names_in(line: str) -> Iterator[str]:
    for word in _BETWEEN_WORDS.split(line.lower()):
        yield word.strip(_AROUND_A_WORD)
    digits = _digits_of(line)
    # Where one number ends and another begins is not asked: each end is looked for everywhere.
    for start in range(len(digits) - _TAIL_DIGITS + 1):
        yield digits[start : start + _TAIL_DIGITS]


def _digits_of(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())
