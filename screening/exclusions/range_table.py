"""Which of many ranges holds a number: sorted once, then one bisection for each shape of range."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from screening.exclusions.digit_range import DigitRange, Places, digits_at
from screening.exclusions.rules import Rule


class _Span(NamedTuple):
    """A rule's numbers; of two spans that hold a number, the smaller one in this order tells."""

    size: int
    order: int  # no two are the same, so that no comparison goes on to the rule
    first: int
    last: int
    rule: Rule


class _Shape(NamedTuple):
    """The spans with `x` at the same places: each of `owners` holds from its start to the next."""

    places: Places
    starts: list[int]
    owners: list[_Span | None]


class RangeTable:
    """The rules of match `range` of one kind."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Of ranges that are equally narrow, the first in `rules` is found."""
        spans: defaultdict[tuple[int, Places], list[_Span]] = defaultdict(list)
        for order, rule in enumerate(rules):
            numbers = DigitRange.of(rule.value)
            span = _Span(numbers.size, order, *numbers.bounds, rule)
            spans[len(numbers.first), numbers.places].append(span)
        self._shapes: dict[int, list[_Shape]] = {}
        for (length, places), alike in spans.items():
            self._shapes.setdefault(length, []).append(_shape(places, alike))

    def find(self, number: str) -> Rule | None:
        """Return the rule of the narrowest range that holds a canonical form."""
        found: _Span | None = None
        for places, starts, owners in self._shapes.get(len(number), ()):
            span = owners[bisect_right(starts, digits_at(number, places)) - 1]
            if span is not None and (found is None or span < found):
                found = span
        return found.rule if found is not None else None


def _shape(places: Places, spans: Sequence[_Span]) -> _Shape:
    """Cut the spans, which may overlap, into pieces that do not, each with its narrowest span."""
    starts: list[int] = [-1]  # before all numbers, so that every number has a piece
    owners: list[_Span | None] = [None]
    ahead = sorted(spans, key=lambda span: span.first, reverse=True)
    around: list[_Span] = []
    for edge in sorted({edge for span in spans for edge in (span.first, span.last + 1)}):
        while ahead and ahead[-1].first == edge:
            heappush(around, ahead.pop())
        while around and around[0].last < edge:
            heappop(around)
        owner = around[0] if around else None
        if owner is not owners[-1]:
            starts.append(edge)
            owners.append(owner)
    return _Shape(places, starts, owners)
