"""What is said below a selector in its paragraph: a form has the phone first, and then whose it is.

```
Phone: +1 202-555-0150
Name: Anna
Status: victim
```
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from screening.importers.headings import NO_LEVEL, marked_level
from screening.importers.spoken import (
    Line,
    gravest,
    heads_others,
    whom_told_in_form,
    whom_told_in_line,
)
from screening.importers.whom import Whom

_ADDITION: Final = re.compile(r"\s*(?:[(\[\-\u2013\u2014<^]|[a-z])")
"""How a line begins that goes on from the one above it."""
_LABEL_WITH_VALUE: Final = re.compile(r"[^:\uff1a]{1,40}[:\uff1a]\s*\S")
_MOST_HELD_LINES: Final = 1_000
"""So far down is heard; a text without blank lines may be endless."""


@dataclass(slots=True)
class _Form:
    """The lines about one person: their selectors, and what stands below the first of these."""

    kinds: set[str] = field(default_factory=set)
    is_described: bool = False
    told: Whom | None = None
    headed: Whom | None = None
    """Of whom the last line speaks where it may be the heading of what comes."""

    def goes_on_with(self, line: Line) -> bool:
        """Tell whether the next line is of the same person."""
        if line.kinds:
            return not self.is_described or self.kinds.isdisjoint(line.kinds)
        marked = marked_level(line.text)
        if marked is not None and marked < NO_LEVEL:
            return False
        # `Suspect: unknown` is a line of a form about somebody else.
        return bool(_LABEL_WITH_VALUE.match(line.text)) or not heads_others(line.text)

    def take_in(self, line: Line, today: date) -> None:
        if line.kinds:
            self.kinds |= line.kinds
            self.headed = None
            return
        self.close()
        self.is_described = True
        told = whom_told_in_form(line, today=today)
        if marked_level(line.text) is None:
            self.told = gravest((self.told, told))
        else:
            self.headed = told

    def close(self) -> None:
        self.told = gravest((self.told, self.headed))
        self.headed = None

    def __repr__(self) -> str:
        return "_Form(...)"


@dataclass(slots=True)
class _Held:
    """A line for which those below it are still to come."""

    form: _Form | None
    has_selector: bool
    added: Whom | None = None

    @property
    def whom(self) -> Whom | None:
        return gravest((self.added, self.form.told if self.form else None))


def told_below(lines: Iterable[Line], today: date) -> Iterator[Whom | None]:
    """Yield of each line of whom what stands below it speaks, but of offenders.

    That is an addition to it (`(the girl's phone)`), and all up to a blank line, a heading of
    others, or the next selector: one of a kind that was there before, with something between them.
    By a birth somebody has to be of age `today`.
    """
    held: deque[_Held] = deque()
    form: _Form | None = None
    last = 0
    for line in lines:
        is_next = line.number == last + 1
        last = line.number
        if is_next and held and held[-1].has_selector and _ADDITION.match(line.text):
            held[-1].added = whom_told_in_line(line, today=today)
        if form is not None and not (is_next and form.goes_on_with(line)):
            form.close()
            form = None
        while held and (held[0].form is not form or form is None):
            yield held.popleft().whom
        if form is None and line.kinds:
            form = _Form()
        if form is not None:
            form.take_in(line, today)
        held.append(_Held(form, has_selector=bool(line.kinds)))
        if len(held) > _MOST_HELD_LINES:
            yield held.popleft().whom
    if form is not None:
        form.close()
    yield from (one.whom for one in held)
