"""What the reports of MISP events say of selectors: "+1 202-555-0134 is the victim's".

A report is a page of Markdown about many people. It is read by lines, not by sentences: one says
"her number" of whom the sentence before it tells.
"""

import re
from collections.abc import Iterator
from typing import Final

from indexer.importers.json_document import Object, text_of
from indexer.importers.whom import Whom, whom_told

_TAIL_DIGITS: Final = 7
"""By which a number is known in a text, written with its country's code or without."""
_BETWEEN_WORDS: Final = re.compile(r"[\s<>()\[\]{},;:\"'|*`]+")
_AROUND_A_WORD: Final = ".!?_-"
_HEADING: Final = re.compile(r"\s*#")
_COLONS: Final = (":", "\uff1a")


def told_in_report(report: Object) -> Iterator[tuple[str, set[Whom]]]:
    """Yield what a line of a report names, and whom this line, its heading or the title tells of.

    Named are addresses, the ends of numbers, and UUIDs, as in `@[attribute](...)`.
    """
    title = whom_told([text_of(report, "name")])
    heading: set[Whom] = set()
    for line in text_of(report, "content").splitlines():
        told = whom_told([line])
        if _HEADING.match(line) or line.rstrip().endswith(_COLONS):
            heading = told
        told = title | heading | told
        if told:
            yield from ((name, told) for name in _names_in(line))


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
